"""The lease on a real Postgres: one of two holds it, by the clock of Postgres, whatever their clocks and connections
do."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg
import pytest

from cti_bridge.spare.lease import NAME, Lease, LeaseUnknown, Phase, clock_words, steady
from tests.support.hung_postgres import HungPostgres

SHORT_S = 0.3
"""A lease that is soon over."""
LONG_S = 30.0
MAIN = ["main"]


@asynccontextmanager
async def leases(*of: Lease) -> AsyncIterator[None]:
    try:
        yield
    finally:
        for lease in of:
            await lease.close()


@asynccontextmanager
async def asked(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def over(lease: Lease) -> None:
    """Wait until the lease is over, by the clock of Postgres."""
    async with asyncio.timeout(10):
        # It is a time in Postgres: there is nothing to be woken by.
        while (note := (await lease.read()).lease) is None or note.left_s > 0:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_given_two_that_ask_at_once_then_one_gets_it_and_the_other_does_not(database_url: str) -> None:
    both = [Lease(database_url, name, lasts_s=LONG_S) for name in ("a", "b")]
    async with leases(*both):
        for _ in range(20):
            terms = await asyncio.gather(*(lease.take(0, MAIN) for lease in both))
            (winner,) = [lease for lease, term in zip(both, terms, strict=True) if term is not None]
            note = (await both[0].read()).lease
            assert note is not None
            assert (note.holder, note.term, note.reaches) == (winner.holder, winner.term, ("main",))
            await winner.give_up()
        assert max(lease.term for lease in both) == 20


async def test_given_a_holder_that_does_not_renew_then_the_other_one_gets_it_when_its_time_is_over(
    database_url: str,
) -> None:
    first, second = Lease(database_url, "a", lasts_s=SHORT_S), Lease(database_url, "b", lasts_s=LONG_S)
    async with leases(first, second):
        assert await first.take(0, MAIN) == 1
        assert await second.take(0, MAIN) is None
        await over(second)
        assert await second.take(0, MAIN) == 2
        assert not await first.renew(MAIN, Phase.ACTIVE)
        assert first.held_until < steady()
        note = (await first.read()).lease
        assert note is not None and (note.holder, note.term) == ("b", 2)


async def test_given_a_lease_that_is_over_and_that_nobody_took_then_its_holder_goes_on(database_url: str) -> None:
    first = Lease(database_url, "a", lasts_s=SHORT_S)
    async with leases(first):
        await first.take(0, MAIN)
        await over(first)
        assert await first.renew(MAIN, Phase.ACTIVE)
        assert first.held_until > steady()


@contextmanager
def clocks_apart(by_s: float, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What this process reads as the time of day is wrong."""
    right: Callable[[], float] = time.time
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: right() + by_s)
        yield


@pytest.mark.parametrize("by_s", [3600.0, -3600.0])
async def test_given_a_clock_that_is_an_hour_wrong_then_the_lease_is_as_long_as_ever(
    database_url: str, by_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Lease(database_url, "a", lasts_s=LONG_S), Lease(database_url, "b", lasts_s=LONG_S)
    async with leases(first, second):
        with clocks_apart(by_s, monkeypatch):
            assert await first.take(0, MAIN) == 1
        assert await second.take(0, MAIN) is None
        with clocks_apart(by_s, monkeypatch):
            assert await second.take(0, MAIN) is None
            note = (await second.read()).lease
            assert second.clock_ahead_s == pytest.approx(by_s, abs=1)
            assert len(clock_words(second)) == 1
        assert note is not None and LONG_S - 5 < note.left_s <= LONG_S
        await second.read()
        assert clock_words(second) == []
        assert 0 < first.held_until - steady() <= LONG_S


async def test_given_a_lease_that_was_given_up_then_the_other_one_has_it_at_once_and_a_late_renewal_changes_nothing(
    database_url: str,
) -> None:
    first, second = Lease(database_url, "a", lasts_s=LONG_S), Lease(database_url, "b", lasts_s=LONG_S)
    async with leases(first, second):
        await first.take(0, MAIN)
        await first.give_up()
        assert not await first.renew(MAIN, Phase.ACTIVE), "as one that was on its way when it was given up"
        assert await second.take(0, MAIN) == 2
        await first.give_up()
        note = (await second.read()).lease
        assert note is not None and note.counts and note.holder == "b", "what another one holds is not given up"


async def test_given_a_renewal_that_hangs_then_the_next_has_a_new_connection_and_the_lease_is_still_held(
    database_url: str,
) -> None:
    async with HungPostgres(database_url, b"none") as way:
        first, second = Lease(way.url, "a", lasts_s=LONG_S, within_s=0.3), Lease(database_url, "b", lasts_s=LONG_S)
        async with leases(first, second):
            await first.take(0, MAIN)
            way.fall_silent()
            began = time.monotonic()
            with pytest.raises(LeaseUnknown):
                await first.renew(MAIN, Phase.ACTIVE)
            assert time.monotonic() - began < 2
            assert first.fault == "there was no answer in time"
            assert await second.take(0, MAIN) is None
            way.let_flow()
            assert await first.renew(MAIN, Phase.ACTIVE)
            assert first.fault is None


async def test_given_a_postgres_that_answers_late_when_the_lease_is_given_up_then_it_is_asked_again(
    database_url: str,
) -> None:
    """Or the spare waits for the end of a lease that nobody holds."""
    async with HungPostgres(database_url, b"none") as way:
        first, second = Lease(way.url, "a", lasts_s=LONG_S, within_s=0.2), Lease(database_url, "b", lasts_s=LONG_S)
        async with leases(first, second):
            await first.take(0, MAIN)
            way.hang_at(b"given_up")
            giving_up = asyncio.create_task(first.give_up())
            async with asyncio.timeout(10):
                while first.fault is None:  # noqa: ASYNC110 # Nothing wakes whom nobody answers.
                    await asyncio.sleep(0.01)
            assert await second.take(0, MAIN) is None
            way.hang_at(b"none")
            way.let_flow()
            await giving_up
            assert await second.take(0, MAIN) == 2


async def test_given_a_postgres_that_stays_away_when_the_lease_is_given_up_then_it_is_tried_until_it_ends_by_itself(
    database_url: str,
) -> None:
    async with HungPostgres(database_url, b"none") as way:
        first = Lease(way.url, "a", lasts_s=SHORT_S, within_s=0.1)
        async with leases(first):
            await first.take(0, MAIN)
            until = first.held_until
            way.fall_silent()
            with pytest.raises(LeaseUnknown):
                await first.give_up()
            assert steady() >= until
            began = steady()
            with pytest.raises(LeaseUnknown):
                await first.give_up()
            assert steady() - began < LONG_S / 10, "nobody waits for it any more"


async def test_given_a_renewal_that_arrives_after_another_has_taken_over_then_it_changes_nothing(
    database_url: str,
) -> None:
    async with HungPostgres(database_url, b"none") as way:
        first, second = Lease(way.url, "a", lasts_s=SHORT_S, within_s=0.2), Lease(database_url, "b", lasts_s=LONG_S)
        async with leases(first, second):
            await first.take(0, MAIN)
            await first.renew(MAIN, Phase.ACTIVE)
            way.fall_silent()
            with pytest.raises(LeaseUnknown):
                await first.renew(MAIN, Phase.ACTIVE)
            await over(second)
            assert await second.take(0, MAIN) == 2
            way.let_flow()  # What hung goes on to Postgres now.
            assert not await first.renew(MAIN, Phase.ACTIVE)
            note = (await second.read()).lease
            assert note is not None and (note.holder, note.term) == ("b", 2)


async def test_given_a_postgres_that_has_lost_the_last_term_in_a_fail_over_then_the_holder_of_the_later_one_goes_on(
    database_url: str,
) -> None:
    """The row says that another bridge holds it in an earlier term: the new primary knows of no later one."""
    first, second = Lease(database_url, "a", lasts_s=LONG_S), Lease(database_url, "b", lasts_s=LONG_S)
    async with leases(first, second), asked(database_url) as connection:
        await second.take(4, MAIN)
        await second.give_up()
        assert await first.take(0, MAIN) == 6
        await connection.execute("update cti.lease set holder = 'b', term = 5, phase = 'active' where name = $1", NAME)
        assert await first.renew(MAIN, Phase.ACTIVE)
        note = (await first.read()).lease
        assert note is not None and (note.holder, note.term) == ("a", 6)
        assert not await second.renew(MAIN, Phase.ACTIVE)
        await connection.execute("delete from cti.lease")
        assert await first.renew(MAIN, Phase.ACTIVE), "or it has lost the row"


async def test_given_two_of_one_name_then_the_one_without_the_term_does_not_hold_it(database_url: str) -> None:
    """As a machine that was copied, name and all."""
    first, copied = Lease(database_url, "a", lasts_s=LONG_S), Lease(database_url, "a", lasts_s=LONG_S)
    async with leases(first, copied):
        await first.take(0, MAIN)
        assert await copied.take(0, MAIN) is None
        assert not await copied.renew(MAIN, Phase.ACTIVE)
        assert await first.renew(MAIN, Phase.ACTIVE)


@pytest.mark.parametrize(
    ("statement", "term"),
    [
        ("insert into cti.epoch (epoch) values (41)", 42),
        ("insert into cti.checkpoint values ('shipped', '', '', 41::bigint << 30)", 42),
        ("insert into cti.lease values ('bridge', 'x', 41, now() - interval '1 s', '[]', 'active')", 42),
        ("select 1", 8),
    ],
)
async def test_a_term_is_higher_than_all_before_in_rows_states_lease_and_spool(
    database_url: str, statement: str, term: int
) -> None:
    lease = Lease(database_url, "a")
    async with leases(lease), asked(database_url) as connection:
        await connection.execute(statement)
        assert await lease.take(7, MAIN) == term


async def test_given_a_spare_then_the_holder_sees_what_it_reaches_until_it_is_gone(database_url: str) -> None:
    holder, spare = Lease(database_url, "a", lasts_s=LONG_S), Lease(database_url, "b", lasts_s=SHORT_S)
    async with leases(holder, spare):
        await holder.take(0, MAIN)
        await spare.report(1, ["west", "main"], Phase.WARM)
        (note,) = (await holder.read()).spares
        assert (note.holder, note.reaches, note.phase, note.counts) == ("b", ("main", "west"), "warm", True)
        async with asyncio.timeout(10):
            while (await holder.read()).spares[0].counts:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await spare.forget()
        assert (await holder.read()).spares == ()


async def test_given_a_postgres_that_is_away_then_it_is_not_known_who_holds_it() -> None:
    lease = Lease("postgresql://nobody:secret@127.0.0.1:1/none", "a")
    async with leases(lease):
        with pytest.raises(LeaseUnknown) as raised:
            await lease.take(0, MAIN)
    assert "secret" not in str(raised.value)
