"""The files and templates of `asterisk/`, as they stand in the directory of Asterisk's configuration."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template

_REPEATED = ("agent.conf.in", "edge_agent.conf.in", "music_class.conf.in")
"""Templates that stand for one entry of a list."""
_TRUNK, _EDGE_TRUNK = "trunk.conf.in", "edge_trunk.conf.in"
"""The template of the trunk, and that which takes its place where the trunk comes through an edge."""
_PRIVATE = "asterisk.conf.in"
"""The template that only a private Asterisk takes."""


def static(source: Path) -> dict[str, str]:
    """Return the files that are the same everywhere, by name."""
    etc = source / "etc"
    return {str(path.relative_to(etc)): path.read_text() for path in etc.rglob("*.conf")}


def single(source: Path, values: Mapping[str, object], *, private: bool = False, edge: bool = False) -> dict[str, str]:
    """Return the filled templates that stand for one file each, by name. ``private``: also that of a private
    Asterisk. ``edge``: the PBX is behind an edge."""
    etc = source / "etc"
    left_out = {*_REPEATED, _TRUNK if edge else _EDGE_TRUNK, *(() if private else (_PRIVATE,))}
    wanted = (path for path in etc.rglob("*.conf.in") if path.name not in left_out)
    found = {str(path.relative_to(etc)).removesuffix(".in"): _fill(path, values) for path in wanted}
    if edge:
        found["cti/trunk.conf"] = found.pop("cti/edge_trunk.conf")
    return found


def phones(source: Path, agents: Iterable[Mapping[str, object]]) -> str:
    """Return the file of the agents' phones. Those with an ``edge`` register there."""
    cti = source / "etc" / "cti"
    return "".join(
        _fill(cti / ("edge_agent.conf.in" if agent.get("edge") else "agent.conf.in"), agent) for agent in agents
    )


def music(source: Path, classes: Mapping[str, Path]) -> str:
    """Return the file of the classes of hold music: name → directory."""
    template = source / "etc" / "cti" / "music_class.conf.in"
    return "".join(_fill(template, {"name": name, "directory": directory}) for name, directory in classes.items())


def emergency(source: Path, numbers: Iterable[str]) -> str:
    """Return the dialplan of the emergency numbers, with these numbers in place of the sample's."""
    sample = (source / "etc" / "cti" / "emergency.conf").read_text()
    head = re.sub(r"^exten .*\n", "", sample, flags=re.MULTILINE)
    return head + "".join(f"exten => {number},1,Goto(cti-emergency-call,${{EXTEN}},1)\n" for number in sorted(numbers))


def escaped(value: str) -> str:
    """Return a value as Asterisk reads it: a semicolon begins a comment, unless a backslash stands before it."""
    return value.replace(";", "\\;")


def _fill(template: Path, values: Mapping[str, object]) -> str:
    return Template(template.read_text()).substitute(values)
