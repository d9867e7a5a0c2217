"""Scenarios with steps in the configuration: taken over as they stand, refused with the line of what is wrong."""

import re
from pathlib import Path

import pytest

from cti_bridge.config.directory import directory
from cti_bridge.domain.model.scenario import (
    OF_CALLBACK,
    TRANSFER_CONFIRM,
    AskCallback,
    Dialplan,
    Enqueue,
    Goto,
    HangUp,
    Menu,
    Play,
    Transfer,
)
from cti_bridge.settings import load_settings
from tests.support.configuration import BASE, ENVIRONMENT, configuration, problems

REPOSITORY = Path(__file__).parents[2]
STEPS = """
[[scenarios]]
id = "main"
service = "acme"
numbers = ["+8225550000", "+8225550001"]
start = "hello"
[scenarios.steps.hello]
do = "play"
sound = "sound:hello"
next = "menu"
[scenarios.steps.menu]
do = "menu"
sound = "sound:menu"
keys = { 1 = "wait", 2 = "again", "*" = "other/there" }
wait_s = 3.5
tries = 2
invalid = "sound:invalid"
otherwise = "bye"
[scenarios.steps.again]
do = "goto"
scenario = "other"
[scenarios.steps.wait]
do = "queue"
queue = "support"
longest_wait = "bye"
[scenarios.steps.bye]
do = "hangup"
sound = "sound:bye"
[[scenarios]]
id = "other"
service = "acme"
start = "there"
[scenarios.steps.there]
do = "play"
sound = "sound:there"
next = "main/wait"
"""


def with_scenarios(text: str) -> str:
    return "".join({**BASE, "scenarios": text}.values())


def test_steps_are_taken_over_as_they_stand(tmp_path: Path) -> None:
    settings = load_settings(configuration(tmp_path, base=with_scenarios(STEPS)) / "cti_bridge.toml", ENVIRONMENT)
    house = directory(settings)
    main = house.scenarios["main"]
    assert main.numbers == ("+8225550000", "+8225550001") and main.start == "hello"
    assert list(main.steps.values()) == [
        Play("hello", {"next": "menu"}, "sound:hello"),
        Menu(
            "menu",
            {"otherwise": "bye", "1": "wait", "2": "again", "*": "other/there"},
            "sound:menu",
            3.5,
            2,
            "sound:invalid",
        ),
        Goto("again", {"next": "other/there"}, "other"),
        Enqueue("wait", {"longest_wait": "bye"}, "support"),
        HangUp("bye", {}, "sound:bye"),
    ]
    assert house.scenario_of("+8225550001") is main and house.scenario_of("+8225550009") is None
    assert settings.media() == {f"sound:{name}" for name in ("hello", "menu", "invalid", "bye", "there")}


def test_the_short_form_means_play_queue_hang_up(tmp_path: Path) -> None:
    short = BASE["scenarios"] + 'greeting = "sound:hello"\non_longest_wait = "sound:busy"\n'
    settings = load_settings(configuration(tmp_path, base=with_scenarios(short)) / "cti_bridge.toml", ENVIRONMENT)
    scenario = directory(settings).scenarios["+8225550000"]
    assert (scenario.start, scenario.queue) == ("greeting", "support")
    assert list(scenario.steps.values()) == [
        Play("greeting", {"next": "queue"}, "sound:hello"),
        Enqueue("queue", {"longest_wait": "busy"}, "support"),
        HangUp("busy", {}, "sound:busy"),
    ]


def changed(before: str, after: str) -> str:
    assert before in STEPS
    return with_scenarios(STEPS.replace(before, after, 1))


REFUSED = {
    "hours that are none": (
        changed('do = "play"\nsound = "sound:hello"\nnext = "menu"', 'do = "hours"\nhours = "ofice"\nopen = "menu"'),
        "ofice",
        'there are no [[hours]] "ofice"',
    ),
    "exit to nowhere": (
        changed('next = "menu"', 'next = "meni"'),
        "meni",
        'there is no step "meni"; did you mean "menu"?',
    ),
    "key to nowhere": (changed('1 = "wait"', '1 = "wat"'), "wat", 'there is no step "wat"; did you mean "wait"?'),
    "key that is none": (changed("2 = ", "22 = "), "22 =", "one key: a digit, * or #"),
    "another scenario's step": (changed("main/wait", "main/wit"), "wit", 'scenario "main" has no step "wit"'),
    "another scenario": (
        changed("other/there", "othr/there"),
        "othr",
        'there is no scenario "othr"; did you mean "other"?',
    ),
    "start": (changed('start = "hello"', 'start = "helo"'), "helo", 'there is no step "helo"; did you mean "hello"?'),
    "no start": (changed('start = "hello"\n', ""), None, '"start" is missing'),
    "no such step": (changed('do = "play"', 'do = "ply"'), "ply", 'did you mean "play"?'),
    "a key of another step": (
        changed('longest_wait = "bye"', 'longest_wait = "bye"\ntries = 2'),
        "tries = 2",
        'a step "queue" has no "tries", but "queue", "longest_wait", "full", "no_agents", "closed", "after_talk" or '
        '"keys"',
    ),
    "a key of no step": (changed("tries = 2", "tryes = 2"), "tryes", 'unknown key "tryes"; did you mean "tries"?'),
    "no sound": (changed('sound = "sound:hello"\n', ""), None, '"sound" is missing, which a step "play" needs'),
    "no queue": (changed('queue = "support"\n', ""), None, '"queue" is missing, which a step "queue" needs'),
    "queue that is none": (changed('queue = "support"', 'queue = "suport"'), "suport", 'there is no queue "suport"'),
    "goto nowhere": (changed('scenario = "other"', 'scenario = "othe"'), "othe", 'there is no scenario "othe"'),
    "both forms": (changed('start = "hello"', 'start = "hello"\nqueue = "support"'), "queue =", "is of the short form"),
    "neither form": (with_scenarios(STEPS.split("start")[0]), None, 'needs a "queue", or "start" and steps'),
    "number beside numbers": (
        changed('start = "hello"', 'start = "hello"\nnumber = "+8225550003"'),
        "numbers =",
        'both "number" and "numbers" are given',
    ),
    "number of another": (
        changed('id = "other"', 'id = "other"\nnumber = "+8225550001"'),
        'number = "+8225550001"',
        'the number "+8225550001" belongs to scenario "main" already',
    ),
    "circle": (
        changed('do = "play"\nsound = "sound:there"\nnext = "main/wait"', 'do = "goto"\nscenario = "other"'),
        None,
        "leads in a circle in which nothing waits",
    ),
    "circle by hours": (
        changed(
            'do = "play"\nsound = "sound:there"\nnext = "main/wait"',
            'do = "hours"\nhours = "office"\nopen = "main/again"\nclosed = "main/wait"',
        ),
        None,
        "this hours leads in a circle in which nothing waits",
    ),
    "too many tries": (changed("tries = 2", "tries = 11"), "tries", '"tries" must be at most 10'),
    "name of a step": (changed("steps.hello]", 'steps."He llo"]'), None, "lower-case letters, digits and _ - only"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_refused_at_its_line(case: str, tmp_path: Path) -> None:
    text, at, expected = REFUSED[case]
    found = [problem for problem in problems(configuration(tmp_path, base=text)) if problem.severity == "error"]
    fitting = [problem for problem in found if expected in problem.text]
    assert fitting, [str(problem) for problem in found]
    if at is not None:
        assert fitting[0].place.line in [number for number, line in enumerate(text.splitlines(), 1) if at in line]


WARNED = {
    "nothing leads there": (changed('next = "menu"', 'next = "wait"'), 'nothing leads to step "menu"'),
    "menu without an end": (changed('otherwise = "bye"\n', ""), '"otherwise" is missing'),
    "menu that a silent caller never leaves": (
        changed('invalid = "sound:invalid"\notherwise = "bye"', 'invalid = "sound:invalid"\notherwise = "hello"'),
        "this menu has no end",
    ),
    "message that is left again and again": (
        changed(
            'do = "play"\nsound = "sound:there"\nnext = "main/wait"',
            'do = "voicemail"\nqueue = "support"\nnext = "main/again"\notherwise = "main/bye"',
        ),
        "this voicemail has no end",
    ),
    "queue without an end": (changed('longest_wait = "bye"\n', ""), '"longest_wait" is missing'),
}


@pytest.mark.parametrize("case", WARNED)
def test_what_is_hardly_meant_is_warned_of(case: str, tmp_path: Path) -> None:
    text, expected = WARNED[case]
    found = [problem for problem in problems(configuration(tmp_path, base=text)) if expected in problem.text]
    assert [problem.severity for problem in found] == ["warning"]


def test_a_circle_through_a_queue_or_by_a_key_has_an_end(tmp_path: Path) -> None:
    text = changed('longest_wait = "bye"', 'longest_wait = "menu"').replace('otherwise = "bye"', 'otherwise = "wait"')
    text = text.replace('1 = "wait"', '1 = "hello"')
    found = [problem.text for problem in problems(configuration(tmp_path, base=text))]
    assert not [one for one in found if "no end" in one]


def test_a_later_file_changes_a_single_step(tmp_path: Path) -> None:
    path = configuration(tmp_path, base=with_scenarios(STEPS))
    more = '[[scenarios]]\nid = "main"\n[scenarios.steps.bye]\ndo = "hangup"\nsound = "sound:night"\n'
    (path / "conf.d").mkdir(exist_ok=True)
    (path / "conf.d" / "90-night.toml").write_text(more)
    main = directory(load_settings(path / "cti_bridge.toml", ENVIRONMENT)).scenarios["main"]
    assert main.steps["bye"] == HangUp("bye", {}, "sound:night") and len(main.steps) == 5


def test_the_sample_is_right_when_it_is_switched_on(tmp_path: Path) -> None:
    sample = (REPOSITORY / "config" / "conf.d" / "10-acme.toml").read_text().partition("# The long form")[2]
    sample = sample.partition("\n\n")[0] + '\n# [[hours]]\n# id = "office"\n# timezone = "Asia/Seoul"\n'
    sample += '# [hours.week]\n# mon = ["09:00-18:00"]\n# [[number_lists]]\n# id = "vip"\n# numbers = ["+8210555*"]\n'
    lines = [line.removeprefix("# ") for line in sample.splitlines() if re.match(r"# (\[|\w+ = )", line)]
    (tmp_path / "crm.secret").write_text("0123456789abcdef")
    found = problems(configuration(tmp_path, base=with_scenarios("\n".join(lines) + "\n")))
    assert [str(problem) for problem in found] == []


def with_callback(*settings: str) -> str:
    step = ["[scenarios.steps.call-me]", 'do = "callback"', *settings]
    return changed('2 = "again"', '2 = "call-me"').replace(
        '[scenarios.steps.again]\ndo = "goto"\nscenario = "other"', "\n".join(step)
    )


def test_a_callback_is_taken_over_and_its_sounds_are_asked_for(tmp_path: Path) -> None:
    text = with_callback("wait_s = 4", "between_s = 2", 'next = "bye"', 'otherwise = "wait"')
    settings = load_settings(configuration(tmp_path, base=text) / "cti_bridge.toml", ENVIRONMENT)
    step = directory(settings).scenarios["main"].steps["call-me"]
    assert step == AskCallback("call-me", {"next": "bye", "otherwise": "wait"}, "", 4, 2, 2)
    assert settings.media() >= {*OF_CALLBACK, *(f"sound:digits/{digit}" for digit in range(10))}


def test_of_a_callback_that_is_refused_to_all_or_leads_nowhere_is_warned_at_its_line(tmp_path: Path) -> None:
    text = with_callback('next = "bye"')

    def warned(base: str, expected: str) -> str:
        (found,) = [one for one in problems(configuration(tmp_path, base=base)) if expected in one.text]
        assert found.severity == "warning" and found.place.line is not None
        return base.splitlines()[found.place.line - 1]

    assert warned(text, "who does not want to be called back") == "[scenarios.steps.call-me]"
    new = text.replace('state = "confirmed"', 'state = "new"')
    assert warned(new, "no confirmed [[calling_numbers]]") == 'do = "callback"'
    off = text.replace("[[services]]", "[[services]]\noutbound = false", 1)
    assert warned(off, "does not call out") == 'do = "callback"'


def test_a_callback_needs_a_queue_whose_agents_call_back(tmp_path: Path) -> None:
    queue = 'do = "queue"\nqueue = "support"\nlongest_wait = "bye"'
    text = with_callback('next = "bye"').replace(queue, 'do = "play"\nsound = "sound:x"\nnext = "bye"')
    found = [problem.text for problem in problems(configuration(tmp_path, base=text)) if problem.severity == "error"]
    assert found == ['"queue" is missing: whose agents call back? The scenario has no queue']


def with_transfer(*settings: str) -> str:
    return with_callback(*settings).replace('do = "callback"', 'do = "transfer"')


def test_a_transfer_is_taken_over_as_it_stands(tmp_path: Path) -> None:
    text = with_transfer('number = "+8225559999"', "ring_s = 20", "confirm = true", "most_s = 7200", 'failed = "wait"')
    settings = load_settings(configuration(tmp_path, base=text) / "cti_bridge.toml", ENVIRONMENT)
    step = directory(settings).scenarios["main"].steps["call-me"]
    assert step == Transfer("call-me", {"failed": "wait"}, "+8225559999", "", 20, True, 7200)
    assert TRANSFER_CONFIRM in settings.media() and "sound:cti/confirm" not in settings.media()
    text = with_transfer('agent = "a1"', "only_ready = false", 'failed = "wait"')
    settings = load_settings(configuration(tmp_path, base=text) / "cti_bridge.toml", ENVIRONMENT)
    step = directory(settings).scenarios["main"].steps["call-me"]
    assert step == Transfer("call-me", {"failed": "wait"}, "", "a1", only_ready=False)


WRONG_TRANSFERS = {
    "neither": ((), "[scenarios.steps.call-me]", 'goes to a "number" or to an "agent"'),
    "both": (('number = "+8225559999"', 'agent = "a1"'), "[scenarios.steps.call-me]", "give one of them"),
    "no such agent": (('agent = "a2"',), 'agent = "a2"', 'there is no agent "a2"'),
    "not allowed": (('number = "+819012345678"',), 'number = "+819012345678"', "may not dial +819012345678"),
    "premium rate": (('number = "+82609001234"',), 'number = "+82609001234"', "may not dial +82609001234"),
    "a number of ours": (('number = "+8225550001"',), 'number = "+8225550001"', 'is a number of scenario "main" here'),
    "an agent confirms": (('agent = "a1"', "confirm = true"), "confirm = true", "is for an outside number"),
    "a number is ready": (('number = "+8225559999"', "only_ready = true"), "only_ready = true", "is for an agent"),
    "a circle": (('number = "+8225559999"', 'failed = "call-me"'), None, "leads in a circle in which nothing waits"),
}


@pytest.mark.parametrize("case", WRONG_TRANSFERS)
def test_what_is_wrong_with_a_transfer_is_refused_at_its_line(case: str, tmp_path: Path) -> None:
    settings, at, expected = WRONG_TRANSFERS[case]
    text = with_transfer(*settings)
    found = [problem for problem in problems(configuration(tmp_path, base=text)) if problem.severity == "error"]
    fitting = [problem for problem in found if expected in problem.text]
    assert fitting, [str(problem) for problem in found]
    if at is not None:
        assert text.splitlines()[(fitting[0].place.line or 0) - 1] == at


def test_a_transfer_that_leads_nowhere_or_cannot_be_made_is_warned_of(tmp_path: Path) -> None:
    text = with_transfer('number = "+8225559999"').replace('state = "confirmed"', 'state = "new"')
    found = [problem.text for problem in problems(configuration(tmp_path, base=text))]
    assert [one for one in found if '"failed" is missing' in one]
    assert [one for one in found if "each of these transfers fails" in one]


def test_a_transfer_to_a_number_that_customers_see_is_warned_of(tmp_path: Path) -> None:
    text = with_transfer('number = "+8225551234"', 'failed = "wait"')
    found = [one for one in problems(configuration(tmp_path, base=text)) if "customers see" in one.text]
    assert [one.severity for one in found] == ["warning"]


def test_a_message_has_its_own_longest_time(tmp_path: Path) -> None:
    text = with_callback("most_s = 3601", 'next = "bye"').replace('do = "callback"', 'do = "voicemail"')
    found = [problem.text for problem in problems(configuration(tmp_path, base=text)) if problem.severity == "error"]
    assert found == ['"most_s" must be at most 3600 here']


def with_dialplan(*settings: str) -> str:
    return with_callback(*settings).replace('do = "callback"', 'do = "dialplan"')


def test_a_dialplan_is_taken_over_as_it_stands(tmp_path: Path) -> None:
    text = with_dialplan('context = "acme-ivr"', 'cases = { sales = "wait" }', 'next = "bye"')
    settings = load_settings(configuration(tmp_path, base=text) / "cti_bridge.toml", ENVIRONMENT)
    step = directory(settings).scenarios["main"].steps["call-me"]
    assert step == Dialplan("call-me", {"next": "bye", "sales": "wait"}, "acme-ivr", "s", 600)


@pytest.mark.parametrize(
    ("settings", "at", "expected"),
    [
        (('next = "bye"',), "[scenarios.steps.call-me]", '"context" is missing'),
        (('context = "a b"',), 'context = "a b"', "a name of the dialplan"),
        (('context = "a"', "most_s = 7201"), "most_s = 7201", "at most 7200"),
        (('context = "a"', 'cases = { next = "bye" }'), 'cases = { next = "bye" }', '"next" is no case'),
        (('context = "a"', 'cases = { sales = "by" }'), 'cases = { sales = "by" }', 'there is no step "by"'),
    ],
)
def test_what_is_wrong_with_a_dialplan_is_refused_at_its_line(
    settings: tuple[str, ...], at: str, expected: str, tmp_path: Path
) -> None:
    text = with_dialplan(*settings)
    found = [problem for problem in problems(configuration(tmp_path, base=text)) if problem.severity == "error"]
    fitting = [problem for problem in found if expected in problem.text]
    assert fitting, [str(problem) for problem in found]
    assert text.splitlines()[(fitting[0].place.line or 0) - 1] == at
