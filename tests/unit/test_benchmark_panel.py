"""What the panel's part of `make bench` computes; the run itself needs a browser and a real Asterisk."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from benchmarks.latency import Quantiles
from benchmarks.panel.browser import ChromiumMissing, find_chromium
from benchmarks.panel.opening import Opening
from benchmarks.panel.report import as_json, conditions, goals, met, table
from benchmarks.panel.run import IN_THE_PAGE, ON_DESK, PanelRun, opening_ms, shown_ms
from benchmarks.panel.shown import Delay, Heard, OnScreen, Shown, on_screen
from benchmarks.panel.transferred import Kb, Transferred
from benchmarks.processes import cpu_s, family_cpu_s, machine_cpu_s

RINGING, TALKING, READY = Heard("Ringing", 1_000, 1_004), Heard("Talking", 1_500, 1_506), Heard("Ready", 2_000, 2_003)


def all_alike(ms: float) -> Quantiles:
    return Quantiles(ms, ms, ms, ms, 30)


GOOD = PanelRun(
    asterisk="22",
    browser="156",
    opening_ms={"login form, first opening": all_alike(200), "click on Login to the agent's state": all_alike(400)},
    shown_ms={"all": all_alike(20), "Ringing": all_alike(20)},
    unseen=0,
    clock_behind_ms=0.0,
    files_kb={ON_DESK: all_alike(39), IN_THE_PAGE: all_alike(119)},
    answers_kb={ON_DESK: all_alike(50), IN_THE_PAGE: all_alike(50)},
    first_call_kb=Kb(1.0, 7.0),
    heap_mb={1_000: 3.0, 10_000: 3.9},
    others=0.0,
)


def missed(run: PanelRun) -> list[str]:
    return [one.text for one in [*goals(run), *conditions(run)] if not one.met]


def test_given_changes_that_are_drawn_then_each_has_its_two_delays() -> None:
    found = on_screen([RINGING, TALKING], [Shown("Ringing", 1_016), Shown("Talking", 1_520)])
    assert found == OnScreen([Delay("Ringing", 4, 12), Delay("Talking", 6, 14)], unseen=0)
    assert [one.whole for one in found.delays] == [16, 20]


def test_given_a_second_frame_with_the_same_label_then_the_first_one_counts() -> None:
    again = replace(RINGING, at_ms=1_010, heard_ms=1_012)
    assert on_screen([RINGING, again], [Shown("Ringing", 1_016)]) == OnScreen([Delay("Ringing", 4, 12)], unseen=0)


def test_given_a_change_that_is_over_before_it_is_drawn_then_it_is_unseen_and_the_next_one_has_its_own_delay() -> None:
    ringing, later = Heard("Ringing", 2_004, 2_006), Heard("Ready", 3_000, 3_005)
    found = on_screen([TALKING, READY, ringing, later], [Shown("Talking", 1_520), Shown("Ready", 3_020)])
    assert found == OnScreen([Delay("Talking", 6, 14), Delay("Ready", 5, 15)], unseen=2)


def test_given_what_was_on_the_screen_before_then_it_is_nobodys_delay() -> None:
    assert on_screen([RINGING], [Shown("Ready", 900), Shown("Ringing", 1_016)]).delays == [Delay("Ringing", 4, 12)]


def test_the_way_to_the_screen_is_told_whole_by_label_and_in_its_two_parts() -> None:
    found = shown_ms(OnScreen([Delay("Ringing", 4, 12), Delay("Talking", 6, 20)], 0))
    assert {what: one and one.most for what, one in found.items()} == {
        "all": 26,
        "Ringing": 16,
        "Talking": 26,
        "of that: decision to page": 6,
        "of that: page to screen": 20,
    }


def test_the_openings_are_told_by_what_is_waited_for() -> None:
    found = opening_ms([Opening(cold_ms=300, warm_ms=200, login_ms=100, kb=Kb(30, 2))])
    assert [one and one.p95 for one in found.values()] == [300, 200, 100]


def test_given_all_goals_are_met_then_nothing_is_missed_and_the_run_is_good() -> None:
    assert missed(GOOD) == []
    assert met(GOOD)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"opening_ms": {"login form, opened again": all_alike(301)}}, "login form, opened again, p95 ms"),
        ({"shown_ms": {"all": all_alike(51)}}, "the core's decision to the screen, p95 ms"),
        ({"files_kb": {ON_DESK: all_alike(44.1), IN_THE_PAGE: None}}, "kB of the panel"),
        ({"files_kb": {ON_DESK: None, IN_THE_PAGE: all_alike(119.1)}}, "kB of the panel"),
    ],
)
def test_given_a_goal_that_is_missed_then_it_is_said_and_the_run_is_still_good(
    changes: dict[str, object], text: str
) -> None:
    run = replace(GOOD, **changes)  # type: ignore[arg-type]
    (said,) = missed(run)
    assert said.startswith(text)
    assert met(run)


def test_given_a_page_that_grows_then_the_run_is_bad() -> None:
    run = replace(GOOD, heap_mb={1_000: 3.0, 10_000: 4.1})
    assert missed(run) == ["MB that the page grows from 1,000 to 10,000 events: at most 1"]
    assert not met(run)


def test_the_table_and_the_json_hold_what_was_measured() -> None:
    shown = table(GOOD)
    assert "Chromium 156" in shown
    assert "MISSED" not in shown
    assert as_json(GOOD)["conditions"][0]["met"] is True
    assert len(as_json(GOOD)["goals"]) == 4


async def test_bytes_are_counted_by_what_they_are_once_nothing_is_under_way() -> None:
    transferred = Transferred()
    for request, path, size in (("1", "widget/main.js", 1_500), ("2", "widget/", 500), ("3", "api/v1/me", 700)):
        transferred.sent({"requestId": request, "request": {"url": f"http://127.0.0.1:8080/{path}?q"}})
        transferred.finished({"requestId": request, "encodedDataLength": size})
    transferred.sent({"requestId": "4", "request": {"url": "data:,"}})
    transferred.failed({"requestId": "4"})
    assert await transferred.take() == Kb(files=2.0, answers=0.7)
    assert await transferred.take() == Kb(0.0, 0.0)


def test_given_no_browser_then_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "no-such-browser")
    with pytest.raises(ChromiumMissing, match=r"no no-such-browser.*Debian's package chromium"):
        find_chromium()


def test_the_processor_time_of_a_family_covers_the_head_and_is_part_of_the_machines() -> None:
    assert 0 < cpu_s(os.getpid()) <= family_cpu_s(os.getpid()) <= machine_cpu_s()


def test_the_processor_time_of_a_family_has_that_of_grandchildren_who_still_run() -> None:
    def children_s() -> float:
        return family_cpu_s(os.getpid()) - cpu_s(os.getpid())

    before = children_s()
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]], check=True)"
    busy = "import time\nwhile time.process_time() < 0.3: pass\nprint('done', flush=True)\ninput()"
    child = subprocess.Popen(
        [sys.executable, "-c", script, busy], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "done\n"
        assert children_s() - before >= cpu_s(child.pid) + 0.25
    finally:
        child.communicate("\n")
