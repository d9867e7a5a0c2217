"""The line of every key: compared with what tomllib reads, and with lines counted by hand."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_bridge.config.lines import Path, line_numbers

HARD = '''\
# [not.a.table]
title = "x # no comment" # a = 1
"quoted key" = 1
'literal.key' = 2
a.b . "c d" = 3
text = """
[[agents]]
cti_id = "in a text \\""" of three""""
raw = \'\'\'
[policy]\'\'\'\'\'
list = [ 1, # one, two ]
  [2, 3], "]",
  { x = 1, y.z = [4,
    5] },
]
date = 1979-05-27 07:32:00Z

[ table . "sub.table" ]
key = true
[[agents]]
cti_id = "a1"
  [agents.phone]
  line = 1
  [[agents.calls]]
  n = 0
  [[agents.calls]]
  n = 1

[[agents]]
  [[agents.calls]]
  "n\\u006f" = 2
[z]'''

BY_HAND: dict[Path, int] = {
    ("title",): 2,
    ("quoted key",): 3,
    ("literal.key",): 4,
    ("a", "b", "c d"): 5,
    ("text",): 6,
    ("raw",): 9,
    ("list", 0): 11,
    ("list", 1, 1): 12,
    ("list", 2): 12,
    ("list", 3, "x"): 13,
    ("list", 3, "y", "z", 1): 14,
    ("date",): 16,
    ("table", "sub.table"): 18,
    ("table", "sub.table", "key"): 19,
    ("agents", 0): 20,
    ("agents", 0, "cti_id"): 21,
    ("agents", 0, "phone", "line"): 23,
    ("agents", 0, "calls", 1): 26,
    ("agents", 0, "calls", 1, "n"): 27,
    ("agents", 1): 29,
    ("agents", 1, "calls", 0, "no"): 31,
    ("z",): 32,
}


def paths(value: Any, path: Path = ()) -> set[Path]:
    """Every path in what tomllib read."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = {path} if path else set()
    for key, item in items:
        found |= paths(item, (*path, key))
    return found


def test_each_key_of_a_hard_text_has_the_line_that_a_reader_counts() -> None:
    lines = line_numbers(HARD)
    assert {path: lines.get(path) for path in BY_HAND} == BY_HAND


def test_the_scanner_finds_exactly_the_paths_that_tomllib_reads() -> None:
    assert set(line_numbers(HARD)) == paths(tomllib.loads(HARD))


@pytest.mark.parametrize("text", ["", "\n\n", "# only this", "a=1", "a = ''", "[t]\n[t.u]", "a = [\n]\nb = {}"])
def test_small_texts(text: str) -> None:
    assert set(line_numbers(text)) == paths(tomllib.loads(text))


_KEYS = st.sampled_from(["a", "b-c", '"d.e"', "'f g'", '"\\u0068"', "3"])
_SCALARS = st.sampled_from(
    ["1", "-2.5e3", "true", "inf", '"x"', '"\\"#]}"', "'\\'", '"""\n[a]\n"""', "'''it's'''", "07:32:00", '""']
)
_BLANKS = st.sampled_from(["", " ", "\n", " # ] } , [x]\n", "\n\t"])
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.builds(
            lambda items, blank: "[" + blank + ",".join(item + blank for item in items) + "]",
            st.lists(inner, max_size=4),
            _BLANKS,
        )
        | st.dictionaries(st.sampled_from("pqr"), inner, max_size=3).map(
            lambda table: "{ " + ", ".join(f"{key} = {value}" for key, value in table.items()) + " }"
        )
    ),
    max_leaves=8,
)
_LINES = st.builds(lambda key, value, end: f"{key} = {value} {end}", _KEYS, _VALUES, st.sampled_from(["", "# x = 1"]))
_HEADERS = st.builds(
    lambda keys, many: f"[[{'.'.join(keys)}]]" if many else f"[{' . '.join(keys)}]",
    st.lists(_KEYS, min_size=1, max_size=3),
    st.booleans(),
)


@given(st.lists(_LINES | _HEADERS, max_size=12))
def test_any_text_that_is_toml_has_a_line_for_every_path(lines: list[str]) -> None:
    text = ""
    for line in lines:
        try:
            tomllib.loads(f"{text}{line}\n")
        except tomllib.TOMLDecodeError:
            continue
        text += f"{line}\n"
    found = line_numbers(text)
    assert set(found) == paths(tomllib.loads(text))
    assert all(1 <= number <= text.count("\n") for number in found.values())


@given(st.text(alphabet="a=[]{},.\"'#\n )"))
def test_the_scanner_ends_on_any_text(text: str) -> None:
    line_numbers(text)
