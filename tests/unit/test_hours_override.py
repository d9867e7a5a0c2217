"""Opening hours that somebody has set by hand: what holds, when it ends, what a restart and a reload leave of it, and
the rows (requirement H3)."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from cti_bridge.domain.border.commands import DropHoursOverride, SetHoursOverride
from cti_bridge.domain.border.errors import InvalidBody, NotFound
from cti_bridge.domain.border.facts import ClockMoved, ConfigurationChanged, Stalled
from cti_bridge.domain.border.notices import ConfigurationTaken, OverrideChanged
from cti_bridge.domain.border.records import HoursOverrideRow
from cti_bridge.domain.hours.opening import hours_views, opening
from cti_bridge.domain.model.hours import Hours, HoursOverride, Opening, OpenState
from cti_bridge.domain.model.kept import Kept
from cti_bridge.storage.checkpoint import encode, read
from cti_bridge.storage.kinds import HOURS_OVERRIDE
from tests.unit.floor import Driver, directory

OPEN, CLOSED, HOLIDAY = OpenState
BY = "operator"


def by_rule(at: float) -> Opening:
    return Opening(HOLIDAY, 2_000_000.0, why="holiday: Christmas Day")


def configured(*names: str) -> Mapping[str, Hours]:
    return {name: Hours(name, "Asia/Seoul", by_rule, lambda at, now: f"{at:.0f}") for name in names}


def driver(*names: str) -> Driver:
    return Driver(replace(directory(), hours=configured(*(names or ("office",)))))


def now(found: Driver) -> tuple[OpenState, str, float | None]:
    found.center.floor.now = found.now
    seen = opening(found.center.floor, "office")
    return seen.state, seen.why, seen.until


def rows(found: Driver) -> list[tuple[str, float | None, str | None, str | None]]:
    return [
        (one.state, one.ended_at, one.ended_why, one.ended_by)
        for one in found.records
        if isinstance(one, HoursOverrideRow)
    ]


def override(found: Driver, state: OpenState = OPEN, for_s: float | None = 3_600) -> float | None:
    until = None if for_s is None else found.now + for_s
    found.tell(SetHoursOverride("office", state, until, BY))
    return until


def saved(found: Driver) -> HoursOverride | None:
    state = found.saved.get(("hours_override", "office"))
    assert state is None or isinstance(state, HoursOverride)
    return state


# ------------------------------------------------------------------------------- what holds


def test_an_override_goes_before_all_else_until_it_ends() -> None:
    office = driver()
    assert now(office) == (HOLIDAY, "holiday: Christmas Day", 2_000_000.0)
    until = override(office)
    office.now += 3_599
    assert now(office) == (OPEN, f"override until {until:.0f} by operator", until)
    office.now += 1
    assert now(office)[0] is HOLIDAY, "also before the deadline has acted"
    office.pass_time(0)
    assert now(office)[0] is HOLIDAY and saved(office) is None and not office.center.floor.overrides
    assert rows(office) == [("open", None, None, None), ("open", until, "expired", None)]
    assert office.center.next_deadline() is None


def test_given_no_end_then_it_holds_until_somebody_ends_it() -> None:
    office = driver()
    override(office, CLOSED, None)
    assert office.center.next_deadline() is None
    office.pass_time(10 * 86_400)
    assert now(office) == (CLOSED, "override by operator", None)
    office.tell(DropHoursOverride("office", "somebody"))
    assert now(office)[0] is HOLIDAY
    assert rows(office)[-1] == ("closed", office.now, "dropped", "somebody")


def test_given_another_one_then_the_first_is_replaced_and_its_end_ends_nothing() -> None:
    office = driver()
    override(office, OPEN, 60)
    until = override(office, CLOSED, 600)
    office.pass_time(61)
    assert now(office)[0] is CLOSED and office.center.next_deadline() == until
    assert [row[:3] for row in rows(office)] == [
        ("open", None, None),
        ("open", office.now - 61, "replaced"),
        ("closed", None, None),
    ]


def test_without_an_override_there_is_nothing_to_end() -> None:
    office = driver()
    office.tell(DropHoursOverride("office", BY))
    assert (rows(office), office.notices) == ([], [])


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (SetHoursOverride("shop", OPEN, None, BY), NotFound),
        (SetHoursOverride("office", HOLIDAY, None, BY), InvalidBody),
        (SetHoursOverride("office", OPEN, 1_000_000.0, BY), InvalidBody),
        (DropHoursOverride("shop", BY), NotFound),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    command: SetHoursOverride | DropHoursOverride, refusal: type[Exception]
) -> None:
    office = driver()
    until = override(office)
    before = len(office.records)
    with pytest.raises(refusal):
        office.tell(command)
    assert len(office.records) == before and now(office)[2] == until


def test_hours_that_are_not_configured_have_no_state() -> None:
    with pytest.raises(NotFound):
        opening(driver().center.floor, "shop")


def test_the_operator_is_told() -> None:
    office = driver()
    until = override(office)
    office.pass_time(3_600)
    told = [(one.state, one.until, one.by, one.ended) for one in office.notices if isinstance(one, OverrideChanged)]
    assert told == [(OPEN, until, BY, None), (None, None, BY, "expired")]


def test_a_view_is_of_the_moment_in_which_it_is_asked_for() -> None:
    office = driver("office", "shop")
    until = override(office)
    assert until is not None
    floor = office.center.floor
    first, second = hours_views(floor, until - 1)
    assert (first.id, first.state, first.override and first.override.by) == ("office", OPEN, BY)
    assert (second.id, second.state, second.override) == ("shop", HOLIDAY, None)
    assert [(one.state, one.override) for one in hours_views(floor, until)] == [(HOLIDAY, None)] * 2


# ------------------------------------------------------------------------------- the clock


def test_given_a_clock_that_is_set_then_the_end_stays_where_the_wall_has_it() -> None:
    office = driver()
    until = override(office)
    for by_s in (1_800.0, -900.0):
        office.now += by_s
        office.tell(ClockMoved(by_s, office.now))
        assert now(office)[2] == until == office.center.next_deadline()
    office.tell(Stalled(600))
    assert office.center.next_deadline() == until
    office.pass_time(2_700)
    assert now(office)[0] is HOLIDAY


# ------------------------------------------------------------------------------- a restart


def restarted(state: HoursOverride, *names: str, after_s: float = 0.0) -> Driver:
    """A bridge that takes up what the spool holds of it."""
    found = driver(*(names or ("office",)))
    found.now += after_s
    checkpoint = read({("hours_override", state.hours): encode("hours_override", state)})
    assert not checkpoint.unreadable
    found.take(found.center.take_up(Kept(checkpoint.core()), found.now))
    return found


def test_a_restart_keeps_it_and_its_end() -> None:
    office = driver()
    until = override(office)
    state = saved(office)
    assert state is not None
    later = restarted(state, after_s=600)
    assert now(later) == (OPEN, f"override until {until:.0f} by operator", until)
    assert later.center.next_deadline() == until and rows(later) == []
    later.pass_time(3_000)
    assert rows(later) == [("open", until, "expired", None)]


def test_given_it_ended_while_no_bridge_ran_then_it_has_ended_then() -> None:
    office = driver()
    until = override(office)
    state = saved(office)
    assert state is not None
    later = restarted(state, after_s=7_200)
    assert now(later)[0] is HOLIDAY and saved(later) is None
    assert rows(later) == [("open", until, "expired", None)]


def test_given_hours_that_are_no_more_at_a_start_then_it_goes_with_them() -> None:
    office = driver()
    override(office, CLOSED, None)
    state = saved(office)
    assert state is not None
    later = restarted(state, "shop")
    assert rows(later) == [("closed", later.now, "removed", None)]
    assert [one.ended for one in later.notices if isinstance(one, OverrideChanged)] == ["removed"]


@pytest.mark.parametrize("content", [b"{}", b'{"hours":"shop"}', b"[]"])
def test_an_entry_that_cannot_be_read_stops_nothing(content: bytes) -> None:
    assert len(read({("hours_override", "office"): content}).unreadable) == 1


def test_an_entry_that_says_holiday_is_wrong() -> None:
    office = driver()
    override(office)
    state = saved(office)
    assert state is not None
    state.state = HOLIDAY
    (found,) = read({("hours_override", "office"): encode(HOURS_OVERRIDE.name, state)}).unreadable
    assert found.reason == "hours are set to open or closed"


# ------------------------------------------------------------------------------- a reload


def test_given_a_reload_without_the_hours_then_their_override_goes_and_it_is_said() -> None:
    office = driver("office", "shop")
    override(office)
    office.tell(SetHoursOverride("shop", CLOSED, None, BY))
    office.tell(ConfigurationChanged(replace(office.center.floor.directory, hours=configured("shop"))))
    (taken,) = (one for one in office.notices if isinstance(one, ConfigurationTaken))
    assert taken.overrides_ended == ("office",)
    assert taken.differences.of["hours"].removed == ("office",)
    assert rows(office)[-1] == ("open", office.now, "removed", None)
    assert list(office.center.floor.overrides) == ["shop"] and office.center.next_deadline() is None


def test_given_a_reload_with_other_hours_of_the_same_name_then_it_stays() -> None:
    office = driver()
    until = override(office)
    office.tell(ConfigurationChanged(replace(office.center.floor.directory, hours=configured("office", "more"))))
    assert now(office)[2] == until and saved(office) is not None
