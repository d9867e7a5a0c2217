"""``cti-bridge edge-config``: writes the edge's files, or shows what would change."""

import argparse
import subprocess
from pathlib import Path

from cti_bridge.edge_files.of_settings import (
    ADDRESSES,
    EDGE,
    MAIN,
    PASSWORDS,
    PBXS,
    PHONES,
    CannotBeWritten,
    EdgeValues,
    made,
    of_settings,
    passwords_in,
    render,
)
from cti_bridge.exit_codes import ExitCode
from cti_bridge.pbx_files.differences import changed, present, shown
from cti_bridge.pbx_files.writing import write
from cti_bridge.settings import Settings
from cti_bridge.shared_files import NoSharedFiles, shared_files
from cti_bridge.terminal import complain, say

RESTART = "systemctl restart kamailio"
_COMMANDS = {
    PBXS: "dispatcher.reload",
    ADDRESSES: "permissions.addressReload",
    PHONES: "htable.reload phones",
}
"""Kamailio's command for a file. Another file counts at its start only, which no call notices."""


def edge_config(settings: Settings, arguments: argparse.Namespace) -> int:
    """Write the files, or show the differences. Return the exit code."""
    try:
        return _edge_config(settings, arguments)
    except (CannotBeWritten, NoSharedFiles) as error:
        complain(str(error))
        return ExitCode.WRONG_USE
    except OSError as error:
        complain(f"{error.filename}: {error.strerror}")
        return ExitCode.FAILED


def _edge_config(settings: Settings, arguments: argparse.Namespace) -> int:
    directory: Path = arguments.to or Path(settings.edge.directory if settings.edge else "")
    if not directory.is_dir():
        complain(f"{directory} is no directory; name that of Kamailio's configuration with --to")
        return ExitCode.FAILED
    names = (MAIN, EDGE, PBXS, ADDRESSES, PHONES, PASSWORDS)
    there = present(directory, dict.fromkeys(names, ""))
    known = passwords_in(there.get(PASSWORDS, ""))
    values = of_settings(settings, known, there)
    wanted = render(shared_files() / "edge", values) | {PASSWORDS: made(settings, values)}
    if there.get(PASSWORDS) is None and not wanted[PASSWORDS]:
        del wanted[PASSWORDS]
    differ = changed(directory, wanted, there)
    if arguments.diff:
        for file in differ:
            say("\n".join(_shown(directory, file, there.get(file, ""), wanted[file])))
        return ExitCode.FAILED if differ else ExitCode.OK
    write(directory, wanted, differ)
    if PASSWORDS in wanted:
        (directory / PASSWORDS).chmod(0o600)
    say("\n".join(f"{directory / file}: written" for file in differ) or f"{directory}: nothing has changed")
    _say_new(values, known, wanted, directory)
    return _tell_kamailio(differ, values.control, reload=arguments.reload)


def _shown(directory: Path, file: str, before: str, after: str) -> list[str]:
    """Return the lines of the difference. Of files with secrets only that they differ."""
    if file in (EDGE, PHONES, PASSWORDS):
        return [f"{directory / file}: {'another one' if before else 'a new one'}, hidden"]
    return list(shown(directory, file, before, after))


def _say_new(values: EdgeValues, known: dict[str, str], wanted: dict[str, str], directory: Path) -> None:
    for number in passwords_in(wanted.get(PASSWORDS, "")):
        if number not in known:
            say(f"phone {number}: a password was made, and stands in {directory / PASSWORDS}")


def _tell_kamailio(names: list[str], control: str, *, reload: bool) -> int:
    counted = [name for name in names if name != PASSWORDS]
    if not counted:
        return ExitCode.OK
    left = [_COMMANDS[name] for name in counted] if all(name in _COMMANDS for name in counted) else [RESTART]
    if reload and left != [RESTART]:
        told, left = left, [command for command in left if not _carried_out(command, control)]
        say("\n".join(f"done: {command}" for command in told if command not in left))
    if left:
        say("still to be done on the edge:")
        say("\n".join(f"  {line if line == RESTART else f'kamcmd {line}'}" for line in left))
    return ExitCode.FAILED if reload and left else ExitCode.OK


def _carried_out(command: str, control: str) -> bool:
    try:
        done = subprocess.run(["kamcmd", "-s", f"unix:{control}", *command.split()], capture_output=True, text=True)
    except FileNotFoundError:
        return False
    return done.returncode == 0 and "error" not in done.stdout
