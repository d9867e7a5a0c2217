"""What somebody has to look at: thresholds of queues, phones, trunks and recordings (rules of the floor)."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from cti_bridge.alerts import Alerts
from cti_bridge.domain.border import facts
from cti_bridge.domain.border.notices import RecordingFailed, TrunkFailed
from cti_bridge.domain.model.callbacks import Callback, CallbackKind, CallbackStatus
from cti_bridge.domain.model.directory import Limits, Queue
from cti_bridge.domain.model.hours import Hours, Opening, OpenState
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.failing_lines import LATELY_S as TRUNK_LATELY_S
from cti_bridge.failing_lines import FailingLines
from cti_bridge.unrecorded import LATELY_S, Unrecorded
from cti_bridge.watching.alerts import alerts
from cti_bridge.watching.shapes import AlertKind, AlertLevel
from tests.unit.floor import NODE, Driver, agent_entry, directory

DAY_S = 86_400.0
OPENS_S, CLOSES_S = 9 * 3_600.0, 18 * 3_600.0


def rule(at: float) -> Opening:
    """Every day from nine to six."""
    second = at % DAY_S
    if OPENS_S <= second < CLOSES_S:
        return Opening(OpenState.OPEN, at - second + CLOSES_S)
    opens = at - second + OPENS_S
    return Opening(OpenState.CLOSED, opens if second < OPENS_S else opens + DAY_S)


def floor(agents: int = 6, hours: str | None = None, **limits: tuple[int, ...]) -> Driver:
    queue = Queue("support", "acme", hours=hours, limits=Limits(**limits))
    found = directory(*map(agent_entry, range(1, agents + 1)), queues=(queue,))
    driver = Driver(replace(found, hours={"office": Hours("office", "UTC", rule)}))
    driver.now = 100 * DAY_S + OPENS_S
    driver.connect()
    driver.log_in(*(f"a{number}" for number in range(1, agents + 1)))
    return driver


def present(
    driver: Driver, unrecorded: Mapping[str, int] | None = None, trunks: Mapping[str, int] | None = None
) -> list[tuple[str, str, int]]:
    found = alerts(driver.center.floor, driver.now, unrecorded or {}, trunks or {})
    return [(id_, str(one.level), one.count) for id_, one in found.items()]


def to_be_called(driver: Driver, *placed_at: float) -> None:
    for at in placed_at:
        id_ = f"callback of {at}"
        driver.center.floor.callbacks[id_] = Callback(
            id_, CallbackKind.REQUESTED, "acme", "support", "+821012345678", "", at
        )


def test_while_all_is_well_there_is_none() -> None:
    assert present(floor()) == []


def test_nobody_works_in_an_open_queue() -> None:
    driver = floor(agents=0)
    assert present(driver) == [("nobody_works support", "alarm", 0)]
    assert present(floor(agents=0, hours="office")) == [("nobody_works support", "alarm", 0)]
    closed = floor(agents=0, hours="office")
    closed.now += CLOSES_S - OPENS_S
    assert present(closed) == []


def test_a_call_waits_for_longer_than_the_second_limit() -> None:
    driver = floor(agents=0, longest_s=(60, 120))
    driver.arrive()
    driver.now += 120.0
    assert ("longest_wait support", "alarm", 1) not in present(driver)
    driver.now += 1.0
    assert ("longest_wait support", "alarm", 1) in present(driver)
    assert all(one[0] != "longest_wait support" for one in present(floor(agents=0, longest_s=(60,))))


@pytest.mark.parametrize(("passed_s", "found"), [(3_600, []), (3_601, [("warn", 1)]), (14_401, [("alarm", 1)])])
def test_a_call_back_waits_for_longer_than_a_limit(passed_s: float, found: list[tuple[str, int]]) -> None:
    driver = floor()
    to_be_called(driver, driver.now)
    driver.now += passed_s
    assert present(driver) == [("callbacks_overdue support", *one) for one in found]


def test_those_beyond_the_second_limit_are_counted_where_there_are_any() -> None:
    driver = floor(callback_s=(100, 200))
    to_be_called(driver, driver.now, driver.now + 50, driver.now + 150)
    driver.now += 220
    assert present(driver) == [("callbacks_overdue support", "alarm", 1)]
    driver.center.floor.callbacks[f"callback of {driver.now - 220}"].status = CallbackStatus.DONE
    assert present(driver) == [("callbacks_overdue support", "warn", 1)]


def test_the_time_in_which_a_queue_is_closed_does_not_count() -> None:
    driver = floor(hours="office")
    opens = driver.now
    to_be_called(driver, opens + CLOSES_S - OPENS_S - 1_800, opens + CLOSES_S - OPENS_S + 7_200)
    driver.now = opens + CLOSES_S - OPENS_S + 7_200
    assert present(driver) == [], "nobody has to call at night"
    driver.now = opens + DAY_S + 1_800
    assert present(driver) == []
    driver.now += 1
    assert present(driver) == [("callbacks_overdue support", "warn", 1)]
    driver.now = opens + DAY_S + 3_601
    assert present(driver) == [("callbacks_overdue support", "warn", 2)]


def test_a_third_of_the_phones_has_gone() -> None:
    driver = floor()
    for number in (1, 2):
        driver.tell(facts.PhoneChanged(NODE, f"100{number}", False))
    (found,) = alerts(driver.center.floor, driver.now, {}, {}).values()
    assert (found.kind, found.queue, found.service, found.count, found.of) == ("phones_gone", "support", "acme", 2, 6)


def test_trunks_and_recordings_are_those_of_the_last_minutes() -> None:
    driver, lines, unrecorded = floor(), FailingLines(), Unrecorded()
    lines.on_notices(driver.now, [TrunkFailed(NODE, 0, 503)])
    assert lines.dead_trunks(driver.now) == {}, "one may fail"
    lines.on_notices(driver.now, [TrunkFailed(NODE, 0, 503)])
    unrecorded.on_notices(driver.now, [RecordingFailed(NODE, "c", "the disk is full", "acme")] * 3)
    told = present(driver, unrecorded.by_service(driver.now), lines.dead_trunks(driver.now))
    assert told == [(f"trunk_failed {NODE}", "alarm", 2), ("recording_failed acme", "alarm", 3)]
    assert not lines.dead_trunks(driver.now + TRUNK_LATELY_S) and not unrecorded.by_service(driver.now + LATELY_S)


def test_the_weightiest_come_first() -> None:
    driver = floor(agents=0)
    to_be_called(driver, driver.now - 5_000)
    driver.arrive()
    driver.now += 121
    kinds = [id_.split()[0] for id_, _, _ in present(driver, {"acme": 1}, {"main": 2})]
    assert kinds == [str(kind) for kind in AlertKind if kind is not AlertKind.PHONES_GONE]


class Engine:
    """The core, as the alerts read it."""

    def __init__(self, driver: Driver) -> None:
        self.read = lambda view: view(driver.center.floor)


def test_each_is_told_once_when_it_comes_and_when_it_is_over_and_measured_while_it_lasts() -> None:
    driver = floor(callback_s=(100, 200))
    looking = Alerts(Engine(driver), lambda: driver.now, lambda _: {}, lambda _: {})  # type: ignore[arg-type]
    to_be_called(driver, driver.now)
    with capture_logs() as told:
        for _ in range(4):
            driver.now += 60
            looking.look()
        ((id_, one),) = looking.present.items()
        (measured,) = looking.measure()
        driver.center.floor.callbacks.clear()
        looking.look()
        looking.look()
    assert (id_, one.level) == ("callbacks_overdue support", AlertLevel.ALARM)
    assert one.since == iso(driver.now - 120), "since it was seen first"
    assert measured.name == "cti_alert" and measured.labels == {
        "kind": "callbacks_overdue",
        "level": "alarm",
        "service": "acme",
        "queue": "support",
        "node": "",
    }
    events = [(entry["event"], entry.get("alert_level")) for entry in told]
    assert events == [("alert", "warn"), ("alert", "alarm"), ("alert_over", None)]
    assert list(looking.measure()) == [] and looking.present == {}
