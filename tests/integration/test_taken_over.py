"""One PBX of two is taken over by another bridge: the process goes on with the other one, and ends when that is taken
too."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from cti_bridge.exit_codes import ExitCode
from cti_bridge.local.ports import claim_ports
from tests.support.bridge import Bridge
from tests.support.configuration import BASE, configuration
from tests.support.fake_ari import FakeAri

WITHIN_S = 60.0


@pytest.fixture
async def pbxs() -> AsyncIterator[list[FakeAri]]:
    made = [FakeAri(), FakeAri()]
    for pbx in made:
        await pbx.start()
    yield made
    for pbx in made:
        await pbx.stop()


def config(directory: Path, port: int, pbxs: list[FakeAri]) -> Path:
    """The bridge's, with all these PBXs."""
    tables = [f'[asterisk.pbx{n}]\nurl = "{pbx.url}"\npassword = "secret"' for n, pbx in enumerate(pbxs, 1)]
    own = [f'[api]\nlisten = "127.0.0.1:{port}"', '[spool]\npath = "spool.db"']
    own += ['[database]\nurl = "postgresql://cti@127.0.0.1:1/none"', *tables]
    house = "".join(text for name, text in BASE.items() if name != "asterisk")
    return configuration(directory, base=house + "\n".join(own) + "\n") / "cti_bridge.toml"


async def said(bridge: Bridge, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(bridge.url + path) as answer:
        return answer.status, await answer.text()


async def test_given_one_pbx_of_two_that_is_taken_over_then_the_other_is_served_until_it_is_taken_too(
    tmp_path: Path, pbxs: list[FakeAri]
) -> None:
    ports = claim_ports(1)
    bridge = Bridge(config(tmp_path, ports.first, pbxs), ports.first)
    try:
        await bridge.start()
        await pbxs[0].tell("ApplicationReplaced")
        await bridge.not_ready(WITHIN_S)
        status, words = await said(bridge, "/readyz")
        assert status == 503 and "PBX pbx1: another bridge process has taken over" in words and "pbx2" not in words
        metrics = (await said(bridge, "/metrics"))[1]
        for line in ('cti_pbx_taken_over{node="pbx1"} 1.0', 'cti_pbx_taken_over{node="pbx2"} 0.0'):
            assert line in metrics
        assert 'cti_pbx_up{node="pbx2"} 1.0' in metrics
        assert len(pbxs[0].sockets) == 1, "it is not taken back"
        await pbxs[1].tell("ApplicationReplaced")
        assert await bridge.exit_code(WITHIN_S) == ExitCode.STEPPED_DOWN
    finally:
        if bridge.is_running:
            await bridge.kill()
        ports.release()
