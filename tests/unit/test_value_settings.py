"""Steps that carry values, and lists of numbers, in the configuration: taken over as they stand, refused with the line
of what is wrong."""

from pathlib import Path

import pytest

from cti_bridge.config.directory import directory
from cti_bridge.config.number_lists import MOST_COMPLAINTS
from cti_bridge.domain.model.scenario import AskLookup, Branch, Collect, SetValues
from cti_bridge.lookup.target import Target
from cti_bridge.settings import Settings, load_settings
from tests.support.configuration import ENVIRONMENT, configuration, problems
from tests.unit.test_scenario_settings import with_scenarios

NUMBERS = 'numbers = ["+821055500001", "010-5550-0002", "+82 10 666*"]'
SECRET = "0123456789abcdef"
STEPS = """
[[number_lists]]
id = "vip"
numbers = ["+821055500001", "010-5550-0002", "+82 10 666*"]
priority = 5
[[scenarios]]
id = "main"
service = "acme"
numbers = ["+8225550000"]
language = "ko"
start = "gold"
[scenarios.steps.gold]
do = "set"
priority = -10
skills = { english = 5 }
category = "contract/gold"
language = "en"
variables = { tier = "gold" }
next = "number"
[scenarios.steps.number]
do = "branch"
on = "number"
cases = { vip = "mark" }
otherwise = "mark"
[scenarios.steps.mark]
do = "branch"
on = "mark"
cases = { threat = "ask", any = "ask" }
otherwise = "ask"
[scenarios.steps.ask]
do = "collect"
sound = "sound:ask"
name = "contract"
digits = [6, 8]
confirm = true
next = "pin"
otherwise = "tier"
[scenarios.steps.pin]
do = "collect"
sound = "sound:pin"
name = "pin"
digits = [4, 4]
wait_s = 7
between_s = 2.5
tries = 1
secret = true
next = "look"
otherwise = "tier"
[scenarios.steps.look]
do = "lookup"
url = "https://crm.example.com/cti/lookup?house=1"
secret_file = "crm.secret"
wait_ms = 800
found = "rank"
none = "tier"
error = "tier"
[scenarios.steps.rank]
do = "branch"
on = "look.rank"
cases = { A = "wait" }
otherwise = "tier"
[scenarios.steps.tier]
do = "branch"
on = "tier"
cases = { gold = "long", "no card" = "wait" }
otherwise = "long"
[scenarios.steps.long]
do = "branch"
on = "queue.waiting"
queue = "support"
cases = { 10 = "bye", "2.5" = "wait" }
otherwise = "wait"
[scenarios.steps.wait]
do = "queue"
queue = "support"
longest_wait = "bye"
[scenarios.steps.bye]
do = "hangup"
"""


def loaded(path: Path, text: str = STEPS) -> Settings:
    return load_settings(made(path, with_scenarios(text)) / "cti_bridge.toml", ENVIRONMENT)


def made(path: Path, text: str) -> Path:
    """The configuration, and the file of its secret."""
    (path / "crm.secret").write_text(f"{SECRET}\n")
    return configuration(path, base=text)


def test_steps_are_taken_over_as_they_stand(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    assert settings.warnings == []
    main = directory(settings).scenarios["main"]
    assert main.language == "ko"
    assert list(main.steps.values())[:9] == [
        SetValues("gold", {"next": "number"}, -10, {"english": 5}, "contract/gold", "en", {"tier": "gold"}, 60),
        Branch("number", {"otherwise": "mark", "vip": "mark"}, "number", ("vip",)),
        Branch("mark", {"otherwise": "ask", "threat": "ask", "any": "ask"}, "mark", ("threat", "any")),
        Collect("ask", {"next": "pin", "otherwise": "tier"}, "sound:ask", "contract", 6, 8, confirm=True),
        Collect("pin", {"next": "look", "otherwise": "tier"}, "sound:pin", "pin", 4, 4, 7, 2.5, 1, secret=True),
        AskLookup("look", {"found": "rank", "none": "tier", "error": "tier"}, 0.8),
        Branch("rank", {"otherwise": "tier", "A": "wait"}, "look.rank", ("A",)),
        Branch("tier", {"otherwise": "long", "gold": "long", "no card": "wait"}, "tier", ("gold", "no card")),
        Branch("long", {"otherwise": "wait", "10": "bye", "2.5": "wait"}, "queue.waiting", ("10", "2.5"), "support"),
    ]


def test_the_sounds_that_read_digits_out_are_asked_of_the_pbx_where_they_are_needed(tmp_path: Path) -> None:
    assert loaded(tmp_path).media() > {"sound:ask", "sound:cti/confirm", "sound:digits/0", "sound:digits/9"}
    assert loaded(tmp_path, changed("confirm = true\n", "")).media() == {"sound:ask", "sound:pin"}


def test_numbers_of_a_list_are_read_by_the_one_rule_for_numbers(tmp_path: Path) -> None:
    vip = loaded(tmp_path).directory().number_lists["vip"]
    assert (set(vip.numbers), set(vip.prefixes)) == ({"+821055500001", "+821055500002"}, {"+8210666"})
    assert (vip.priority, vip.refuses) == (5, False)


def changed(before: str, after: str) -> str:
    assert before in STEPS
    return STEPS.replace(before, after, 1)


REFUSED = {
    "sets nothing": (
        STEPS.partition("priority = -10")[0] + "next" + STEPS.partition("\nnext")[2],
        "steps.gold",
        'this step sets nothing; give "priority", "skills", "category", "language" or "variables"',
    ),
    "a skill without a level": (changed("english = 5", "english = 0"), "skills", '"english" must be at least 1'),
    "a priority beyond all": (changed("-10", "5000"), "priority", '"priority" must be at most 1000'),
    "a name of a variable": (changed("{ tier =", '{ "a.b" ='), "variables", "lower-case letters, digits and _ only"),
    "a variable too long": (changed('tier = "gold"', f'tier = "{"x" * 201}"'), "variables", "at most 200"),
    "a language": (changed('language = "en"', 'language = "English"'), "English", "a language of the PBX's sounds"),
    "a list that is none": (changed("{ vip =", "{ vipp ="), "vipp", 'no [[number_lists]] "vipp"; did you mean "vip"?'),
    "a reason that is none": (changed("threat =", "thread ="), "thread", 'did you mean "threat"?'),
    "a case to nowhere": (changed('gold = "long"', 'gold = "lang"'), "lang", 'there is no step "lang"'),
    "a variable that nobody sets": (
        changed('on = "tier"', 'on = "tire"'), 'on = "tire"', 'no step sets the variable "tire"; did you mean "tier"?',
    ),
    "otherwise as a case": (changed('"no card" =', "otherwise ="), "otherwise =", '"otherwise" is no case'),
    "a figure that is none": (changed("queue.waiting", "queue.wating"), "wating", 'did you mean "queue.waiting"?'),
    "a figure of no queue": (changed('queue = "support"\ncases', "cases"), None, '"queue" is missing, which a branch'),
    "a figure of another queue": (changed('queue = "support"', 'queue = "suport"'), "suport", 'no queue "suport"'),
    "a queue without a figure": (
        changed('on = "tier"', 'on = "tier"\nqueue = "support"'), 'queue = "support"', '"queue" belongs to the figures',
    ),
    "a threshold": (changed("10 =", "ten ="), "ten", '"ten" is no threshold'),
    "a threshold below nothing": (changed("10 =", '"-1" ='), "-1", '"-1" is no threshold'),
    "a threshold without end": (changed("10 =", "inf ="), "inf", '"inf" is no threshold'),
    "a circle": (changed('gold = "long"', 'gold = "tier"'), None, "leads in a circle in which nothing waits"),
    "one number of digits": (changed("[6, 8]", "[6]"), "digits = [6]", "the fewest and the most of them"),
    "fewest above most": (changed("[6, 8]", "[8, 6]"), "digits = [8, 6]", "the fewest and the most of them"),
    "too many digits": (changed("[6, 8]", "[6, 33]"), "digits = [6, 33]", "must be at most 32"),
    "no digits": (changed("digits = [6, 8]\n", ""), None, '"digits" is missing, which a step "collect" needs'),
    "a secret that is read out": (changed("secret = true", "secret = true\nconfirm = true"), "confirm", "not read out"),
    "open here and secret there": (changed('name = "pin"', 'name = "contract"'), 'name = "contract"', "use two names"),
    "a branch on a secret": (changed('on = "tier"', 'on = "pin"'), 'on = "pin"', '"pin" is secret, and no branch'),
    "no secret": (changed('secret_file = "crm.secret"\n', ""), None, '"secret_file" is missing, which a step "lookup"'),
    "a secret that is not there": (changed("crm.secret", "crm.sekret"), "crm.sekret", "cannot be read"),
    "too long for an answer": (changed("800", "3001"), "3001", '"wait_ms" must be at most 3000'),
    "credentials in the address": (changed("https://", "https://a:b@"), "a:b@", "credentials do not belong"),
    "another scheme": (changed("https://", "ftp://"), "ftp:", "write it as in"),
    "a value of another lookup": (
        changed("look.rank", "loook.rank"), "loook", '"loook.rank"; did you mean "look.rank"?',
    ),
    "a list of nothing": (changed(NUMBERS + "\n", ""), "vip", "neither"),
    "a list from two places": (changed("priority = 5", 'priority = 5\nfile = "vip.txt"'), "vip.txt", "keep one"),
    "refused and preferred": (changed("priority = 5", 'priority = 5\nrefuse = "reject"'), "priority = 5", "refused"),
    "another refusal": (changed("priority = 5", 'refuse = "busy"'), "busy", '"refuse" must be "" or "reject"'),
    "a number": (changed("010-5550-0002", "0105"), '"0105"', '"0105" is no number to compare callers with'),
    "a word": (changed("010-5550-0002", "anonymous"), "anonymous", '"anonymous" is no number to compare callers with'),
    "a prefix of everybody": (changed("+82 10 666*", "*"), '"*"', '"*" is not the beginning of numbers'),
    "a prefix of one country": (changed("+82 10 666*", "010666*"), "010666*", "write a plus and the first digits"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_refused_at_its_line(case: str, tmp_path: Path) -> None:
    text, at, expected = REFUSED[case]
    text = with_scenarios(text)
    found = [problem for problem in problems(made(tmp_path, text)) if problem.severity == "error"]
    fitting = [problem for problem in found if expected in problem.text]
    assert fitting, [str(problem) for problem in found]
    if at is not None:
        assert fitting[0].place.line in [number for number, line in enumerate(text.splitlines(), 1) if at in line]


def test_a_branch_without_otherwise_is_warned_of(tmp_path: Path) -> None:
    text = with_scenarios(changed('cases = { vip = "mark" }\notherwise = "mark"', 'cases = { vip = "mark" }'))
    (found,) = problems(made(tmp_path, text))
    assert found.severity == "warning" and found.text.startswith('"otherwise" is missing')


def test_the_secret_of_a_lookup_is_read_from_its_file_and_shown_nowhere(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    target = settings.lookups()["main", "look"]
    assert target == Target("https://crm.example.com/cti/lookup?house=1", SECRET.encode(), 0.8)
    assert SECRET not in repr(settings) + repr(target) + repr(settings.directory())


def test_a_secret_that_can_be_tried_out_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path, with_scenarios(STEPS))
    (path / "crm.secret").write_text("secret")
    (found,) = problems(path)
    assert (
        "16 at least" in found.text and "secret_file" in with_scenarios(STEPS).splitlines()[(found.place.line or 0) - 1]
    )


def test_a_lookup_in_the_clear_and_one_without_exits_are_warned_of(tmp_path: Path) -> None:
    text = changed("https://", "http://").replace('none = "tier"\n', "")
    found = [problem.text for problem in problems(made(tmp_path, with_scenarios(text)))]
    assert (
        len(found) == 2
        and any("use https" in one for one in found)
        and any('"none" is missing' in one for one in found)
    )
    text = changed("https://crm.example.com", "http://127.0.0.1:8000")
    assert problems(made(tmp_path, with_scenarios(text))) == []


# ------------------------------------------------------------------------------- files of numbers


def from_file(path: Path, content: str | bytes) -> Path:
    text = changed(NUMBERS, 'file = "vip.txt"')
    (path / "vip.txt").write_bytes(content.encode() if isinstance(content, str) else content)
    return made(path, with_scenarios(text))


def test_a_file_has_a_number_a_line_with_words_for_people_behind_it(tmp_path: Path) -> None:
    content = "\ufeff# our best\r\n+821055500001  # Kim\r\n\r\n 010-5550-0002\r\n+8210666*\r\n"
    settings = load_settings(from_file(tmp_path, content) / "cti_bridge.toml", ENVIRONMENT)
    vip = settings.directory().number_lists["vip"]
    assert (set(vip.numbers), set(vip.prefixes)) == ({"+821055500001", "+821055500002"}, {"+8210666"})


def test_each_bad_line_of_a_file_is_named(tmp_path: Path) -> None:
    found = problems(from_file(tmp_path, "+821055500001\n12\n# fine\nKim;+8210\n"))
    assert [(Path(problem.place.source).name, problem.place.line) for problem in found] == [
        ("vip.txt", 2),
        ("vip.txt", 4),
    ]


def test_a_file_of_another_kind_is_not_complained_of_line_by_line(tmp_path: Path) -> None:
    found = problems(from_file(tmp_path, "no number\n" * 500))
    assert len(found) == MOST_COMPLAINTS + 1 and any("not looked at" in problem.text for problem in found)


@pytest.mark.parametrize(
    ("content", "expected"), [("", "has no numbers"), (b"\xff\xfe+82", "is not UTF-8"), (None, "cannot be read")]
)
def test_a_file_that_says_nothing_or_cannot_be_read(tmp_path: Path, content: bytes | None, expected: str) -> None:
    path = from_file(tmp_path, content or b"")
    if content is None:
        (tmp_path / "vip.txt").unlink()
    (found,) = problems(path)
    assert expected in found.text and found.place.line is not None


def test_a_reload_reads_the_file_anew(tmp_path: Path) -> None:
    path = from_file(tmp_path, "+821055500001\n") / "cti_bridge.toml"
    before = load_settings(path, ENVIRONMENT).directory()
    (tmp_path / "vip.txt").write_text("+821055500009\n")
    now = load_settings(path, ENVIRONMENT).directory()
    assert before.number_lists != now.number_lists and "+821055500009" in now.number_lists["vip"]


def test_a_later_file_adds_to_a_list_by_its_id(tmp_path: Path) -> None:
    path = made(tmp_path, with_scenarios(STEPS))
    (path / "conf.d").mkdir(exist_ok=True)
    (path / "conf.d" / "90.toml").write_text('[[number_lists]]\nid = "vip"\npriority = 7\n')
    vip = load_settings(path / "cti_bridge.toml", ENVIRONMENT).directory().number_lists["vip"]
    assert vip.priority == 7 and len(vip.numbers) == 2
