"""The short form of `make chaos`, and each of its promises broken in the rows, so that none is a promise that cannot
be broken."""

from pathlib import Path

import asyncpg
import pytest

from cti_bridge.local.ports import claim_ports
from tests.chaos.faults import FAULTS
from tests.chaos.house import House
from tests.chaos.people import PORTS
from tests.chaos.promises import BY_ROWS
from tests.chaos.report import table
from tests.chaos.run import Plan, Run

RATE, AFTER_S = 1.0, 5.0
SHORT = ("bridge: SIGKILL", "event socket: silent, then reset", "Postgres: COMMIT unheard")
FEWEST_CALLS, FEWEST_COMMANDS = 15, 10

_SPANS = "= now() - interval '1 hour', {end} = now()"
_FIRST_CALL = "(select id from cti.call order by id limit 1)"
BROKEN_BY = {
    "every call ends once, with one outcome": "update cti.call set outcome = null",
    "a customer's call is one call": "update cti.call set customer_number = '+821000000000'",
    "a call's story has no hole": "delete from cti.call_event where seq = 1",
    "every offer ends": "update cti.offer set result = null",
    "a call is offered to one agent at a time": f"update cti.offer set call_id = {_FIRST_CALL}, kind = 'queue', "
    f"offered_at {_SPANS.format(end='ended_at')}",
    "an agent is offered one call at a time": f"update cti.offer set cti_id = 'b0001', "
    f"offered_at {_SPANS.format(end='ended_at')}",
    "an agent is in one call at a time": f"update cti.call_interval set cti_id = 'b0001', "
    f"at {_SPANS.format(end='till')}",
    "nobody in a call is offered another": f"update cti.call_interval set at {_SPANS.format(end='till')}",
    "every visit to a queue has one end": "update cti.queue_visit set exit = null",
    "a conversation has one ticket": "update cti.ticket set call_id = gen_random_uuid()",
    "every recording comes to an end": "update cti.recording set state = 'recording'",
    "a conversation that has to be recorded is": "delete from cti.recording",
    "a ticket's story has no hole": "delete from cti.ticket_event where version = 1",
    "an agent's states are numbered without a hole": "delete from cti.agent_state_change where seq = 2",
    "an agent's states tile": "update cti.agent_state_change set from_state = 'on_hold'",
    "whoever is in a call leaves it": "update cti.agent_state_change set to_state = 'talking'",
}


async def _each_can_be_broken(house: House) -> None:
    connection = await asyncpg.connect(house.postgres.url)
    try:
        # What refers to a row is no matter here.
        await connection.execute("set session_replication_role = replica")
        for promise, query in BY_ROWS.items():
            assert not await connection.fetch(query), promise
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(BROKEN_BY[promise])
            assert await connection.fetch(query), f"{promise}: broken, and nothing is found"
            await transaction.rollback()
    finally:
        await connection.close()


def _quiet(text: str) -> None:
    """Nobody waits at a screen."""


@pytest.mark.timeout(300)
async def test_given_calls_when_bridge_event_socket_and_postgres_fail_then_no_promise_is_broken(tmp_path: Path) -> None:
    faults = [fault for fault in FAULTS if fault.name in SHORT]
    assert len(faults) == len(SHORT)
    ports = claim_ports(2 * PORTS)
    try:
        # Gaps are measured in acceptance tests, which have the machine's attention; here they would tell of its load.
        outcome = await Run(Plan(faults, RATE, AFTER_S, lines=0), tmp_path, ports.first, _quiet).run(
            _each_can_be_broken
        )
    finally:
        ports.release()
    assert outcome.well, table(outcome)
    assert outcome.calls > FEWEST_CALLS and outcome.commands > FEWEST_COMMANDS, table(outcome)
    assert outcome.frames and outcome.reports, "somebody watched"
