"""``check-config --connect`` asks each PBX for the agents' phones, and says when the address is not that of ARI."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cti_bridge.config.connect import connect_checks
from cti_bridge.settings import load_settings
from tests.support.configuration import BASE, agent, configuration
from tests.support.fake_ari import FakeAri, Sent


@pytest.fixture
async def pbx() -> AsyncIterator[FakeAri]:
    fake = FakeAri()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def second_pbx(pbx: FakeAri) -> AsyncIterator[FakeAri]:
    fake = FakeAri()
    pbx.systemname, fake.systemname = "one", "two"
    await fake.start()
    yield fake
    await fake.stop()


def endpoints(*cti_numbers: str) -> list[dict[str, object]]:
    return [{"technology": "PJSIP", "resource": number, "state": "offline"} for number in (*cti_numbers, "trunk")]


async def bad(directory: Path, agents: str, **pbxs: str) -> list[str]:
    """The findings that are not good, without those of the database and of sounds."""
    asterisk = "".join(f'[asterisk.{name}]\nurl = "{url}"\npassword = "secret"\n' for name, url in pbxs.items())
    text = "".join({**BASE, "asterisk": asterisk, "agents": agents}.values())
    found = await connect_checks(load_settings(configuration(directory, base=text) / "cti_bridge.toml", {}))
    return [str(one) for one in found if not one.good and "database" not in one.where and "hold music" not in one.text]


async def test_given_an_agent_whose_phone_the_pbx_does_not_know_then_the_agent_is_named(
    tmp_path: Path, pbx: FakeAri
) -> None:
    pbx.endpoints = endpoints("1001")
    agents = agent("a1", "1001") + agent("a2", "1002") + agent("a3", "1003", "phone_permission = false\n")
    assert await bad(tmp_path, agents, main=pbx.url) == [
        'agent a2: the phone "1002" is no endpoint of PBX main, so no call can reach it'
    ]


async def test_given_two_pbxs_then_a_phone_is_looked_for_where_it_may_be(
    tmp_path: Path, pbx: FakeAri, second_pbx: FakeAri
) -> None:
    pbx.endpoints, second_pbx.endpoints = endpoints("1001", "1002"), endpoints("1003")
    agents = agent("a1", "1001", 'node = "main"\n') + agent("a2", "1002", 'node = "two"\n')
    agents += agent("a3", "1003") + agent("a4", "1004")
    assert await bad(tmp_path, agents, main=pbx.url, two=second_pbx.url) == [
        'agent a2: the phone "1002" is no endpoint of PBX two, so no call can reach it',
        'agent a4: the phone "1004" is no endpoint of PBX main or PBX two, so no call can reach it',
    ]


async def test_given_a_pbx_that_refuses_then_nothing_is_said_of_phones_that_may_be_there(
    tmp_path: Path, pbx: FakeAri, second_pbx: FakeAri
) -> None:
    pbx.endpoints, second_pbx.password = endpoints("1001"), "another"
    agents = agent("a1", "1001") + agent("a2", "1002") + agent("a3", "1003", 'node = "main"\n')
    found = await bad(tmp_path, agents, main=pbx.url, two=second_pbx.url)
    assert [text.partition(":")[0] for text in found] == ["PBX two", "agent a3"]


async def test_given_an_address_without_the_path_of_ari_then_that_is_asked_for(tmp_path: Path, pbx: FakeAri) -> None:
    (text,) = await bad(tmp_path, agent("a1", "1001"), main=pbx.url.removesuffix("/ari"))
    assert text == 'PBX main: it answered 404; does the url end in "/ari"?'


async def test_given_no_list_of_endpoints_then_that_is_said_and_no_agent_is_named(tmp_path: Path, pbx: FakeAri) -> None:
    pbx.endpoints = [{"technology": 5}]
    assert await bad(tmp_path, agent("a1", "1001"), main=pbx.url) == [
        "PBX main: the list of its endpoints did not come"
    ]


async def test_nothing_is_sent_that_changes_the_pbx(tmp_path: Path, pbx: FakeAri) -> None:
    """But a channel that calls nobody, which is ended again."""
    pbx.endpoints = endpoints("1001")
    assert await bad(tmp_path, agent("a1", "1001"), main=pbx.url) == []
    seen: list[Sent] = pbx.sent
    changing = [(sent.method, sent.uri.partition("?")[0]) for sent in seen if sent.method != "GET"]
    (_, probe) = changing[-1]
    assert changing == [("POST", "/channels/create"), ("DELETE", probe)]
    assert probe.startswith("/channels/cti-probe-")
