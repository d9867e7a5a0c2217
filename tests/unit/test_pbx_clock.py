"""A PBX's times by our clock, however far the two are apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_bridge.ari.pbx_clock import DIFFERS_S, LONGEST_S, WINDOW_S, PbxClock, age_s
from cti_bridge.ari.text import posix_time
from tests.support.ari import ari_time

NOW = 1795237870.0
"""By our clock."""
MILLISECONDS = 0.002
"""ARI's dates are no finer."""

AHEAD = st.floats(-40 * 365 * 86_400, 40 * 365 * 86_400)
"""By how much the PBX's clock is ahead: a machine without a battery begins in 1970."""
LAG = st.floats(0, 3)
"""How long an event is on its way."""


def clock(ahead_s: float, *lags_s: float) -> PbxClock:
    """One that has heard an event, or more, up to NOW."""
    made = PbxClock("main")
    for ago, lag_s in reversed(list(enumerate(lags_s or (0.0,)))):
        made.heard(ari_time(NOW - ago + ahead_s - lag_s), NOW - ago)
    return made


def test_of_many_events_one_a_second_is_read() -> None:
    made = clock(0.0)
    for milliseconds in range(1, 999):
        made.heard(ari_time(NOW + 500), NOW + milliseconds / 1000)
    assert made.ahead_s == pytest.approx(0, abs=MILLISECONDS)
    made.heard(ari_time(NOW + 501), NOW + 1)
    assert made.ahead_s == pytest.approx(500, abs=MILLISECONDS)


@given(AHEAD, st.floats(0, LONGEST_S - 1))
def test_a_listed_channel_is_as_old_as_it_is_whatever_the_clocks_say(ahead_s: float, age: float) -> None:
    made_at = clock(ahead_s).ours(ari_time(NOW + ahead_s - age), NOW)
    assert made_at == pytest.approx(NOW - age, abs=MILLISECONDS)


@given(AHEAD, st.floats(0, LONGEST_S - 1))
def test_the_age_of_a_channel_is_a_difference_of_the_pbxs_own_times(ahead_s: float, age: float) -> None:
    assert age_s(ari_time(NOW + ahead_s - age), ari_time(NOW + ahead_s)) == pytest.approx(age, abs=MILLISECONDS)


@given(AHEAD, st.lists(LAG, min_size=1, max_size=5), st.floats(0, 600))
def test_events_that_are_late_make_nobody_arrive_earlier_and_the_quickest_counts(
    ahead_s: float, lags_s: list[float], age: float
) -> None:
    made_at = clock(ahead_s, *lags_s).ours(ari_time(NOW + ahead_s - age), NOW)
    assert NOW - age - MILLISECONDS <= made_at <= min(NOW, NOW - age + min(lags_s) + MILLISECONDS)


@given(st.text(max_size=40), st.text(max_size=40), AHEAD)
def test_no_text_whatever_raises_or_makes_a_time_in_the_future_or_of_another_day(
    one: str, other: str, ahead_s: float
) -> None:
    assert 0 <= age_s(one, other) <= LONGEST_S
    made = clock(ahead_s)
    made.heard(one, NOW + 1)
    assert NOW - LONGEST_S <= made.ours(other, NOW) <= NOW


@pytest.mark.parametrize("age", [-1.0, -3600.0, LONGEST_S + 1, 56 * 365 * 86_400.0])
def test_an_age_that_makes_no_sense_is_none(age: float) -> None:
    assert age_s(ari_time(NOW - age), ari_time(NOW)) == 0
    assert clock(0).ours(ari_time(NOW - age), NOW) == NOW


def test_before_an_event_came_who_is_listed_has_arrived_when_the_list_was_asked_for() -> None:
    made = PbxClock("main")
    assert (made.ahead_s, made.problem) == (None, None)
    assert made.ours(ari_time(NOW - 5), NOW) == NOW
    made.heard(ari_time(NOW), NOW)
    made.forget()
    assert made.ours(ari_time(NOW - 5), NOW) == NOW
    made.heard(ari_time(NOW + 90), NOW)
    assert made.ahead_s == pytest.approx(90, abs=MILLISECONDS)


@pytest.mark.parametrize("step_s", [-3600.0, 3600.0])
def test_a_pbx_whose_clock_is_set_while_it_is_connected_is_followed_within_two_windows(step_s: float) -> None:
    made = clock(0)
    for second in range(5, int(2 * WINDOW_S) + 6, 5):
        made.heard(ari_time(NOW + second + step_s), NOW + second)
    assert made.ahead_s == pytest.approx(step_s, abs=MILLISECONDS)


@pytest.mark.parametrize(
    ("ahead_s", "words"),
    [
        (0.0, None),
        (DIFFERS_S - 0.1, None),
        (0.1 - DIFFERS_S, None),
        (90.0, "its clock is 90 s ahead of the bridge's"),
        (-3600.0, "its clock is 3600 s behind the bridge's"),
    ],
)
def test_clocks_that_are_more_than_a_few_seconds_apart_are_told_in_words(ahead_s: float, words: str | None) -> None:
    assert clock(ahead_s).problem == words


def test_the_log_says_once_that_they_differ_and_once_that_they_agree_again(capsys: pytest.CaptureFixture[str]) -> None:
    made = PbxClock("main")
    for second in range(0, 60, 5):
        if second == 20:
            made.forget()
        made.heard(ari_time(NOW + second + (90 if second < 30 else 0)), NOW + second)
    said = capsys.readouterr().out
    assert (said.count("pbx_clock_differs"), said.count("pbx_clock_agrees")) == (1, 1)


@pytest.mark.parametrize("date", ["2026-11-21T05:11:10.000+0000", "2026-11-21T14:11:10.000+0900"])
def test_a_date_of_ari_says_its_time_zone(date: str) -> None:
    assert posix_time(date) == NOW


@pytest.mark.parametrize("by_s", [3600.0, -3600.0, 1.5, 1_700_000_000.0])
def test_given_our_clock_is_set_then_what_is_known_of_the_pbxs_holds(by_s: float) -> None:
    made = clock(90.0, 0.0, 0.5)
    created = ari_time(NOW + 90.0 - 40.0)
    made.moved(by_s)
    assert made.ahead_s == pytest.approx(90.0 - by_s, abs=MILLISECONDS)
    assert made.ours(created, NOW + by_s) == pytest.approx(NOW + by_s - 40.0, abs=MILLISECONDS)
    made.heard(ari_time(NOW + 92.0), NOW + by_s + 2.0)
    assert made.ahead_s == pytest.approx(90.0 - by_s, abs=MILLISECONDS), "and it goes on to be read"
