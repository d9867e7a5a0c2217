"""``cti-bridge pbx-config``: writes the PBX's files, or shows what would change."""

import argparse
import asyncio
from pathlib import Path

from cti_bridge.exit_codes import ExitCode
from cti_bridge.pbx_files.differences import changed, present, shown
from cti_bridge.pbx_files.of_settings import OWN_TRUNK, TRUNK, CannotBeWritten, agents, files, in_the_page
from cti_bridge.pbx_files.passwords import passwords_in
from cti_bridge.pbx_files.reloading import carry_out, commands
from cti_bridge.pbx_files.writing import write
from cti_bridge.settings import Settings
from cti_bridge.shared_files import NoSharedFiles, shared_files
from cti_bridge.terminal import complain, say

DIRECTORY = Path("/etc/asterisk")
PHONES = "cti/agents.conf"


def pbx_config(settings: Settings, arguments: argparse.Namespace) -> int:
    """Write the files, or show the differences. Return the exit code."""
    try:
        name = _name(settings, arguments.pbx)
        return _pbx_config(settings, name, arguments)
    except (CannotBeWritten, NoSharedFiles) as error:
        complain(str(error))
        return ExitCode.WRONG_USE
    except OSError as error:
        complain(f"{error.filename}: {error.strerror}")
        return ExitCode.FAILED


def _pbx_config(settings: Settings, name: str, arguments: argparse.Namespace) -> int:
    directory: Path = arguments.to
    if not directory.is_dir():
        complain(f"{directory} is no directory; name that of Asterisk's configuration with --to")
        return ExitCode.FAILED
    known = passwords_in(present(directory, {PHONES: ""}).get(PHONES, ""))
    wanted = files(settings, name, shared_files() / "asterisk", known, whole=arguments.whole)
    there = present(directory, wanted)
    if wanted[TRUNK] == OWN_TRUNK and TRUNK in there:
        del wanted[TRUNK]
    names = changed(directory, wanted, there)
    if arguments.diff:
        for file in names:
            say("\n".join(shown(directory, file, there.get(file, ""), wanted[file])))
        return ExitCode.FAILED if names else ExitCode.OK
    write(directory, wanted, names)
    say("\n".join(f"{directory / file}: written" for file in names) or f"{directory}: nothing has changed")
    _say_new(settings, name, known, directory)
    return _tell_asterisk(settings, name, names, reload=arguments.reload)


def _name(settings: Settings, chosen: str | None) -> str:
    """Return the PBX that is meant. Raises CannotBeWritten."""
    if chosen is None and len(settings.asterisk) == 1:
        return next(iter(settings.asterisk))
    if chosen not in settings.asterisk:
        raise CannotBeWritten(f"name one of the PBXs with --pbx: {', '.join(settings.asterisk)}")
    return chosen


def _say_new(settings: Settings, name: str, known: dict[str, str], directory: Path) -> None:
    for agent in agents(settings, name):
        if settings.edge is not None and not in_the_page(agent):
            continue
        if agent.cti_number not in known and not agent.sip_password.get_secret_value():
            say(f"phone {agent.cti_number} of {agent.cti_id}: a password was made, and stands in {directory / PHONES}")


def _tell_asterisk(settings: Settings, name: str, names: list[str], *, reload: bool) -> int:
    left = commands(names)
    if reload and left:
        access = next(access for access in settings.pbxs() if access.name == name)
        told = left
        left = asyncio.run(carry_out(access, told))
        say("\n".join(f"done: {command}" for command in told if command not in left))
    if left:
        say("still to be done on the PBX:")
        say("\n".join(f"  asterisk -rx '{command}'" for command in left))
    return ExitCode.FAILED if reload and left else ExitCode.OK
