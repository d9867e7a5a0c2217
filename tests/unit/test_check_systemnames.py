"""``check-config --connect`` wants a systemname of each of several PBXs, another one of each."""

from collections.abc import AsyncIterator

import pytest

from cti_bridge.ari.access import PbxAccess
from cti_bridge.config.connect import equal_names
from tests.support.configuration import agent
from tests.support.fake_ari import FakeAri
from tests.unit.test_check_phones import bad

NAME_IT = (
    "set systemname in [options] of asterisk.conf, another on each PBX, and restart it: without it the channels of two "
    "PBXs may have the same id"
)


def said(*pbxs: tuple[str, str, str | None]) -> list[str]:
    """Of these: name in the configuration, address, and systemname."""
    return [str(found) for found in equal_names([(PbxAccess(name, url, ""), given) for name, url, given in pbxs])]


def test_given_the_same_on_two_then_the_second_is_named_and_the_first_beside_it() -> None:
    assert said(("a", "http://a", "pbx"), ("b", "http://b", "other"), ("c", "http://c", "pbx")) == [
        f'PBX c: its systemname "pbx" is that of PBX a too; {NAME_IT}'
    ]


def test_given_none_on_two_then_both_are_named() -> None:
    said_of_both = said(("a", "http://a", ""), ("b", "http://b", ""))
    assert said_of_both == [f"PBX {name}: it has no systemname; {NAME_IT}" for name in "ab"]


def test_given_one_each_then_all_is_well() -> None:
    assert said(("a", "http://a", "a"), ("b", "http://b", "b")) == []


def test_given_one_pbx_then_it_needs_none() -> None:
    assert said(("a", "http://a", "")) == []


def test_given_two_applications_of_one_pbx_then_it_is_one() -> None:
    assert said(("a", "http://a/ari", ""), ("b", "http://a/ari/", "")) == []


def test_given_one_is_silent_then_it_is_not_judged_and_the_others_are() -> None:
    assert said(("a", "http://a", None), ("b", "http://b", "")) == [f"PBX b: it has no systemname; {NAME_IT}"]
    assert said(("a", "http://a", None), ("b", "http://b", "b"), ("c", "http://c", None)) == []


@pytest.fixture
async def pbxs() -> AsyncIterator[list[FakeAri]]:
    fakes = [FakeAri(), FakeAri()]
    for fake in fakes:
        await fake.start()
    yield fakes
    for fake in fakes:
        await fake.stop()


async def test_it_is_asked_of_the_pbxs(pbxs: list[FakeAri], tmp_path_factory: pytest.TempPathFactory) -> None:
    one, two = pbxs
    for fake in pbxs:
        fake.endpoints = [{"technology": "PJSIP", "resource": "1001", "state": "offline"}]
    one.systemname = two.systemname = "pbx"
    found = await bad(tmp_path_factory.mktemp("same"), agent("a1", "1001"), main=one.url, two=two.url)
    assert found == [f'PBX two: its systemname "pbx" is that of PBX main too; {NAME_IT}']
    two.systemname = "two"
    assert await bad(tmp_path_factory.mktemp("own"), agent("a1", "1001"), main=one.url, two=two.url) == []
