"""The command line: ``cti-bridge COMMAND`` or ``python -m cti_bridge COMMAND``."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from cti_bridge import commands
from cti_bridge.exit_codes import ExitCode
from cti_bridge.settings import DEFAULT_PATH, INSTALLED_PATH, ConfigurationError
from cti_bridge.terminal import OutputFailed, complain, end_output, hold_standard_streams, say
from cti_bridge.version import own_version

_EXIT_CODES = """exit codes:
  0  done; for run: ended as asked (SIGTERM, SIGINT)
  1  failed: something that was needed is not there or not well; run: or a part has ended that must not
  2  the command line or the configuration is wrong
  3  run: another bridge process has taken the PBX over; do not start this one again by itself
  4  run: another process uses the spool
  5  run: the spool is damaged; docs/operating.md says what to do"""

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    hold_standard_streams()
    try:
        arguments = parser().parse_args(_joined(sys.argv[1:] if argv is None else argv))
    except SystemExit as ended:
        raise SystemExit(end_output(int(ended.code or 0))) from None
    return end_output(_outcome(arguments))


def _joined(argv: Sequence[str]) -> list[str]:
    """Return the arguments, with the keys of ``--press`` joined to it: ``-,1`` would be taken for an option."""
    joined: list[str] = []
    for argument in argv:
        if joined and joined[-1] == "--press" and argument.startswith("-,"):
            joined[-1] = f"--press={argument}"
        else:
            joined.append(argument)
    return joined


def _outcome(arguments: argparse.Namespace) -> int:
    command: Command = arguments.command
    try:
        return int(command(arguments))
    except ConfigurationError as error:
        complain(str(error))
        return ExitCode.WRONG_USE
    except OutputFailed as error:
        complain(str(error))
        return ExitCode.FAILED
    except KeyboardInterrupt:
        return ExitCode.FAILED


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="cti-bridge",
        description="The call centre beside an Asterisk PBX.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action=_Version)
    _add_config(top)
    subparsers = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(name: str, command: Command, text: str, more: str = "") -> argparse.ArgumentParser:
        added = subparsers.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}. {more}".strip(),
            epilog=_EXIT_CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        added.set_defaults(command=command)
        return added

    _add_run(add("run", commands.run, "run the bridge until SIGTERM or Ctrl-C"))
    check = add("check-config", commands.check_config, "check the configuration and list all that is wrong")
    _add_config(check)
    check.add_argument(
        "--connect", action="store_true", help="also ask Postgres and every PBX; 1 if one of them is not well"
    )
    _add_config(add("migrate", commands.migrate, "bring the database's tables up to date"))
    status = add("status", commands.status, "ask the running bridge whether it is ready", "1 if it is not.")
    _add_config(status)
    status.add_argument("--url", help="the bridge's address, e.g. http://127.0.0.1:8080, instead of api.listen")
    reload = add(
        "reload",
        commands.reload,
        "have the running bridge take the changed configuration over",
        "0: taken over. 2: it is wrong, or needs a restart, and the one before stays. 1: no bridge answers.",
    )
    _add_config(reload)
    reload.add_argument("--url", help="the bridge's address, instead of the one that it says itself")
    _add_pbx_config(
        add(
            "pbx-config",
            commands.pbx_config,
            "write the PBX's files (cti/ of Asterisk's directory) from the configuration",
            "Passwords of phones that have none in the configuration are kept, or made. "
            "--diff: 1 when something differs. --reload: 1 when something is left to be done.",
        )
    )
    _add_edge_config(
        add(
            "edge-config",
            commands.edge_config,
            "write the edge's files (those of Kamailio before several PBXs) from the configuration",
            "Passwords of phones that have none in the configuration are kept, or made. "
            "--diff: 1 when something differs. --reload: 1 when something is left to be done.",
        )
    )
    add("files", commands.files, "say where the sample configuration, the unit and the PBX's files are")
    logout = add(
        "logout",
        commands.log_out,
        "have the running bridge log an agent out",
        "In a conversation the agent is logged out when it ends. 2: there is no such agent. 1: no bridge answers.",
    )
    _add_config(logout)
    logout.add_argument("cti_id", metavar="CTI_ID")
    report = add(
        "report",
        commands.report,
        "print a report from the rows of the database",
        "docs/figures.md says what each column means. A date is a day of the service's time zone, and included; a time "
        "(2026-12-31T14:00) is exact. 2: there is no such report or service, or the period is none. 1: the database "
        "cannot be read.",
    )
    _add_config(report)
    report.add_argument("name", metavar="NAME", help="all, queue-handling, agent-calls, and so on")
    report.add_argument("--from", dest="since", required=True, metavar="DAY", help='the first day: "2026-12-01"')
    report.add_argument("--till", required=True, metavar="DAY", help="the last day")
    intervals = ("15", "30", "hour", "day", "week", "month")
    report.add_argument("--interval", choices=intervals, default="day", help="default: day")
    report.add_argument("--service", action="append", metavar="ID", help="of this service; more than once: of several")
    report.add_argument("--queue", action="append", metavar="ID", help="of this queue")
    report.add_argument("--agent", action="append", metavar="CTI_ID", help="of this agent")
    report.add_argument("--number", action="append", metavar="NUMBER", help="of calls to this number")
    formulas = ("accepted", "answered", "answered_or_left", "offered")
    report.add_argument(
        "--formula", choices=formulas, default="accepted", help="of the service level; default: accepted"
    )
    report.add_argument(
        "--transfers", choices=("in", "out"), default="out", help="in: calls that came back or on are in the rates too"
    )
    report.add_argument("--format", choices=("json", "csv", "xlsx"), default="json", help="default: json")
    hours = add(
        "hours",
        commands.hours,
        "print opening hours for the next days, or set them by hand",
        "override ID open|closed: the running bridge sets them, until the end of the day or --until. override ID off "
        "ends that. 2: there are no such hours, or that time has passed. 1: no bridge answers.",
    )
    _add_config(hours)
    hours.add_argument("words", nargs="*", metavar="[ID] | override ID open|closed|off")
    hours.add_argument("--days", type=_days, default=14, metavar="N", help="how many days are printed; default: 14")
    hours.add_argument(
        "--until", metavar="TIME", help='end of the override: "14:00", "2026-12-25T14:00", or none; default: tonight'
    )
    emergency = add(
        "emergency",
        commands.emergency,
        "let all callers of a service hear one prepared message, or print where that is so",
        "ID on: in place of their scenarios, as [services.emergency] says, until the end of the day or --until. ID off "
        "ends that. The running bridge does it. 2: there is no such service or sound, nothing is prepared, or that "
        "time has passed. 1: no bridge answers, or the configuration keeps it on.",
    )
    _add_config(emergency)
    emergency.add_argument("service", nargs="?", metavar="ID")
    emergency.add_argument("to", nargs="?", choices=("on", "off"))
    emergency.add_argument(
        "--message", metavar="sound:NAME", help="a sound of the PBX in place of the message that is prepared"
    )
    emergency.add_argument("--until", metavar="TIME", help='"14:00", "2026-12-25T14:00", or none; default: tonight')
    add(
        "schema",
        commands.schema,
        "print the JSON Schema of the configuration's files, for editors",
        "docs/operating.md says how an editor takes it.",
    )
    _add_try(
        add(
            "try",
            commands.try_scenario,
            "print the way that a call would take through its scenario",
            "Nothing is called: neither PBX nor database nor the running bridge. Messages take no time, and waits do. "
            "2: the number, a key or an answer is wrong.",
        )
    )
    add(
        "hash-password",
        commands.hash_password,
        "make the password_hash of an agent",
        "The password is asked for, or is the first line of standard input.",
    )
    add(
        "client-token",
        commands.client_token,
        "make the token of a client, and its token_hash",
        "The token is for the program or the screen, the hash for [[clients]]. No way leads from it to the token.",
    )
    return top


def _days(text: str) -> int:
    days = int(text)
    if not 1 <= days <= 1_000:
        raise argparse.ArgumentTypeError("write a number from 1 to 1000")
    return days


def _add_try(added: argparse.ArgumentParser) -> None:
    _add_config(added)
    added.add_argument("--number", required=True, metavar="NUMBER", help="the number that is called")
    added.add_argument("--from", dest="caller", metavar="NUMBER", help="the caller's number; default: it is withheld")
    added.add_argument(
        "--at",
        metavar="TIME",
        help='in the time zone of the service: "2026-12-25T10:00" or "14:00"; default: now',
    )
    added.add_argument(
        "--press", metavar="KEYS,…", help='the keys for each prompt that takes some, as in "1,-,1234#"; - is silence'
    )
    added.add_argument("--agents", type=int, default=1, metavar="N", help="how many agents work; default: 1")
    added.add_argument("--emergency", action="store_true", help="as if the emergency switch of the service were on")
    added.add_argument("--busy", type=int, metavar="N", help="how many of them are busy; default: none")
    added.add_argument(
        "--wait-s", type=float, metavar="S", help="seconds in a queue after which the busy agents, else all, are free"
    )
    added.add_argument("--mark", metavar="REASON", help="the caller was force disconnected before, for this reason")
    added.add_argument(
        "--answer",
        action="append",
        default=[],
        metavar="STEP=EXIT[,NAME=VALUE…]",
        help="what a step gives that asks another system, or a queue; may be given several times",
    )
    added.add_argument("--json", action="store_true", help="print JSON")


class _Version(argparse.Action):
    """Prints the version. It is looked up only then: the package's data need not be read for any other command."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version and leave")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        say(f"cti-bridge {own_version() or '(never installed: a source tree)'}")
        parser.exit(ExitCode.OK)


def _add_pbx_config(added: argparse.ArgumentParser) -> None:
    _add_config(added)
    added.add_argument("--pbx", metavar="NAME", help="of several [asterisk.NAME] the one that is meant")
    added.add_argument("--to", metavar="DIR", type=Path, default=Path("/etc/asterisk"), help="default: /etc/asterisk")
    added.add_argument(
        "--whole",
        action="store_true",
        help="also the files that are the same everywhere, over those that are there: for a PBX of the bridge's own",
    )
    what = added.add_mutually_exclusive_group()
    what.add_argument("--diff", action="store_true", help="write nothing, and show what would change, without secrets")
    what.add_argument("--reload", action="store_true", help="have Asterisk take over what it can while it runs")


def _add_edge_config(added: argparse.ArgumentParser) -> None:
    _add_config(added)
    added.add_argument("--to", metavar="DIR", type=Path, help="default: directory of [edge]")
    what = added.add_mutually_exclusive_group()
    what.add_argument("--diff", action="store_true", help="write nothing, and show what would change, without secrets")
    what.add_argument("--reload", action="store_true", help="have Kamailio take over what it can while it runs")


def _add_run(run: argparse.ArgumentParser) -> None:
    _add_config(run)
    run.add_argument("--log", choices=("json", "console"), help="default: console on a terminal, else json")
    run.add_argument("--log-level", choices=("debug", "info", "warning", "error"), default="info")


def _add_config(to: argparse.ArgumentParser) -> None:
    """The option may stand before the command and after it."""
    to.add_argument(
        "--config",
        metavar="PATH",
        default=argparse.SUPPRESS,
        help=f"the main file; default: CTI_BRIDGE_CONFIG, else {DEFAULT_PATH}, else {INSTALLED_PATH}",
    )


if __name__ == "__main__":
    sys.exit(main())
