"""The commands of the command line. Each takes the parsed arguments and returns an exit code. Each imports its modules
only when it runs, so that a small command is quick and works without the rest."""

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cti_bridge.exit_codes import ExitCode
from cti_bridge.settings import ConfigurationError, Settings, load_settings, settings_path, spool_path
from cti_bridge.terminal import complain, say

if TYPE_CHECKING:
    import ssl

    import aiohttp

    from cti_bridge.config.problems import Severity
    from cti_bridge.log_sink import LogSink
    from cti_bridge.operator_access import OperatorAccess

SHORTEST_PASSWORD = 8


def run(arguments: argparse.Namespace) -> int:
    """Run the bridge until SIGTERM or SIGINT, or until another bridge process takes over. SIGHUP reloads from the first
    moment on. A signal that comes before the files are read, or while the bridge starts, is not lost and does not end
    the process."""
    import signal

    import structlog

    from cti_bridge.log import configure_logging
    from cti_bridge.log_sink import standard_error

    hang_ups: list[int] = []
    signal.signal(signal.SIGHUP, lambda number, frame: hang_ups.append(number))
    with standard_error() as sink:
        configure_logging(arguments.log, arguments.log_level, sink.stream)
        try:
            return _run(arguments, sink, hang_ups)
        except ConfigurationError as error:
            complain(str(error))
            return ExitCode.WRONG_USE
        except Exception:
            structlog.get_logger(__name__).exception("ended_by_fault")
            return ExitCode.FAILED


def _run(arguments: argparse.Namespace, sink: "LogSink", hang_ups: list[int]) -> int:
    """Run the bridge. Raises ConfigurationError."""
    import sqlite3

    import structlog

    log = structlog.get_logger(__name__)
    # A failing test must not keep a house shut that was well until the machine was restarted.
    settings = _settings(arguments, "warning", sounds=True)
    for warning in settings.warnings:
        log.warning("configuration_warning", place=str(warning.place), text=warning.text)
    from cti_bridge import running
    from cti_bridge.local.errors import LocalServerError
    from cti_bridge.storage.rescue import rescue
    from cti_bridge.storage.spool_file import SpoolDamaged, SpoolLocked, SpoolUnusable
    from cti_bridge.supervisor import die_after

    try:
        again = partial(_settings, arguments, "error", sounds=True)
        return running.run(settings, sink, die_after, again, lambda: bool(hang_ups))
    except SpoolLocked:
        log.error("spool_locked", path=str(settings.spool.path))
        return ExitCode.SPOOL_LOCKED
    except SpoolDamaged as error:
        saved = rescue(error.path)
        log.error("spool_damaged", file=str(error.path), reason=error.reason, **saved.told())
        return ExitCode.SPOOL_DAMAGED
    except (SpoolUnusable, LocalServerError, sqlite3.Error, OSError) as error:
        log.error("start_failed", reason=str(error))
        return ExitCode.FAILED


def check_config(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments, "error")
    for warning in settings.warnings:
        complain(str(warning))
    say(f"{_path(arguments)}: OK")
    say(f"  {_counted(settings)}")
    return _connect(settings) if arguments.connect else ExitCode.OK


def migrate(arguments: argparse.Namespace) -> int:
    import asyncio

    url = _settings(arguments).database.url.get_secret_value()
    if not url:
        complain("No database.url is configured. The embedded Postgres is brought up to date whenever it is started.")
        return ExitCode.WRONG_USE
    return asyncio.run(_migrate(url))


def status(arguments: argparse.Namespace) -> int:
    """Also while the configuration is wrong that lies there now: of the running bridge it says nothing."""
    import asyncio

    if arguments.url:
        return asyncio.run(_status(arguments.url.rstrip("/"), True))
    if (access := _access(arguments)) is not None:
        return asyncio.run(_status(access.url, access.trust()))
    settings = _settings(arguments)
    return asyncio.run(_status(_own_url(settings), _trust(settings.api.tls_cert)))


def reload(arguments: argparse.Namespace) -> int:
    """The bridge itself says what is wrong, for it may see other files, and it tells its log and /readyz."""
    from cti_bridge import reload_command
    from cti_bridge.operator_access import access_path, read_access

    spool = spool_path(_path(arguments), os.environ)
    path = access_path(spool)
    try:
        access = read_access(path)
    except FileNotFoundError:
        _settings(arguments)
        complain(f"No bridge runs with the spool {spool}, or it is starting: there is no {path.name} beside it.")
        return ExitCode.FAILED
    except ValueError as error:
        complain(f"The bridge's token cannot be read: {error}")
        return ExitCode.FAILED
    return reload_command.reload(access, arguments.url.rstrip("/") if arguments.url else None, path)


def pbx_config(arguments: argparse.Namespace) -> int:
    from cti_bridge.pbx_files.command import pbx_config

    return pbx_config(_settings(arguments), arguments)


def edge_config(arguments: argparse.Namespace) -> int:
    from cti_bridge.edge_files.command import edge_config

    return edge_config(_settings(arguments), arguments)


def files(_: argparse.Namespace) -> int:
    """Say where the operators' files are: the sample configuration, the unit, and the PBX's files."""
    from cti_bridge.shared_files import NoSharedFiles, shared_files

    try:
        say(str(shared_files()))
    except NoSharedFiles as error:
        complain(str(error))
        return ExitCode.FAILED
    return ExitCode.OK


def log_out(arguments: argparse.Namespace) -> int:
    """End an agent's session. The running bridge does it."""
    from cti_bridge import logout_command

    access = _running(arguments)
    return ExitCode.FAILED if access is None else logout_command.log_out(access, arguments.cti_id)


def report(arguments: argparse.Namespace) -> int:
    """Print a report from the rows."""
    from cti_bridge import report_command

    return report_command.report(_settings(arguments), arguments)


def hours(arguments: argparse.Namespace) -> int:
    """Print opening hours for the next days, or have the running bridge set them by hand."""
    from cti_bridge import hours_command

    words: list[str] = arguments.words
    is_override = len(words) > 1 and words[0] == "override"
    if is_override or arguments.until is not None:
        if len(words) != 3 or not is_override or words[2] not in ("open", "closed", "off"):
            complain("Write: cti-bridge hours override ID open|closed [--until TIME], or override ID off.")
            return ExitCode.WRONG_USE
        if words[2] == "off" and arguments.until is not None:
            complain("An override that ends now has no --until.")
            return ExitCode.WRONG_USE
        access = _running(arguments)
        if access is None:
            return ExitCode.FAILED
        return hours_command.override(access, words[1], words[2], arguments.until)
    if len(words) > 1:
        complain("Name one of [[hours]], or none for all of them.")
        return ExitCode.WRONG_USE
    return hours_command.show(_settings(arguments), _access(arguments), words[0] if words else None, arguments.days)


def emergency(arguments: argparse.Namespace) -> int:
    """Print which emergencies are on, or have the running bridge switch one on or off."""
    from cti_bridge import emergency_command

    access = _running(arguments)
    if access is None:
        return ExitCode.FAILED
    if arguments.to is None:
        if arguments.until is not None or arguments.message is not None:
            complain("--until and --message go with: cti-bridge emergency ID on.")
            return ExitCode.WRONG_USE
        return emergency_command.show(access, arguments.service)
    if arguments.to == "off" and (arguments.until is not None or arguments.message is not None):
        complain("An emergency that ends now has neither --until nor --message.")
        return ExitCode.WRONG_USE
    return emergency_command.switch(access, arguments.service, arguments.to == "on", arguments.message, arguments.until)


def try_scenario(arguments: argparse.Namespace) -> int:
    """Print the way that a call would take."""
    from cti_bridge import try_command

    return try_command.show(load_settings(_path(arguments), os.environ, alone=True), arguments)


def schema(_: argparse.Namespace) -> int:
    """Print the JSON Schema of the configuration's files."""
    import json

    from cti_bridge.config.json_schema import json_schema

    say(json.dumps(json_schema(), indent=2, ensure_ascii=False))
    return ExitCode.OK


def _running(arguments: argparse.Namespace) -> "OperatorAccess | None":
    """Return the access to the running bridge, or complain and return None."""
    from cti_bridge.operator_access import access_path, read_access

    spool = spool_path(_path(arguments), os.environ)
    try:
        return read_access(access_path(spool))
    except FileNotFoundError:
        complain(f"No bridge runs with the spool {spool}, or it is starting.")
    except ValueError as error:
        complain(f"The bridge's token cannot be read: {error}")
    return None


def client_token(_: argparse.Namespace) -> int:
    """Print a new token of a client, and its hash for the configuration."""
    from cti_bridge.api.auth import digest, new_token

    token = new_token()
    say(f"token      = {token}")
    say(f'token_hash = "{digest(token)}"')
    return ExitCode.OK


def hash_password(_: argparse.Namespace) -> int:
    """Print the hash of a password. The password never stands in the arguments, where every user of the machine could
    read it."""
    import getpass

    from argon2 import PasswordHasher

    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Again: "):
            complain("The two are not the same.")
            return ExitCode.WRONG_USE
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if fault := _password_fault(password):
        complain(fault)
        return ExitCode.WRONG_USE
    say(PasswordHasher().hash(password))
    return ExitCode.OK


def _password_fault(password: str) -> str | None:
    """Return the reason why the login would refuse the password, in words, or None."""
    from cti_bridge.api.schemas import LONGEST_PASSWORD
    from cti_bridge.weak_passwords import weakness_of
    from tickets.rules import storable

    if len(password) < SHORTEST_PASSWORD:
        return f"A password has at least {SHORTEST_PASSWORD} characters."
    if len(password) > LONGEST_PASSWORD:
        return f"A password has at most {LONGEST_PASSWORD} characters, for the login takes no longer one."
    if not storable(password):
        return "A password is text in UTF-8 without the character NUL, for the login takes no other."
    return weakness_of(password)


def _path(arguments: argparse.Namespace) -> Path:
    return settings_path(getattr(arguments, "config", None), os.environ)


def _settings(arguments: argparse.Namespace, tests: "Severity | None" = None, *, sounds: bool = False) -> Settings:
    """Load the settings that the arguments name. ``tests`` says what a failing test of a scenario is; None: they are
    not run. ``sounds``: texts and recordings are made into sounds. Raises ConfigurationError."""
    return load_settings(_path(arguments), os.environ, tests=tests, sounds=sounds)


def _counted(settings: Settings) -> str:
    counts = {
        "PBX": len(settings.asterisk),
        "services": len(settings.services),
        "queues": len(settings.queues),
        "scenarios": len(settings.scenarios),
        "calling numbers": len(settings.calling_numbers),
        "agents": len(settings.agents),
        "opening hours": len(settings.hours),
    }
    return ", ".join(f"{what}: {count}" for what, count in counts.items())


def _connect(settings: Settings) -> int:
    import asyncio

    from cti_bridge.config.connect import connect_checks

    findings = asyncio.run(connect_checks(settings))
    for finding in findings:
        if finding.good:
            say(f"  {finding}")
        else:
            complain(str(finding))
    return ExitCode.OK if all(finding.good for finding in findings) else ExitCode.FAILED


async def _migrate(url: str) -> int:
    from cti_bridge.storage import migrate
    from cti_bridge.storage.outages import OUTAGES, describe
    from cti_bridge.storage.session import AddressWrong, connect

    try:
        connection = await connect(url, 10)
        try:
            applied = await migrate.migrate(connection)
        finally:
            await connection.close(timeout=10)
    except AddressWrong:
        complain("The database's address is wrong.")
        return ExitCode.WRONG_USE
    except migrate.MigrationRefused as error:
        complain(f"The database was not migrated: {error}")
        return ExitCode.FAILED
    except OUTAGES as error:
        complain(f"The database was not migrated: {describe(error)}. {error}")
        return ExitCode.FAILED
    say("\n".join(f"applied {name}" for name in applied) or "the database is up to date")
    return ExitCode.OK


def _access(arguments: argparse.Namespace) -> "OperatorAccess | None":
    """To the running bridge, where that can be read: it knows better where it listens than the files do now."""
    from cti_bridge.operator_access import access_path, read_access

    try:
        return read_access(access_path(spool_path(_path(arguments), os.environ)))
    except (FileNotFoundError, ValueError):
        return None


def _own_url(settings: Settings) -> str:
    from cti_bridge.operator_access import own_url

    return own_url(settings.api.host, settings.api.port, with_tls=settings.api.tls_cert is not None)


async def _status(url: str, trust: "ssl.SSLContext | aiohttp.Fingerprint | bool") -> int:
    import aiohttp

    from cti_bridge.spare.description import pair_lines

    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
            session.get(f"{url}/readyz", ssl=trust) as response,
        ):
            answer = await response.json()
            ready, problems = answer["ready"] is True, [*answer["problems"], *answer["warnings"]]
            pair: dict[str, Any] | None = answer.get("pair")
            others = pair_lines(pair) if pair is not None else []
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        complain(f"No bridge answers at {url}: {error or type(error).__name__}")
        return ExitCode.FAILED
    except (ValueError, KeyError, TypeError):
        complain(f"What answers at {url} is not a bridge.")
        return ExitCode.FAILED
    is_spare = pair is not None and pair["role"] == "standby"
    word = "ready" if ready else "standby" if is_spare else "not ready"
    say("\n".join([word, *(f"  {problem}" for problem in problems), *others]))
    return ExitCode.OK if ready or (pair is not None and is_spare and pair["phase"] == "warm") else ExitCode.FAILED


def _trust(certificate: Path | None) -> "ssl.SSLContext | bool":
    """Return the TLS context that trusts the bridge's own certificate, whatever its name, for the bridge is asked by
    its address. True: the usual trust."""
    if certificate is None:
        return True
    import ssl

    context = ssl.create_default_context(cafile=certificate)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context
