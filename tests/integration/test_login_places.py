"""Where agents have logged in from outlives a restart."""

from pathlib import Path

from cti_bridge.storage.checkpoint import read
from cti_bridge.storage.kinds import LOGIN_PLACES
from cti_bridge.storage.login_places import keep_places, take_up_places
from cti_bridge.storage.spool import Spool


async def test_places_are_there_after_a_restart_and_those_of_agents_who_are_no_more_are_forgotten(
    tmp_path: Path,
) -> None:
    spool = Spool.open(tmp_path / "spool.db")
    keep_places(spool, "a1", ["10.0.0.1", "2001:db8::/64"])
    keep_places(spool, "gone", ["10.0.0.2"])
    spool.stage((), {(LOGIN_PLACES.name, "a2"): b"{not json"})
    await spool.close()

    spool = Spool.open(tmp_path / "spool.db")
    assert take_up_places(spool, read(spool.load()), {"a1", "a2"}) == {"a1": ["10.0.0.1", "2001:db8::/64"]}
    await spool.close()

    spool = Spool.open(tmp_path / "spool.db")
    assert (LOGIN_PLACES.name, "gone") not in spool.load()
    await spool.close()
