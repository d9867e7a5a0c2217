"""The spools that earlier releases have left: each is read whole, and every call goes on in its state."""

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from cti_bridge.domain.model.call import INTERNAL, CallState
from cti_bridge.storage.checkpoint import read
from cti_bridge.storage.spool_file import SpoolFile
from cti_bridge.taken_up import take_up
from tests.checkpoints.read import files, spool_of
from tests.checkpoints.write import COMMENT, UNKNOWN_TICKET
from tests.support.storage import NOWHERE, storage
from tests.unit import invariants
from tests.unit.floor import Driver
from tests.unit.situations import staffed
from tests.unit.test_recovery import as_it_is, call_of

FILES = files()
ARRIVED = {
    CallState.CONNECTING: (CallState.TALKING,),
    CallState.JOINING: (CallState.TALKING, CallState.TRANSFERRED),
}
RENAMED = {"greeting": CallState.IN_SCENARIO}
names = pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name} {file.stem}")


def state_of(file: Path) -> str:
    """The state of the call in the file, by its name of today."""
    name = file.stem.split("-")[0]
    return RENAMED.get(name, name)


def taken_up(file: Path, directory: Path) -> Driver:
    """A controller that begins with the spool of the file, at the time at which it was left."""
    spool = SpoolFile(spool_of(file, directory))
    checkpoint = spool.checkpoint()
    spool.close()
    driver = Driver(staffed("auto" if file.stem == CallState.ACCEPTED else "phone").center.floor.directory)
    driver.now = max(msgspec.json.decode(state)["since"] for (kind, _), state in checkpoint.items() if kind == "agent")
    driver.take(take_up(driver.center, read(checkpoint), driver.now))
    return driver


LATER = {
    CallState.IN_DIALPLAN,
    CallState.TRANSFER_CONFIRMING,
    CallState.CONSULT_SWAPPED,
    CallState.THREE_TOGETHER,
    *INTERNAL,
}
"""States that no release had."""


def test_a_release_has_left_a_call_in_each_state() -> None:
    for release in {file.parent for file in FILES}:
        assert {state_of(file) for file in release.glob("*.sql")} >= set(CallState) - LATER


@names
def test_given_the_spool_of_a_release_then_its_call_and_agents_go_on_where_they_were(
    file: Path, tmp_path: Path
) -> None:
    driver = taken_up(file, tmp_path)
    call = call_of(driver)
    state, agents = call.state, {agent.cti_id: agent.state for agent in driver.center.floor.agents.values()}
    assert state == state_of(file)
    assert driver.agent("a1").session == "session-a1"
    driver.connect(*as_it_is(call))
    if state in ARRIVED:
        assert call_of(driver).state in ARRIVED[state], "the parties were seen together"
    elif state is not CallState.ENDED:
        assert call_of(driver).state is state
        assert {agent.cti_id: agent.state for agent in driver.center.floor.agents.values()} == agents
    invariants.check_floor(driver.center)


@names
async def test_given_the_spool_of_a_release_then_its_tickets_keys_and_rows_are_read(file: Path, tmp_path: Path) -> None:
    spool_of(file, tmp_path)
    async with storage(tmp_path, NOWHERE) as parts:
        found = parts.spool.load()
        tickets = [identity for kind, identity in found if kind == "ticket"]
        for ticket_id in tickets:
            ticket = await parts.journal.desk.get(ticket_id)
            assert ticket is not None
            assert [event.detail["text"] for event in ticket.events if event.type == "commented"] == [COMMENT]
        assert parts.journal.keys.earlier("a1/frequent/1", ("add", "+82212345678", "The warehouse"), 1_000_000.0)
        assert parts.spool.backlog_rows > 5
        kinds = Counter(kind for kind, _ in found)
        assert kinds["ticket_note"] == 1 and UNKNOWN_TICKET not in tickets


def test_a_release_has_left_every_kind_of_entry(tmp_path: Path) -> None:
    for release in {file.parent for file in FILES}:
        kinds: set[str] = set()
        for number, file in enumerate(sorted(release.glob("*.sql"))):
            directory = tmp_path / f"{release.name}-{number}"
            directory.mkdir()
            spool = SpoolFile(spool_of(file, directory))
            kinds |= {kind for kind, _ in spool.checkpoint()}
            spool.close()
        assert kinds >= {"agent", "call", "node", "mark", "placed", "ticket", "ticket_event", "ticket_note"}
        assert kinds >= {"frequent_number", "idempotency"}
