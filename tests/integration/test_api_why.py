"""Why a call waits and why an agent gets none, over HTTP: who may ask, in which words, and what is masked (I8)."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from cti_bridge.domain.model.directory import AgentEntry, Queue, Service
from cti_bridge.domain.model.scenario import short_form
from tests.support.api import Api, api_server
from tests.unit.floor import NUMBER, Driver, agent_entry, directory

OTHER = "+8225550009"
CALLER = "+821012345678"


def people() -> dict[str, AgentEntry]:
    seated = {entry.cti_id: entry for entry in (agent_entry(1), agent_entry(2, queues=()))}
    heads = {name: AgentEntry(name, f"200{n}", name, role="supervisor") for n, name in enumerate(("s1", "s2"))}
    return {**seated, "s1": replace(heads["s1"], services=("acme",)), "s2": replace(heads["s2"], services=("other",))}


@pytest.fixture
def driver() -> Driver:
    queues = (Queue("support", "acme"), Queue("theirs", "other"))
    scenarios = (short_form(NUMBER, "acme", "support"), short_form(OTHER, "other", "theirs"))
    house = directory(
        *people().values(), queues=queues, scenarios=scenarios, services=(Service("acme"), Service("other"))
    )
    driver = Driver(house)
    driver.connect()
    return driver


@pytest.fixture
async def api(driver: Driver) -> AsyncIterator[Api]:
    async with api_server(people()) as running:
        running.engine.floor = driver.center.floor
        yield running


async def test_a_supervisor_is_told_why_a_call_waits_in_either_language(api: Api, driver: Driver) -> None:
    call = driver.arrive(caller=CALLER)
    token, _ = await api.log_in("s1")
    reply = await api.call("GET", f"/calls/{call.id}/why", token)
    assert reply.status == 200, reply.text
    nobody = {"code": "nobody_works", "text": "Nobody works for the queue support."}
    assert reply.json == {"reasons": [nobody]}
    reply = await api.call("GET", f"/calls/{call.id}/why?lang=ko", token)
    assert reply.json["reasons"][0]["text"] == "대기열 support에서 근무 중인 상담사가 없습니다."
    assert (await api.call("GET", f"/calls/{call.id}/why?lang=de", token)).status == 422


async def test_calls_that_wait_are_listed_in_order_with_masked_numbers(api: Api, driver: Driver) -> None:
    first, theirs, second = driver.arrive(caller=CALLER), driver.arrive(OTHER), driver.arrive()
    token, _ = await api.log_in("s1")
    reply = await api.call("GET", "/calls?state=waiting", token)
    assert [call["call_id"] for call in reply.json] == [first.id, second.id]
    assert set(reply.json[0]) == {
        "call_id", "service", "queue", "customer_number", "since", "waited_s", "reasons"
    }  # fmt: skip
    assert reply.json[0]["customer_number"] == "+82•••••••678" and CALLER not in reply.text
    assert [reason["code"] for reason in reply.json[1]["reasons"]] == ["nobody_works", "before"]
    assert (await api.call("GET", "/calls", token)).status == 422
    token, _ = await api.log_in("s2")
    assert [call["call_id"] for call in (await api.call("GET", "/calls?state=waiting", token)).json] == [theirs.id]


async def test_an_agent_asks_of_themselves_and_of_nobody_else(api: Api, driver: Driver) -> None:
    driver.log_in("a1")
    token, _ = await api.log_in("a1")
    reply = await api.call("GET", "/agents/a1/why", token)
    assert [reason["code"] for reason in reply.json["reasons"]] == ["nobody_waits", "next"]
    call = driver.arrive()
    for path in ("/agents/a2/why", f"/calls/{call.id}/why", "/calls?state=waiting"):
        assert (await api.call("GET", path, token)).code == "wrong_role", path
        assert (await api.call("GET", path)).status == 401


async def test_other_services_do_not_exist_for_a_supervisor(api: Api, driver: Driver) -> None:
    call = driver.arrive()
    token, _ = await api.log_in("s2")
    unknown = "00000000-0000-7000-8000-000000000000"
    for path in ("/agents/a1/why", f"/calls/{call.id}/why", "/agents/nobody/why", f"/calls/{unknown}/why"):
        assert (await api.call("GET", path, token)).code == "not_found", path
    token, _ = await api.log_in("s1")
    reply = await api.call("GET", "/agents/a2/why", token)
    assert [reason["code"] for reason in reply.json["reasons"]] == ["not_ready", "no_queue"]
