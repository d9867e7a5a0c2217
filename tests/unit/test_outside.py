"""Lines to outside, by every road: never more at once, nor begun within a minute, than the service allows."""

from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import CreateLeg
from cti_bridge.domain.border.errors import LimitReached
from cti_bridge.domain.border.output import Output
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.model.call import CallState
from cti_bridge.domain.model.directory import Directory
from cti_bridge.domain.outbound.outside import lines
from cti_bridge.domain.talk.transfer import longest_s
from tests.support.sweeps import sweep
from tests.unit.floor import CALLING, Driver
from tests.unit.simulation import world as worlds
from tests.unit.simulation.directory import random_directory
from tests.unit.simulation.settling import settle
from tests.unit.simulation.steps import begin, step
from tests.unit.situations import CUSTOMER, OUTSIDE, made, staffed

LINES, STARTS, MINUTE_S = 2, 2, 60.0


def tight(config: Directory, lines_at_once: int = LINES, starts: int = STARTS) -> Directory:
    acme = replace(config.services["acme"], max_outbound_calls=lines_at_once, max_outbound_per_minute=starts)
    return replace(config, services={**config.services, "acme": acme})


class Meter:
    """What the core orders to outside, by a count of its own. After a restart it begins anew, for the last of what was
    ordered may not have been on disk."""

    def __init__(self) -> None:
        self.most_lines = self.most_starts = 0
        self._center: CallCenter | None = None
        self._starts: list[float] = []
        self._legs: set[str] = set()
        self._now = 0.0

    def __call__(self, center: CallCenter, output: Output) -> None:
        floor = center.floor
        if center is not self._center:
            self._center, self._starts, self._legs = center, [], set()
        if floor.now < self._now:  # The clock was set back.
            self._starts = [at + floor.now - self._now for at in self._starts]
        self._now = floor.now
        ordered = [one for one in output.actions if isinstance(one, CreateLeg) and one.number and not one.emergency]
        self._starts = [at for at in self._starts if at > floor.now - MINUTE_S] + [floor.now] * len(ordered)
        self._legs = {leg for leg in self._legs if leg in floor.call_of_leg} | {one.leg_id for one in ordered}
        self.most_lines = max(self.most_lines, len(self._legs))
        self.most_starts = max(self.most_starts, len(self._starts))
        # A reload may have allowed fewer since the others began, and more than at first.
        most = floor.directory.services["acme"].max_outbound_calls
        assert not ordered or len(self._legs) <= most, f"{len(self._legs)} lines to outside"
        assert len(self._starts) <= STARTS, f"{len(self._starts)} begun within a minute"
        assert len(self._legs) <= lines(floor)["acme"], "a line that nobody counts"


@sweep("sweep", (range(60), 10), (range(240), 240))
def test_whatever_is_asked_for_no_more_lines_are_taken_than_the_service_has(
    monkeypatch: pytest.MonkeyPatch, sweep: tuple[Iterable[int], int]
) -> None:
    """Enough days, and then until everything was reached."""
    days, enough = sweep
    monkeypatch.setattr(worlds, "random_directory", lambda rng: tight(random_directory(rng)))
    most_lines = most_starts = refused = 0
    for number, seed in enumerate(days):
        if number >= enough and (most_lines, most_starts) == (LINES, STARTS) and refused:
            break
        meter = Meter()
        day = begin(Random(seed), meter)
        for _ in range(300):
            step(day)
        settle(day)
        most_lines, most_starts = max(most_lines, meter.most_lines), max(most_starts, meter.most_starts)
        refused += day.reached[f"refused {LimitReached.code}"]
    assert (most_lines, most_starts) == (LINES, STARTS), "the limits were reached"
    assert refused, "some were refused"


def _talking(**limits: int) -> Driver:
    driver, _ = made(CallState.TALKING)
    driver.center.floor.directory = tight(driver.center.floor.directory, **limits)
    return driver


def _call(driver: Driver) -> str:
    (call,) = driver.center.floor.calls
    return call


@pytest.mark.parametrize("ask", [commands.StartConsult, commands.TransferCall])
@pytest.mark.parametrize("limits", [{"lines_at_once": 0}, {"starts": 0}])
def test_given_no_line_then_consultation_and_transfer_are_refused_and_nothing_changes(
    ask: type[commands.StartConsult | commands.TransferCall], limits: dict[str, int]
) -> None:
    driver = _talking(**limits)
    with pytest.raises(LimitReached):
        driver.tell(ask("a1", _call(driver), OUTSIDE, None))
    assert driver.agent("a1").state == "talking"


def test_given_one_line_then_a_consultation_has_it_until_its_leg_is_gone() -> None:
    driver = _talking(lines_at_once=1)
    floor = driver.center.floor
    driver.tell(commands.StartConsult("a1", _call(driver), OUTSIDE, None))
    target = floor.calls[_call(driver)].target_leg or ""
    driver.tell(commands.CancelConsult("a1", _call(driver)))
    with pytest.raises(LimitReached):
        driver.tell(commands.StartConsult("a1", _call(driver), OUTSIDE, None))
    driver.tell(facts.LegEnded(target, 16))
    assert lines(floor)["acme"] == 0
    driver.tell(commands.StartConsult("a1", _call(driver), OUTSIDE, None))


def test_given_one_start_a_minute_then_a_consultation_uses_it_up() -> None:
    driver = _talking(starts=1)
    floor = driver.center.floor
    driver.tell(commands.StartConsult("a1", _call(driver), OUTSIDE, None))
    target = floor.calls[_call(driver)].target_leg or ""
    driver.tell(commands.CancelConsult("a1", _call(driver)))
    driver.tell(facts.LegEnded(target, 16))
    with pytest.raises(LimitReached):
        driver.tell(commands.StartConsult("a1", _call(driver), OUTSIDE, None))


def test_given_a_customer_who_was_connected_to_an_outside_number_then_that_line_is_taken_until_the_end() -> None:
    driver, call = made(CallState.TRANSFERRED)
    floor = driver.center.floor
    assert lines(floor)["acme"] == 1
    driver.center.floor.directory = tight(floor.directory, lines_at_once=1)
    with pytest.raises(LimitReached):
        driver.tell(commands.Dial("a2", OUTSIDE, CALLING))
    driver.tell(facts.LegEnded(CUSTOMER, 16))
    driver.tell(facts.LegEnded(call.target_leg or next(iter(call.legs)), 16))
    assert lines(floor)["acme"] == 0


def test_given_a_longest_time_then_a_customer_with_an_outside_number_is_ended_by_then_and_not_sooner() -> None:
    driver, call = made(CallState.TRANSFERRED)
    driver.pass_time(4 * 3600 - 10)
    assert call.state is CallState.TRANSFERRED
    driver.pass_time(11)
    assert (call.state, call.end.outcome, call.end.by) == (CallState.ENDED, "completed", "system")


def test_given_no_longest_time_then_a_customer_with_an_outside_number_talks_without_end() -> None:
    driver = staffed()
    acme = replace(driver.center.floor.directory.services["acme"], longest_transferred_s=0)
    driver.center.floor.directory = replace(driver.center.floor.directory, services={"acme": acme})
    assert longest_s(driver.center.floor, driver.arrive()) is None


def test_given_one_line_then_two_who_dial_at_once_have_one() -> None:
    driver = staffed()
    driver.center.floor.directory = tight(driver.center.floor.directory, lines_at_once=1)
    driver.tell(commands.Dial("a1", OUTSIDE, CALLING))
    with pytest.raises(LimitReached):
        driver.tell(commands.Dial("a2", OUTSIDE, CALLING))
