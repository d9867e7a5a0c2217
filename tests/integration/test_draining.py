"""A PBX is taken out of service: by a reload it drains, and whoever would leave calls behind is told."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from cti_bridge.left_behind import left_in_spool
from cti_bridge.local.ports import claim_ports
from tests.integration.test_taken_over import config, pbxs, said
from tests.support.bridge import Bridge
from tests.support.fake_ari import FakeAri
from tests.support.rows import eventually

__all__ = ["pbxs"]
CALLER = {"id": "1795237870.1", "name": "PJSIP/trunk-1", "state": "Ring", "caller": {"number": "+821012345678"}}


async def calls(pbx: FakeAri, channel_id: str) -> None:
    channel = {**CALLER, "id": channel_id, "creationtime": pbx.stamp()}
    await pbx.tell("StasisStart", args=["inbound", "+8225550000"], channel=channel)


async def test_given_a_pbx_with_a_call_then_it_drains_and_is_missed_when_it_is_gone(
    tmp_path: Path, pbxs: list[FakeAri]
) -> None:
    async def left() -> Mapping[str, int]:
        return left_in_spool(tmp_path / "spool.db", {"pbx1"})

    ports = claim_ports(1)
    bridge = Bridge(config(tmp_path, ports.first, pbxs), ports.first)
    try:
        await bridge.start()
        await calls(pbxs[1], "1795237870.1")
        await pbxs[1].until(lambda: any(sent.uri.endswith("/answer") for sent in pbxs[1].sent))
        assert (await bridge.reload("[asterisk.pbx2]\ndrain = true\n"))["policy_changed"]
        assert "PBX pbx2: it takes no new calls; calls left: 1" in await bridge.warnings()
        metrics = (await said(bridge, "/metrics"))[1]
        for line in ('cti_pbx_draining{node="pbx1"} 0.0', 'cti_pbx_draining{node="pbx2"} 1.0'):
            assert line in metrics
        await calls(pbxs[1], "1795237870.2")
        await pbxs[1].until(lambda: any("1795237870.2?reason_code=34" in sent.uri for sent in pbxs[1].sent))
        await eventually(left, lambda found: found == {"pbx2": 1})
        assert left_in_spool(tmp_path / "spool.db", {"pbx1", "pbx2"}) == {}
        await bridge.stop()

        (tmp_path / "conf.d" / "overlay.toml").write_text("")
        config(tmp_path, ports.first, pbxs[:1])
        await bridge.start()
        assert "PBX pbx2: it is not configured any more, and 1 call is left there, unserved" in await bridge.warnings()
        assert any("pbx_left_behind" in line for line in bridge.complaints())
    finally:
        if bridge.is_running:
            await bridge.kill()
        ports.release()


@pytest.mark.parametrize("content", [None, b"no database"])
def test_given_a_spool_that_cannot_be_read_then_nothing_is_said_of_calls(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "spool.db"
    if content is not None:
        path.write_bytes(content)
    assert left_in_spool(path, {"pbx1"}) == {}
    assert path.exists() is (content is not None)
