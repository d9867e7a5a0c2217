"""A third of a queue's phones that go within a minute are an alarm (requirement I7)."""

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.queue.phones_gone import PhonesGone, phones_gone
from tests.unit.floor import NODE, Driver, agent_entry, directory


def at_work(agents: int) -> Driver:
    driver = Driver(directory(*map(agent_entry, range(1, agents + 1))))
    driver.connect()
    driver.log_in(*(f"a{number}" for number in range(1, agents + 1)))
    return driver


def goes(driver: Driver, *numbers: int, there: bool = False) -> None:
    for number in numbers:
        driver.tell(facts.PhoneChanged(NODE, f"100{number}", there))


@pytest.mark.parametrize(("agents", "gone", "alarm"), [(6, 1, False), (6, 2, True), (7, 2, False), (7, 3, True)])
def test_a_third_is_an_alarm_and_less_is_none(agents: int, gone: int, alarm: bool) -> None:
    driver = at_work(agents)
    goes(driver, *range(1, gone + 1))
    assert phones_gone(driver.center.floor) == ([PhonesGone("support", gone, agents)] if alarm else [])


def test_the_only_phone_of_a_small_queue_is_no_alarm() -> None:
    driver = at_work(1)
    goes(driver, 1)
    assert phones_gone(driver.center.floor) == []


def test_phones_that_go_one_after_another_are_none() -> None:
    driver = at_work(6)
    for number in (1, 2, 3):
        goes(driver, number)
        driver.pass_time(61)
    assert phones_gone(driver.center.floor) == []


def test_it_lasts_until_the_phones_are_back_and_counts_who_is_logged_in() -> None:
    driver = at_work(6)
    goes(driver, 1, 2)
    driver.pass_time(3600)
    (alarm,) = phones_gone(driver.center.floor)
    assert str(alarm) == "queue support: the phones of 2 of 6 agents have gone within a minute"
    driver.tell(commands.LogOut("a2", "session-a2"))
    assert phones_gone(driver.center.floor) == []
    driver.log_in("a2")
    goes(driver, 2)
    goes(driver, 1, 2, there=True)
    assert phones_gone(driver.center.floor) == []


def test_a_pbx_that_is_away_says_nothing_of_phones() -> None:
    driver = at_work(6)
    goes(driver, 1, 2, 3)
    driver.tell(facts.NodeLost(NODE))
    assert phones_gone(driver.center.floor) == []


def test_the_bridge_that_starts_knows_of_no_phone_and_raises_no_alarm() -> None:
    driver = at_work(6)
    again = driver.restarted()
    assert phones_gone(again.center.floor) == []
    again.connect()
    assert phones_gone(again.center.floor) == []
