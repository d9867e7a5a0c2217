"""A call that is tried: the real core, with a model of caller, PBX and agents."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

import pytest

from cti_bridge.config.numbering import Numbering
from cti_bridge.config.schema.scenarios import StepSettings
from cti_bridge.config.steps import step_of_settings
from cti_bridge.domain.follows.beginnings import TABLE
from cti_bridge.domain.model.announcement import Announcement
from cti_bridge.domain.model.directory import CallingNumber, Directory, Queue, Service
from cti_bridge.domain.model.emergency_switch import Prepared
from cti_bridge.domain.model.hours import Hours, HoursOverride, Opening, OpenState
from cti_bridge.domain.model.number_list import NumberList
from cti_bridge.domain.model.plan import Need
from cti_bridge.domain.model.scenario import (
    CALLBACK_REFUSED,
    AskCallback,
    AskHours,
    AskLookup,
    Branch,
    Collect,
    Enqueue,
    Goto,
    HangUp,
    Menu,
    Play,
    Scenario,
    SetValues,
    Step,
    short_form,
)
from cti_bridge.trial.asked import Given
from cti_bridge.trial.taken import End, Result
from cti_bridge.trial.trial import run, staffed
from cti_bridge.trial.wanted import Wanted, Wrong, understand
from cti_bridge.trial.words import ANSWERS, ASKS, word
from tests.unit.floor import NUMBER
from tests.unit.test_scenarios import BYE, SUPPORT, menu

AT = 1_800_000_000.0
CALLER = "+821012345678"
HELLO = Play("hello", {"next": "menu"}, "sound:hello")
MENU = menu(k1="support", k2="bye", otherwise="bye")


def house(*steps: Step, others: Sequence[Scenario] = (), **more: Any) -> Directory:
    main = Scenario("main", "acme", (NUMBER,), steps[0].name, {step.name: step for step in steps})
    plain = Directory(
        services={"acme": Service("acme", force_disconnect_block_s=60)},
        queues={"support": Queue("support", "acme")},
        scenarios={one.id: one for one in (main, *others)},
    )
    return replace(plain, **more)


def tried(directory: Directory, overrides: Sequence[HoursOverride] = (), **wanted: Any) -> Result:
    asked = understand(directory, Wanted(**{"number": NUMBER, **wanted}), AT).asked
    return run(staffed(directory, asked.agents), asked, overrides)


def way(result: Result) -> list[tuple[str, str | None]]:
    return [(taken.name(result.home), taken.exit) for taken in result.way]


def heard(result: Result) -> list[str]:
    return [media for taken in result.way for media in taken.heard]


# ------------------------------------------------------------------------------- the way and its end


def test_a_free_agent_ends_the_way_and_what_is_heard_stands_at_its_step() -> None:
    result = tried(house(HELLO, MENU, SUPPORT, BYE), press=["1"])
    assert result.content() == {
        "way": [
            {"step": "hello", "do": "play", "exit": "next", "at_s": 0.0, "heard": ["sound:hello"]},
            {"step": "menu", "do": "menu", "exit": "1", "at_s": 0.0, "heard": ["sound:menu"]},
            {"step": "support", "do": "queue", "exit": None, "at_s": 0.0, "heard": ["music:default"]},
        ],
        "end": "agent",
    }


def test_the_short_form_is_tried_by_its_steps() -> None:
    short = short_form(NUMBER, "acme", "support", "sound:hello", "sound:busy")
    result = tried(replace(house(BYE), scenarios={short.id: short}), agents=0)
    assert way(result) == [("greeting", "next"), ("queue", "longest_wait"), ("busy", None)]
    assert heard(result) == ["sound:hello", "music:default", "sound:busy"] and result.end is End.HANGUP


def test_time_stands_still_but_for_waits() -> None:
    """Nobody presses a key: three times five seconds. Then nobody answers for ten minutes."""
    result = tried(house(menu(otherwise="support"), SUPPORT, BYE), agents=0)
    assert [(taken.step, taken.at_s) for taken in result.way] == [("menu", 0.0), ("support", 15.0), ("bye", 615.0)]
    assert heard(result)[:3] == ["sound:menu"] * 3 and result.ended_s == 615.0


def test_steps_of_another_scenario_are_named_with_it() -> None:
    other = Scenario("other", "acme", (), "there", {"there": Play("there", {"next": "main/bye"}, "sound:there")})
    result = tried(house(Goto("again", {"next": "other/there"}, "other"), BYE, others=[other]))
    assert way(result) == [("again", "next"), ("other/there", "next"), ("bye", None)]


def test_an_exit_that_is_not_named_ends_the_call_and_is_said() -> None:
    result = tried(house(menu(k1="bye"), BYE))
    assert way(result) == [("menu", "otherwise")] and result.end is End.HANGUP
    assert heard(result)[-1] == "sound:cti/goodbye"
    assert way(tried(house(Play("hello", {}, "sound:hello")))) == [("hello", "next")]


@pytest.mark.parametrize(
    ("services", "number", "why"),
    [
        ({"acme": Service("acme", inbound=False)}, NUMBER, "service_off, 403"),
        ({"acme": Service("acme")}, "+8225559999", "unknown_number, 404"),
    ],
)
def test_a_call_that_is_refused_takes_no_step(services: dict[str, Service], number: str, why: str) -> None:
    result = tried(house(BYE, services=services), number=number)
    assert (result.end, result.why, list(result.way)) == (End.REJECTED, why, [])


def test_a_list_may_refuse_the_caller() -> None:
    refusing = {"bad": NumberList("bad", frozenset({CALLER}), refuses=True)}
    assert tried(house(BYE, number_lists=refusing), caller=CALLER).end is End.REJECTED
    assert tried(house(BYE, number_lists=refusing)).end is End.HANGUP


def test_a_pbx_that_drains_is_no_matter_of_the_scenario() -> None:
    drained = house(BYE, nodes=frozenset({"main"}), draining=frozenset({"main"}))
    assert tried(drained).end is End.HANGUP


def test_an_edge_before_the_pbxs_is_no_matter_of_the_scenario() -> None:
    assert tried(house(SUPPORT, BYE, edge="trunk")).end is End.AGENT


# ------------------------------------------------------------------------------- circles


def test_a_circle_without_a_pause_is_found() -> None:
    result = tried(house(Goto("a", {"next": "main/b"}), Goto("b", {"next": "main/a"})))
    assert (result.end, way(result)) == (End.CIRCLE, [("a", "next"), ("b", "next")])


def test_a_circle_with_pauses_is_found_and_its_way_is_told_once() -> None:
    result = tried(house(HELLO, menu(k1="bye", otherwise="again"), Goto("again", {"next": "main/menu"}), BYE))
    assert result.end is End.CIRCLE
    assert way(result) == [("hello", "next"), ("menu", "otherwise"), ("again", "next")]


def test_keys_may_go_round_as_often_as_they_are_pressed() -> None:
    again = menu(k1="support", k2="menu", otherwise="bye")
    assert tried(house(again, SUPPORT, BYE), press=["2"] * 99 + ["1"]).end is End.AGENT


# ------------------------------------------------------------------------------- keys


def test_each_prompt_takes_one_element_and_a_dash_is_silence() -> None:
    result = tried(house(MENU, SUPPORT, BYE), press=["-", "1"])
    assert result.way[0].heard == ["sound:menu", "sound:menu"]
    assert (result.way[1].at_s, result.end) == (5.0, End.AGENT)


def test_a_wrong_key_is_a_try_and_the_message_after_it_is_no_prompt() -> None:
    result = tried(house(MENU, SUPPORT, BYE), press=["9", "1"])
    assert result.way[0].heard == ["sound:menu", "sound:invalid", "sound:menu"]
    assert way(result)[0] == ("menu", "1")


def test_keys_of_one_element_go_to_the_next_menu_as_when_they_are_pressed_ahead() -> None:
    second = menu("second", k2="support", otherwise="bye")
    directory = house(menu("first", k1="second", otherwise="bye"), second, SUPPORT, BYE)
    result = tried(directory, press=["12", "9"])
    assert way(result)[:2] == [("first", "1"), ("second", "2")] and result.end is End.AGENT


def test_a_wrong_key_that_was_pressed_ahead_leaves_the_next_element_to_the_next_prompt() -> None:
    second = menu("second", k2="support", otherwise="bye")
    directory = house(menu("first", k1="second", otherwise="bye"), second, SUPPORT, BYE)
    result = tried(directory, press=["19", "2"])
    assert result.way[1].heard == ["sound:second", "sound:invalid", "sound:second"] and result.end is End.AGENT


def test_a_menu_without_a_message_is_a_prompt_too() -> None:
    silent = replace(MENU, sound="")
    assert tried(house(silent, SUPPORT, BYE), press=["1"]).end is End.AGENT


def test_digits_are_one_element_and_so_is_the_answer_whether_they_are_right() -> None:
    ask = Collect("ask", {"next": "tier", "otherwise": "bye"}, "sound:ask", "contract", 4, 6, confirm=True)
    tier = Branch("tier", {"1234": "support", "otherwise": "bye"}, "contract", ("1234",))
    directory = house(ask, tier, SUPPORT, BYE)
    result = tried(directory, press=["99", "1234#", "1"])
    assert way(result) == [("ask", "next"), ("tier", "1234"), ("support", None)]
    read_out = [f"sound:digits/{digit}" for digit in "1234"]
    assert result.way[0].heard == ["sound:ask", "sound:ask", *read_out, "sound:cti/confirm"]
    assert result.way[1].at_s == 3.0, "two digits are too few, and after three seconds no more come"
    assert way(tried(directory, press=["1234#", "2", "1234#", "2"])) == [("ask", "otherwise"), ("bye", None)]
    assert way(tried(directory))[0] == ("ask", "otherwise")


# ------------------------------------------------------------------------------- agents


def test_agents_have_all_skills_that_anything_asks_for() -> None:
    ask = SetValues("note", {"next": "support"}, skills={"english": 5})
    needy = {"support": Queue("support", "acme", needs=(Need(0, {"contracts": 7}),))}
    assert tried(house(ask, SUPPORT, BYE, queues=needy)).end is End.AGENT


@pytest.mark.parametrize(
    ("wanted", "end", "ended_s"),
    [
        ({"agents": 1}, End.AGENT, 0.0),
        ({"agents": 0}, End.HANGUP, 600.0),
        ({"agents": 2, "busy": 1}, End.AGENT, 0.0),
        ({"agents": 2, "busy": 2}, End.HANGUP, 600.0),
        ({"wait_s": 30.0}, End.AGENT, 30.0),
        ({"agents": 2, "busy": 1, "wait_s": 30.0}, End.AGENT, 0.0),
        ({"wait_s": 700.0}, End.HANGUP, 600.0),
    ],
)
def test_agents_are_free_busy_or_free_after_a_wait(wanted: dict[str, Any], end: End, ended_s: float) -> None:
    result = tried(house(SUPPORT, BYE), **wanted)
    assert (result.end, result.ended_s) == (end, ended_s)


def test_a_queue_without_a_longest_wait_keeps_the_caller_for_ever() -> None:
    endless = house(SUPPORT, BYE, queues={"support": Queue("support", "acme", longest_wait_s=0)})
    assert tried(endless, agents=0).end is End.WAITS


def test_a_queue_with_keys_takes_one_element_from_a_caller_who_has_to_wait() -> None:
    exits = {"longest_wait": "bye", "1": "note"}
    note = Play("note", {"next": "support"}, "sound:note")
    directory = house(Enqueue("support", exits, "support"), note, BYE)
    waiting = tried(directory, busy=1, press=["1", "-"])
    assert way(waiting) == [("support", "1"), ("note", "next"), ("support", "longest_wait"), ("bye", None)]
    assert waiting.ended_s == 600.0, "the place is kept, and the longest wait begins with the first entry"
    assert way(tried(directory, press=["1"])) == [("support", None)], "an agent is free"
    again = tried(directory, wait_s=30.0, press=["-", "1"])
    assert (way(again), again.ended_s) == ([("support", None)], 30.0)


def test_a_queue_announces_nothing_and_takes_a_key_however_long_the_wait() -> None:
    queue = Queue("support", "acme", announce=(Announcement(at_s=0, sounds=("sound:patience",)),))
    step = Enqueue("support", {"1": "bye"}, "support", {"1": 120.0})
    result = tried(house(step, BYE, queues={"support": queue}), busy=1, press=["1"])
    assert way(result)[0] == ("support", "1") and "sound:patience" not in heard(result)


def test_a_queue_for_which_nobody_works_is_left_at_once_and_one_whose_agents_are_busy_is_not() -> None:
    queue = Enqueue("support", {"longest_wait": "bye", "no_agents": "sorry"}, "support")
    directory = house(queue, HangUp("sorry", {}, "sound:sorry"), BYE)
    assert way(tried(directory, agents=0)) == [("support", "no_agents"), ("sorry", None)]
    assert way(tried(directory, busy=1)) == [("support", "longest_wait"), ("bye", None)]


# ------------------------------------------------------------------------------- hours, marks, lists, values


def at_noon(at: float) -> Opening:
    return Opening(OpenState.OPEN if at < AT else OpenState.CLOSED, None, sound="sound:half-day")


OFFICE = Hours("office", "Asia/Seoul", at_noon)
ASK = AskHours("ask", {"open": "support", "closed": "bye"}, "office")


def test_hours_are_asked_at_the_time_and_their_message_is_heard() -> None:
    directory = house(ASK, SUPPORT, BYE, hours={"office": OFFICE})
    assert way(tried(directory, at="2020-01-01T00:00"))[0] == ("ask", "open")
    closed = tried(directory)
    assert (way(closed)[0], closed.way[0].heard) == (("ask", "closed"), ["sound:half-day"])


def test_an_override_holds_in_a_trial_and_stays_as_it_is() -> None:
    override = HoursOverride("office", OpenState.OPEN, None, "operator", AT, "row")
    before = replace(override)
    directory = house(ASK, SUPPORT, BYE, hours={"office": OFFICE})
    assert way(tried(directory, [override]))[0] == ("ask", "open") and override == before


def test_a_branch_sees_mark_list_and_values_of_a_lookup() -> None:
    mark = Branch("mark", {"threat": "bye", "otherwise": "list"}, "mark", ("threat",))
    listed = Branch("list", {"vip": "support", "otherwise": "note"}, "number", ("vip",))
    note = SetValues("note", {"next": "tier"}, variables={"tier": "gold"})
    tier = Branch("tier", {"gold": "support", "otherwise": "bye"}, "tier", ("gold",))
    vip = {"vip": NumberList("vip", frozenset({CALLER}))}
    directory = house(mark, listed, note, tier, SUPPORT, BYE, number_lists=vip)
    assert way(tried(directory, caller=CALLER, mark="threat")) == [("mark", "threat"), ("bye", None)]
    assert way(tried(directory, caller=CALLER))[:2] == [("mark", "otherwise"), ("list", "vip")]
    assert way(tried(directory))[2:4] == [("note", "next"), ("tier", "gold")]


# ------------------------------------------------------------------------------- answers


def test_a_queue_takes_the_exit_that_is_given() -> None:
    result = tried(house(SUPPORT, BYE), answers={"support": Given("longest_wait")})
    assert (way(result), result.ended_s) == ([("support", "longest_wait"), ("bye", None)], 0.0)
    assert result.why == "queue_timeout"


def test_a_lookup_is_not_asked_and_gives_its_values() -> None:
    look = AskLookup("look", {"found": "tier", "none": "bye", "error": "bye"})
    tier = Branch("tier", {"gold": "support", "otherwise": "bye"}, "look.tier", ("gold",))
    directory = house(look, tier, SUPPORT, BYE)
    assert way(tried(directory)) == [("look", "none"), ("bye", None)]
    assert way(tried(directory, answers={"look": Given("error")}))[0] == ("look", "error")
    gold = {"main/look": Given("found", {"tier": "gold"})}
    assert way(tried(directory, answers=gold)) == [("look", "found"), ("tier", "gold"), ("support", None)]


@pytest.mark.parametrize(
    ("wanted", "field", "text"),
    [
        ({"number": "front desk"}, "number", "is no telephone number"),
        ({"press": ["1", "x"]}, "press", 'not "x"'),
        ({"press": [""]}, "press", "for none"),
        ({"press": ["1"] * 101}, "press", "too many"),
        ({"agents": 101}, "agents", "from 0 to 100"),
        ({"agents": 1, "busy": 2}, "busy", "for 1 work"),
        ({"wait_s": -1}, "wait_s", "from 0 to 86400"),
        ({"at": "christmas"}, "at", 'not "christmas"'),
        ({"caller": "mother"}, "from", 'not "mother"'),
        ({"mark": "threat"}, "mark", "withheld number"),
        ({"answers": {"suport": Given("full")}}, "answers", 'did you mean "support"?'),
        ({"answers": {"othr/support": Given("full")}}, "answers", 'there is no scenario "othr"'),
        ({"answers": {"support": Given("ful")}}, "answers", 'did you mean "full"?'),
        ({"answers": {"support": Given("full", {"a": "b"})}}, "answers", "has no values"),
        ({"answers": {"bye": Given("next")}}, "answers", 'is a "hangup", which is run'),
    ],
)
def test_what_cannot_be_tried_is_said_in_words(wanted: dict[str, Any], field: str, text: str) -> None:
    with pytest.raises(Wrong, match=text.replace("?", r"\?")) as refused:
        tried(house(SUPPORT, BYE), **wanted)
    assert refused.value.field == field


# ------------------------------------------------------------------------------- who is called back

CALL_ME = AskCallback("call-me", {"next": "bye", "otherwise": "support"})
CALLS_OUT: dict[str, Any] = {
    "services": {"acme": Service("acme", allowed_prefixes=("+82",))},
    "numbering": Numbering({"main": "KR"}, ["+8225551234"]),
    "calling_numbers": {"+8225551234": CallingNumber("+8225551234", "acme", "confirmed")},
}


@pytest.mark.parametrize(
    ("wanted", "exit_", "end"),
    [
        ({"press": ["1"]}, "next", End.CALLBACK),
        ({"press": ["2", "0212345678#", "1"]}, "next", End.CALLBACK),
        ({"press": ["*"]}, "otherwise", End.AGENT),
        ({"press": ["-", "-"]}, "otherwise", End.AGENT),
        ({"press": ["-", "1"]}, "next", End.CALLBACK),
        ({"press": ["2", "-", "-"]}, "otherwise", End.AGENT),
        ({"answers": {"call-me": Given("next")}}, "next", End.CALLBACK),
        ({"answers": {"call-me": Given("otherwise")}}, "otherwise", End.AGENT),
    ],
)
def test_a_callback_goes_by_the_keys_unless_an_answer_is_given(wanted: dict[str, Any], exit_: str, end: End) -> None:
    result = tried(house(CALL_ME, SUPPORT, BYE, **CALLS_OUT), caller=CALLER, **wanted)
    assert (way(result)[0], result.end, result.why) == (("call-me", exit_), end, "")


def test_a_callback_of_a_service_that_does_not_call_out_is_refused() -> None:
    result = tried(house(CALL_ME, SUPPORT, BYE), caller=CALLER, press=["1"])
    assert (heard(result)[0], way(result)[0]) == (CALLBACK_REFUSED, ("call-me", "otherwise"))


# ------------------------------------------------------------------------------- the table of steps


def test_the_table_has_the_word_of_every_kind_of_step() -> None:
    """A new step is found here: its class and its word in the configuration belong together."""
    words = get_args(StepSettings.model_fields["do"].annotation)
    made = {do: step_of_settings("name", StepSettings(do=do, on="number", digits=[1, 4]), {}) for do in words}
    assert {do: word(step) for do, step in made.items()} == {do: do for do in words}
    assert {type(step) for step in made.values()} == set(TABLE)
    assert set(ASKS) <= set(words) and set(ANSWERS) >= set(words) & {"lookup", "voicemail", "callback", "transfer"}


def test_one_directory_serves_many_trials() -> None:
    directory = house(MENU, SUPPORT, BYE, Menu("unused"), HangUp("end"))
    crew = staffed(directory, 1)
    asked = understand(directory, Wanted(number=NUMBER, press=["1"]), AT).asked
    assert [run(crew, asked).content() for _ in range(3)] == [run(crew, asked).content()] * 3


def prepared(next_: str) -> Directory:
    emergency = Prepared("sound:lines-down", next_)
    return house(HELLO, MENU, SUPPORT, BYE, services={"acme": Service("acme", emergency=emergency)})


def test_a_call_can_be_tried_as_in_an_emergency() -> None:
    found = tried(prepared("main/bye"), emergency=True)
    assert way(found) == [("emergency", "next"), ("bye", None)] and found.end is End.HANGUP
    assert heard(found)[0] == "sound:lines-down"
    assert way(tried(prepared(""), emergency=True)) == [("emergency", "next")]
    assert way(tried(prepared("go_on"), emergency=True, press=["1"]))[:2] == [("emergency", "next"), ("hello", "next")]
    assert way(tried(prepared("main/bye")))[0] == ("hello", "next")
    with pytest.raises(Wrong, match="nothing is prepared"):
        tried(house(HELLO, MENU, SUPPORT, BYE), emergency=True)
