"""`make run` where a Postgres and a PBX are there already."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from cti_bridge.local.given import Given
from tests.support.storage import fetch

DATABASE = {"CTI_BRIDGE_DATABASE__URL": "postgresql://db.example/cti"}
PBX = {"CTI_BRIDGE_ASTERISK__MAIN__PASSWORD": "x"}


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, (False, False)),
        ({"CTI_BRIDGE_VAR": "/var", "CTI_BRIDGE_POLICY__AFTER_MISSED": "rest", "DATABASE_URL": "x"}, (False, False)),
        ({"CTI_BRIDGE_DATABASE__URL": ""}, (False, False)),
        (DATABASE, (True, False)),
        ({"CTI_BRIDGE_DATABASE__URL_FILE": "/run/secrets/url"}, (True, False)),
        ({"CTI_BRIDGE_DATABASE": '{"url": "postgresql://db.example/cti"}'}, (True, False)),
        (PBX, (False, True)),
        ({"CTI_BRIDGE_ASTERISK__MAIN__URL": "http://pbx.example:8088/ari"}, (False, True)),
        ({**DATABASE, **PBX}, (True, True)),
    ],
)
def test_what_the_environment_names_is_given(environ: dict[str, str], expected: tuple[bool, bool]) -> None:
    given = Given.by(environ)
    assert (given.postgres, given.pbx) == expected


async def test_given_a_postgres_and_a_pbx_in_the_environment_then_they_are_used_and_none_is_prepared(
    tmp_path: Path, empty_database_url: str
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        pbx = f"http://127.0.0.1:{nobody.getsockname()[1]}/ari"
        said, code = await run_until_it_is_up(
            tmp_path,
            CTI_BRIDGE_DATABASE__URL=empty_database_url,
            CTI_BRIDGE_ASTERISK__MAIN__URL=pbx,
            CTI_BRIDGE_ASTERISK__MAIN__PASSWORD="top-secret",
            CTI_BRIDGE_API__LISTEN="127.0.0.1:0",
        )
    assert code == 0
    assert "Preparing" not in said
    assert "stopped" in said
    assert "nothing that concerns calls has changed" in said
    assert "Postgres  yours" in said and "PBX       yours" in said
    assert "a1 " in said and "top-secret" not in said and empty_database_url not in said
    assert not [name for name in ("postgres", "asterisk") if (tmp_path / name).exists()]
    assert await fetch(empty_database_url, "select count(*) > 0 as there from cti.migration") == [{"there": True}]


async def reload(var: Path, environ: dict[str, str]) -> str:
    """What the command says of a configuration in which nothing has changed."""
    command = (sys.executable, "-m", "cti_bridge", "reload", "--config", str(var / "config" / "cti_bridge.toml"))
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**environ, "CTI_BRIDGE_SPOOL__PATH": str(var / "spool.db")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return said.decode()


async def run_until_it_is_up(var: Path, **environ: str) -> tuple[str, int]:
    """What it and a reload printed, and its exit code after Ctrl-C."""
    others = {name: text for name, text in os.environ.items() if not name.startswith("CTI_BRIDGE_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cti_bridge.local", "--var", str(var)),
        env=others | environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    said = ""
    try:
        async with asyncio.timeout(60):
            while "Ctrl-C" not in said and (line := await process.stdout.readline()):
                said += line.decode()
            said += await reload(var, others | environ)
            process.send_signal(signal.SIGINT)
            rest, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    return said + rest.decode(), process.returncode or 0
