"""`make run FARM=1`: two PBXs behind an edge until Ctrl-C, and what it cannot be asked for."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

from cti_bridge.exit_codes import ExitCode
from cti_bridge.local import __main__ as local


@pytest.mark.parametrize(
    ("options", "environ", "says"),
    [
        (("--bind", "192.0.2.10"), {}, "on loopback alone"),
        ((), {"CTI_BRIDGE_DATABASE__URL": "postgresql://db.example/cti"}, "of its own"),
    ],
)
def test_what_a_farm_cannot_be_is_refused_in_words(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    environ: dict[str, str],
    says: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["make run", "--farm", "--var", str(tmp_path), *options])
    for name, text in environ.items():
        monkeypatch.setenv(name, text)
    assert local.main() == ExitCode.WRONG_USE
    assert says in capsys.readouterr().err


@pytest.mark.soak
async def test_it_runs_two_pbxs_behind_an_edge_until_it_is_told_to_end(tmp_path: Path) -> None:
    environ = {name: text for name, text in os.environ.items() if not name.startswith("CTI_BRIDGE_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cti_bridge.local", "--farm", "--var", str(tmp_path)),
        env=environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    said = ""
    try:
        async with asyncio.timeout(120):
            while "Ctrl-C" not in said and (line := await process.stdout.readline()):
                said += line.decode()
            found = re.search(r"http://\S+/readyz", said)
            assert found and "Edge      127.0.0.2:" in said and "PBX       second" in said, said
            async with aiohttp.ClientSession() as session:
                while True:
                    async with session.get(found[0]) as response:
                        if response.status == 200:
                            break
                    await asyncio.sleep(0.1)
            process.send_signal(signal.SIGINT)
            rest, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    assert process.returncode == 0, said + rest.decode()
