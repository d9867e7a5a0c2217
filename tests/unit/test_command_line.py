"""The command line, as a process where the process matters, else in this one."""

import asyncio
import io
import os
import socket
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import pytest
from aiohttp import web
from argon2 import PasswordHasher
from pydantic import ValidationError

from cti_bridge import running
from cti_bridge.__main__ import main
from cti_bridge.api.auth import digest
from cti_bridge.api.schemas import LoginBody
from cti_bridge.exit_codes import ExitCode
from cti_bridge.local import postgres_home
from cti_bridge.local.errors import PostgresUnavailable, ServerFailed
from cti_bridge.settings import Settings, load_settings
from cti_bridge.shared_files import PARTS
from cti_bridge.storage.spool_file import SpoolLocked
from tests.support.configuration import ENVIRONMENT, configuration

COMMANDS = (
    "run", "check-config", "migrate", "status", "hash-password", "client-token", "pbx-config", "files", "hours", "try",
    "schema",
)  # fmt: skip
UNIT = Path(__file__).parents[2] / "config" / "cti-bridge.service"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("CTI_BRIDGE_")]:
        monkeypatch.delenv(name)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens: bound, and left."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        return int(holder.getsockname()[1])


def config(directory: Path, more: str = "") -> str:
    return f"--config={configuration(directory, more) / 'cti_bridge.toml'}"


def process(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cti_bridge", *arguments], input=stdin, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_every_command_has_help_with_the_exit_codes(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {code.value}  " in shown for code in ExitCode)
    assert command or all(name in shown for name in COMMANDS)


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == ExitCode.OK
    assert capsys.readouterr().out == f"cti-bridge {version('cti-bridge')}\n"


def test_it_is_said_where_the_operators_files_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["files"]) == ExitCode.OK
    place = Path(capsys.readouterr().out.strip())
    wanted = ("config/cti_bridge.toml", "config/cti-bridge.service", "asterisk/etc/cti/agent.conf.in")
    assert all((place / file).is_file() for file in wanted)


def test_an_installed_package_brings_every_file_that_an_operator_copies() -> None:
    root = UNIT.parents[1]
    patterns = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["data-files"]
    brought = {
        (Path(target).relative_to("share/cti-bridge") / file.name, file)
        for target, globs in patterns.items()
        for glob in globs
        for file in root.glob(glob)
    }
    there = {file for part in PARTS for file in (root / part).rglob("*") if file.is_file()}
    left = {file.relative_to(root) for file in there - {file for _, file in brought}}
    assert {str(file) for file in left if "__pycache__" not in file.parts} == {"asterisk/sounds/make_sounds.py"}
    assert [target for target, file in brought if target != file.relative_to(root)] == []


@pytest.mark.parametrize("arguments", [[], ["rum"], ["run", "--nonsense"], ["hash-password", "secret"]])
def test_a_wrong_command_line_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == ExitCode.WRONG_USE
    assert "usage:" in capsys.readouterr().err


def test_the_unit_is_not_restarted_where_that_would_not_help() -> None:
    (line,) = [line for line in UNIT.read_text().splitlines() if line.startswith("RestartPreventExitStatus=")]
    assert {int(code) for code in line.partition("=")[2].split()} == {
        ExitCode.WRONG_USE,
        ExitCode.STEPPED_DOWN,
        ExitCode.SPOOL_LOCKED,
        ExitCode.SPOOL_DAMAGED,
    }


def test_a_good_configuration_is_said_to_be_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-config", config(tmp_path)]) == ExitCode.OK
    shown = capsys.readouterr()
    assert "OK" in shown.out
    assert "agents: 1" in shown.out
    assert shown.err == ""


def test_the_file_may_be_named_before_the_command_or_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    option = config(tmp_path)
    assert main([option, "check-config"]) == ExitCode.OK
    monkeypatch.setenv("CTI_BRIDGE_CONFIG", option.partition("=")[2])
    assert main(["check-config"]) == ExitCode.OK
    monkeypatch.setenv("CTI_BRIDGE_CONFIG", "/not/there.toml")
    assert main(["check-config"]) == ExitCode.WRONG_USE


def test_warnings_are_shown_and_do_not_make_it_bad(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-config", config(tmp_path, "[api]\nlisten = '0.0.0.0:80'\n")]) == ExitCode.OK
    assert "warning: the API is open" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "check-config", "migrate", "status"])
def test_a_bad_configuration_ends_every_command_with_2_and_all_problems(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, config(tmp_path, "[policy]\nfoo = 1\n[api]\nlisten = 1\n")]) == ExitCode.WRONG_USE
    shown = capsys.readouterr().err
    assert 'unknown key "foo"' in shown
    assert '"listen" must be' in shown
    assert "2 errors" in shown


def test_check_config_as_a_process() -> None:
    ended = process("check-config", "--config", "/not/there.toml")
    assert ended.returncode == ExitCode.WRONG_USE
    assert "/not/there.toml: the file cannot be read" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("closed", [(0, 1, 2), (0,), (1,), (2,), (0, 2)], ids=str)
def test_a_standard_stream_that_is_closed_is_nowhere_and_never_a_file_of_the_bridge(
    closed: tuple[int, ...], tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    look = f"""
import os
from pathlib import Path
from cti_bridge.__main__ import main
code = main(["check-config", {config(tmp_path)!r}])
told = [os.readlink(f"/proc/self/fd/{{number}}") for number in {closed}]
told += [os.get_inheritable(number) for number in {closed}]
Path({str(seen)!r}).write_text(repr([code, *told]))
"""
    redirected = " ".join(f"{number}>&-" for number in closed)
    command = ["sh", "-c", f'exec "$@" {redirected}', "sh", sys.executable, "-c", look]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True)
    assert seen.read_text() == repr([0, *[os.devnull] * len(closed), *[True] * len(closed)])


def test_run_ends_with_the_code_of_the_bridge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Settings] = []

    def stepped_down(settings: Settings, *_: object) -> int:
        seen.append(settings)
        return ExitCode.STEPPED_DOWN

    monkeypatch.setattr(running, "run", stepped_down)
    assert main(["run", config(tmp_path)]) == ExitCode.STEPPED_DOWN
    assert seen[0].agents[0].cti_id == "a1"


@pytest.mark.parametrize(
    ("error", "code", "event"),
    [
        (SpoolLocked(), ExitCode.SPOOL_LOCKED, "spool_locked"),
        (OSError("address in use"), ExitCode.FAILED, "address in use"),
        (PostgresUnavailable("install Debian's `postgresql`"), ExitCode.FAILED, "install Debian's"),
        (ServerFailed("Postgres", "was not ready within 30 s"), ExitCode.FAILED, "was not ready"),
        (sqlite3.OperationalError("database or disk is full"), ExitCode.FAILED, "disk is full"),
    ],
)
def test_run_tells_why_it_could_not_start(
    error: Exception,
    code: ExitCode,
    event: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails(*_: object) -> int:
        raise error

    monkeypatch.setattr(running, "run", fails)
    assert main(["run", config(tmp_path)]) == code
    shown = capsys.readouterr().err
    assert event in shown
    assert code is ExitCode.SPOOL_LOCKED or '"event": "start_failed"' in shown
    assert "Traceback" not in shown


def test_given_no_programs_of_postgres_then_the_check_says_that_the_embedded_one_cannot_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], closed_port: int
) -> None:
    monkeypatch.setenv("CTI_BRIDGE_ASTERISK__MAIN__URL", f"http://127.0.0.1:{closed_port}/ari")
    monkeypatch.setattr(postgres_home, "_installed", lambda: None)
    monkeypatch.setattr(postgres_home, "_wheel", lambda: None)
    assert main(["check-config", "--connect", config(tmp_path)]) == ExitCode.FAILED
    assert "database: no database.url is configured, and the embedded Postgres cannot" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["--help"], ["run", "--help"]])
def test_what_has_taken_the_pbx_over_is_called_a_bridge_process(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(command)
    assert "another bridge process has taken the PBX over" in capsys.readouterr().out


def test_a_hash_is_made_of_the_first_line_of_standard_input() -> None:
    ended = process("hash-password", stdin="correct horse\nnext line\n")
    assert ended.returncode == ExitCode.OK
    assert PasswordHasher().verify(ended.stdout.strip(), "correct horse")


def test_a_hash_made_here_is_taken_by_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse\n"))
    assert main(["hash-password"]) == ExitCode.OK
    made = capsys.readouterr().out.strip()
    directory = configuration(tmp_path, **{"9.toml": f'[[agents]]\ncti_id = "a1"\npassword_hash = "{made}"\n'})
    assert main(["check-config", f"--config={directory / 'cti_bridge.toml'}"]) == ExitCode.OK


def test_a_token_made_here_is_that_of_the_client_whose_hash_is_configured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["client-token"]) == ExitCode.OK
    token, hash_ = [line.partition(" = ")[2].strip('"') for line in capsys.readouterr().out.splitlines()]
    client = f'[[clients]]\nid = "wall"\ntoken_hash = "{hash_}"\nscopes = ["wallboard"]\nservices = ["acme"]\n'
    path = configuration(tmp_path, **{"9.toml": client}) / "cti_bridge.toml"
    assert main(["check-config", f"--config={path}"]) == ExitCode.OK
    found = load_settings(path, dict(ENVIRONMENT)).directory().client_of(digest(token))
    assert found is not None and (found.id, found.services) == ("wall", ("acme",))
    (path.parent / "conf.d" / "9.toml").write_text(
        client.replace('"acme"', '"acmee"') + client.replace('"wall"', '"b"')
    )
    assert main(["check-config", f"--config={path}"]) == ExitCode.WRONG_USE
    said = capsys.readouterr().err
    assert 'did you mean "acme"' in said and 'client "wall" has this token already' in said


def test_a_password_that_is_guessed_at_once_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Password1!\n"))
    assert main(["hash-password"]) == ExitCode.WRONG_USE
    shown = capsys.readouterr()
    assert shown.out == "" and "guessed at once" in shown.err and "Password1" not in shown.err


@pytest.mark.parametrize("stdin", ["", "\n", "short\n"])
def test_a_password_that_is_none_is_refused(
    stdin: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
    assert main(["hash-password"]) == ExitCode.WRONG_USE
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "at least 8" in shown.err


@pytest.mark.parametrize(
    ("password", "reason"), [("x" * 257, "at most 256"), ("with\0NUL and more", "NUL"), ("caf\udce9 horse", "UTF-8")]
)
def test_a_password_that_the_login_would_refuse_is_refused_with_the_reason(
    password: str, reason: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValidationError):
        LoginBody(cti_id="a1", password=password)
    monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))
    assert main(["hash-password"]) == ExitCode.WRONG_USE
    shown = capsys.readouterr()
    assert shown.out == ""
    assert reason in shown.err and "x" * 20 not in shown.err


def test_the_longest_password_that_the_login_takes_is_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    LoginBody(cti_id="a1", password="x" * 256)
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse " + "x" * 242 + "\n"))
    assert main(["hash-password"]) == ExitCode.OK


@pytest.mark.parametrize(("again", "code"), [("correct horse", 0), ("correct house", 2)])
def test_on_a_terminal_the_password_is_asked_for_twice(again: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    answers = iter(["correct horse", again])
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    assert main(["hash-password"]) == code


def test_migrate_without_a_database_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", config(tmp_path)]) == ExitCode.WRONG_USE
    assert "No database.url" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["migrate"], ["check-config", "--connect"]])
def test_a_database_that_is_not_there_is_told_without_its_password(
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    closed_port: int,
) -> None:
    monkeypatch.setenv("CTI_BRIDGE_DATABASE__URL", f"postgresql://cti:top-secret@127.0.0.1:{closed_port}/cti")
    monkeypatch.setenv("CTI_BRIDGE_ASTERISK__MAIN__URL", f"http://127.0.0.1:{closed_port}/ari")
    assert main([*command, config(tmp_path)]) == ExitCode.FAILED
    shown = capsys.readouterr()
    assert "atabase" in shown.err
    assert "top-secret" not in shown.err + shown.out


SPARE = {
    "name": "b",
    "role": "standby",
    "phase": "warm",
    "term": 7,
    "reaches": [],
    "others": [{"name": "a", "phase": "active", "reaches": ["main"], "left_s": 2.5}],
}
PAIR = {
    "name": "a",
    "role": "active",
    "phase": "active",
    "term": 7,
    "reaches": ["main", "west"],
    "behind_s": 0.25,
    "ships": False,
    "others": [{"name": "b", "phase": "warm", "reaches": ["main"], "left_s": 2.5}],
}
PAIR_SHOWN = """ready
a (this one): active, reaches main, west, term 7, a spare is 0.2 s behind, and Postgres takes no states
b: standby, warm, reaches main
"""
SPARE_SHOWN = """standby
  standby: so
b (this one): standby, warm, reaches no PBX, term 7
a: active, reaches main
"""


@pytest.mark.parametrize(
    ("code", "answer", "expected", "shown"),
    [
        (200, {"ready": True, "problems": [], "warnings": ["database: away"]}, 0, "ready\n  database: away\n"),
        (503, {"ready": False, "problems": ["PBX main: gone"], "warnings": []}, 1, "not ready\n  PBX main: gone\n"),
        (200, {"ready": True, "problems": [], "warnings": [], "pair": PAIR}, 0, PAIR_SHOWN),
        (503, {"ready": False, "problems": ["standby: so"], "warnings": [], "pair": SPARE}, 0, SPARE_SHOWN),
        (503, {"ready": False, "problems": [], "warnings": [], "pair": {**SPARE, "phase": "loading"}}, 1, "standby\n"),
        (503, {"ready": False, "problems": [], "warnings": [], "pair": {}}, 1, "is not a bridge"),
        (200, {"hello": "world"}, 1, "is not a bridge"),
        (200, ["hello"], 1, "is not a bridge"),
    ],
)
async def test_status_prints_what_the_bridge_says_of_itself(
    code: int, answer: object, expected: int, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with readyz(code, answer) as url:
        assert await asyncio.to_thread(main, ["status", "--url", url]) == expected
    captured = capsys.readouterr()
    assert shown in captured.out + captured.err


async def test_status_finds_the_bridge_by_its_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with readyz(200, {"ready": True, "problems": [], "warnings": []}) as url:
        monkeypatch.setenv("CTI_BRIDGE_API__LISTEN", f"0.0.0.0:{url.rpartition(':')[2]}")
        assert await asyncio.to_thread(main, ["status", config(tmp_path)]) == ExitCode.OK
    assert capsys.readouterr().out == "ready\n"


def test_status_of_a_bridge_that_does_not_run_fails(closed_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--url", f"http://127.0.0.1:{closed_port}"]) == ExitCode.FAILED
    assert "No bridge answers" in capsys.readouterr().err


@asynccontextmanager
async def readyz(code: int, answer: object) -> AsyncIterator[str]:
    """The address of what answers /readyz so."""

    async def ready(_: web.Request) -> web.Response:
        return web.json_response(answer, status=code)

    application = web.Application()
    application.router.add_get("/readyz", ready)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
