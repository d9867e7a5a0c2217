"""The kinds of the checkpoint: each stands in one place, has a version, and whatever stands in one entry, all others
are read."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from cti_bridge.storage import checkpoint, kinds
from cti_bridge.storage.checkpoint import encode, read
from cti_bridge.storage.kinds import CALL, KINDS, Kind
from cti_bridge.storage.spool_file import SpoolFile
from tests.checkpoints.read import files, spool_of

SEED = 20_261_129


@dataclass
class Thing:
    name: str
    size: int


def third(version: int = 3) -> Kind[Thing]:
    """A kind that was a list of words first, and then had no size."""
    upgrades = (lambda words: {"name": words[0]}, lambda thing: {**thing, "size": len(thing["name"])})
    return Kind("thing", Thing, "test", lambda thing: thing.name, upgrades=upgrades[: version - 1])


@pytest.fixture
def with_thing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "thing", third())


def entries(tmp_path: Any) -> dict[tuple[str, str], bytes]:
    """One checkpoint with a conversation in it."""
    file = next(file for file in files() if file.stem == "consult_talking")
    spool = SpoolFile(spool_of(file, tmp_path))
    found = spool.checkpoint()
    spool.close()
    return found


def test_every_kind_stands_in_the_registry_once_under_its_own_name() -> None:
    made = [value for value in vars(kinds).values() if isinstance(value, Kind)]
    assert {kind.name: kind for kind in made} == KINDS
    assert len(made) == len(KINDS) > 10


@pytest.mark.usefixtures("with_thing")
def test_given_a_kind_in_its_third_version_then_entries_of_all_versions_are_read() -> None:
    written = encode("thing", Thing("red", 7))
    assert written == b'{"v":3,"name":"red","size":7}'
    found = read({("thing", "red"): written, ("thing", "one"): b'["one"]', ("thing", "two"): b'{"v":2,"name":"two"}'})
    assert found.of(third()) == {"red": Thing("red", 7), "one": Thing("one", 3), "two": Thing("two", 3)}
    assert (found.unreadable, found.unknown) == ([], {})


def test_given_a_kind_in_its_first_version_then_nothing_is_written_beside_it() -> None:
    assert encode("login_places", ["here"]) == b'["here"]'
    assert encode("mark", Thing("red", 7)) == b'{"name":"red","size":7}'


def test_given_a_kind_that_is_not_registered_then_it_cannot_be_written() -> None:
    with pytest.raises(KeyError):
        encode("whim", Thing("red", 7))


@pytest.mark.usefixtures("with_thing")
@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (b'{"v":4,"name":"red","size":7}', "it is of version 4, this program knows up to 3"),
        (b'{"v":2,"nome":"red"}', "KeyError: 'name'"),
        (b'{"v":3,"name":"blue","size":7}', "it says that it is 'blue'"),
        (b'{"v":3,"name":"red","size":"7"}', "Expected `int`, got `str` - at `$.size`"),
        (b'{"v":3,"name":"red"', "Input data was truncated"),
        (b"", "Input data was truncated"),
        (b"\xff\xfe", "JSON is malformed: invalid character (byte 0)"),
        (b"[" * 100_000, "RecursionError"),
    ],
)
def test_given_an_entry_that_cannot_be_read_then_it_says_why_and_the_others_are_read(state: bytes, reason: str) -> None:
    found = read({("thing", "red"): state, ("thing", "one"): b'["one"]'})
    assert found.of(third()) == {"one": Thing("one", 3)}
    (one,) = found.unreadable
    assert (one.kind, one.id, one.state) == ("thing", "red", state)
    assert reason in one.reason


def test_given_a_kind_that_nobody_knows_then_it_is_counted_and_the_others_are_read() -> None:
    found = read({("mystery", "m1"): b"{", ("mystery", "m2"): b"{}", ("login_places", "a1"): b"[]"})
    assert (found.unknown, found.unreadable) == ({"mystery": 2}, [])
    assert found.of(kinds.LOGIN_PLACES) == {"a1": []}


# ------------------------------------------------------------------------------- broken in every way


def test_given_any_byte_of_any_entry_flipped_then_all_others_are_read(tmp_path: Any) -> None:
    rng, whole = random.Random(SEED), entries(tmp_path)
    unreadable = 0
    for key, state in whole.items():
        for position in range(len(state)):
            broken = bytearray(state)
            broken[position] ^= 1 << rng.randrange(8)
            found = read({**whole, key: bytes(broken)})
            assert {(one.kind, one.id) for one in found.unreadable} <= {key}
            unreadable += len(found.unreadable)
    assert unreadable > 1000


OTHER_TYPES = [None, "whim", 7, -1.5, True, [], ["x"], {}, {"x": 1}]


def variants(plain: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every field in it, at any depth."""
    if isinstance(plain, dict | list):
        for name, value in plain.items() if isinstance(plain, dict) else enumerate(plain):
            yield (*path, name)
            yield from variants(value, (*path, name))


def changed(plain: Any, path: tuple[Any, ...], value: Any) -> bytes:
    copy = json.loads(json.dumps(plain))
    inner = copy
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return msgspec.json.encode(copy)


def test_given_any_field_of_another_type_then_all_others_are_read(tmp_path: Any) -> None:
    whole = entries(tmp_path)
    unreadable = 0
    for key, state in whole.items():
        plain = msgspec.json.decode(state)
        for path in variants(plain):
            for value in OTHER_TYPES:
                found = read({**whole, key: changed(plain, path, value)})
                assert {(one.kind, one.id) for one in found.unreadable} <= {key}
                unreadable += len(found.unreadable)
    assert unreadable > 1000


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("call", ("state",)),
        ("call", ("legs", 0, "role")),
        ("call", ("legs", 0, "place")),
        ("call", ("legs", 0, "stage")),
        ("agent", ("state",)),
        ("agent", ("status",)),
    ],
)
def test_given_a_word_of_a_newer_release_then_the_reason_names_the_field(
    kind: str, path: tuple[Any, ...], tmp_path: Any
) -> None:
    whole = entries(tmp_path)
    key = next(key for key in whole if key[0] == kind)
    plain = msgspec.json.decode(whole[key])
    path = tuple(next(iter(plain["legs"])) if step == 0 else step for step in path)
    (one,) = read({**whole, key: changed(plain, path, "whispering")}).unreadable
    assert "whispering" in one.reason and (one.kind, one.id) == key


def test_given_a_call_that_does_not_hang_together_then_it_is_unreadable(tmp_path: Any) -> None:
    whole = entries(tmp_path)
    key = next(key for key in whole if key[0] == "call")
    plain = msgspec.json.decode(whole[key])
    for field, value in (("customer_leg", "caller-x"), ("agent_leg", plain["customer_leg"]), ("target", None)):
        found = read({**whole, key: changed(plain, (field,), value)})
        assert [one.id for one in found.unreadable] == [key[1]], field
    assert read({**whole, key: changed(plain, ("cti_id",), None)}).unreadable
    assert not read(whole).unreadable


def test_the_core_is_given_what_is_its_own(tmp_path: Any) -> None:
    found = read(entries(tmp_path))
    assert {type(state).__name__ for state in found.core()} == {"Agent", "Call", "NodeState"}
    assert set(found.of(CALL)) == {state.id for state in found.core() if isinstance(state, CALL.type)}
    found.forget(CALL)
    assert not found.of(CALL)


def test_a_version_costs_an_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "thing", third())
    with pytest.raises(TypeError):
        encode("thing", ["a", "list"])
    assert checkpoint.encode("thing", {}) == b'{"v":3}'
