"""What supervisors watch, over real sockets: rows of what is theirs, changes alone, and a sign of life (L1)."""

import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from cti_bridge.api import feed
from cti_bridge.api.row_streams import RowStream
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.model.directory import AgentEntry, Queue, Service
from cti_bridge.watching.shapes import AlertKind, AlertLevel, LiveAlertView
from tests.support.api import Api, api_server, close_code, frame
from tests.unit.floor import Driver, agent_entry, directory

NUMBER, MASKED = "+821012345678", "•678"


def person(cti_id: str, team: str, service: str = "acme", role: str = "agent", supervises: tuple[str, ...] = ()) -> Any:
    queues = ("support",) if service == "acme" and role == "agent" else ()
    number = f"1{sum(map(ord, cti_id))}"
    return AgentEntry(cti_id, number, cti_id.title(), (service,), queues, role=role, team=team, supervises=supervises)


PEOPLE = (
    agent_entry(1),
    person("a2", "night"),
    person("a3", "", "other"),
    person("boss", "", role="supervisor"),
    person("night", "", role="supervisor", supervises=("night",)),
    person("others", "", "other", role="supervisor"),
)
HOUSE = directory(
    *PEOPLE,
    services=(Service("acme", "Acme support"), Service("other")),
    queues=(Queue("support", "acme"), Queue("theirs", "other")),
)


@pytest.fixture
async def api(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    monkeypatch.setattr(feed, "GATHERED_S", {"live": 0.01, "wallboard": 0.01})
    monkeypatch.setattr(feed, "BEATS_S", {"live": 600.0, "wallboard": 600.0})
    async with api_server(HOUSE.agents, house=HOUSE) as running:
        yield running


@pytest.fixture
def house(api: Api) -> Driver:
    driver = Driver(HOUSE)
    driver.now = time.time() + 3600  # Later than the clock of the API: what is shown is of the core's last fact.
    api.engine.floor = driver.center.floor
    driver.connect()
    driver.log_in("a1", "a2", "a3")
    return driver


def told(api: Api, house: Driver) -> None:
    """The engine tells its watchers what has changed since the last time."""
    changes, house.saved = house.saved, {}
    for watcher in api.engine.watchers:
        watcher(house.now, changes)


def by(frame_: dict[str, Any], section: str, key: str = "id") -> dict[str, Any]:
    return {row[key]: row for row in frame_.get(section, ())}


async def test_the_live_page_is_told_who_is_there_and_then_only_what_has_changed(api: Api, house: Driver) -> None:
    token, _ = await api.log_in("boss")
    async with await api.listen(token, "?topics=live:boss") as socket:
        begun = await frame(socket)
        assert (begun["type"], begun["topic"], begun["seq"]) == ("snapshot", "live:boss", 0)
        assert set(by(begun, "agents", "cti_id")) == {"a1", "a2"}, "who is logged in, and works for acme"
        assert set(by(begun, "queues")) == {"support"} and set(by(begun, "services")) == {"acme"}
        house.saved = {}
        call = house.arrive()
        told(api, house)
        change = await frame(socket)
        assert (change["type"], change["seq"]) == ("live.changed", 1)
        (agent,) = change["agents"]
        assert (agent["cti_id"], agent["state"], agent["call"]["queue"]) == ("a1", "ringing", "support")
        assert agent["call"]["customer_number"].endswith(MASKED) and NUMBER not in str(change)
        (waiting,) = change["waiting"]
        assert (waiting["call_id"], waiting["queue"], waiting["rings"]) == (call.id, "support", True)
        queue = by(change, "queues")["support"]
        assert (queue["waiting"], queue["working"], queue["today"]["offered"]) == (1, 2, 1)
        house.answer(call)
        told(api, house)
        change = await frame(socket)
        assert change["gone"] == {"waiting": [call.id]}
        assert by(change, "agents", "cti_id")["a1"]["state"] == "talking"
        assert by(change, "queues")["support"]["service_level"] == 100.0
        house.now += 100
        house.tell(facts.LegEnded(call.customer_leg or ""))
        told(api, house)
        today = by(await frame(socket), "agents", "cti_id")["a1"]["today"]
        assert today == {"calls": 1, "talk_s": 100.0, "missed": 0}


async def test_alerts_are_those_of_the_own_services_and_those_that_concern_all(house: Driver) -> None:
    present = {
        one.id: one
        for one in (
            LiveAlertView("nobody_works theirs", AlertKind.NOBODY_WORKS, AlertLevel.ALARM, "", "other", "theirs"),
            LiveAlertView("trunk_failed main", AlertKind.TRUNK_FAILED, AlertLevel.ALARM, "", node="main", count=2),
            LiveAlertView("recording_failed acme", AlertKind.RECORDING_FAILED, AlertLevel.ALARM, "", "acme", count=1),
        )
    }
    async with api_server(HOUSE.agents, house=HOUSE, alerts=lambda: present) as api:
        api.engine.floor = house.center.floor
        for who, seen in (("boss", ["trunk_failed main", "recording_failed acme"]), ("others", list(present)[:2])):
            token, _ = await api.log_in(who)
            asked = (await api.call("GET", "/wallboard", token)).json["alerts"]
            for topic in ("live", "wallboard"):
                async with await api.listen(token, f"?topics={topic}:{who}") as socket:
                    assert (await frame(socket))["alerts"] == asked
            assert [one["id"] for one in asked] == seen


async def test_who_logs_out_is_gone_and_who_logs_in_is_there(api: Api, house: Driver) -> None:
    token, _ = await api.log_in("boss")
    async with await api.listen(token, "?topics=live:boss") as socket:
        await frame(socket)
        house.tell(commands.LogOut("a2", "session-a2"))
        told(api, house)
        assert (await frame(socket))["gone"] == {"agents": ["a2"]}
        house.log_in("a2")
        told(api, house)
        assert [row["cti_id"] for row in (await frame(socket))["agents"]] == ["a2"]


async def test_a_supervisor_sees_the_own_teams_and_services_alone(api: Api, house: Driver) -> None:
    house.arrive()
    for who, agents, queues, waiting in (
        ("night", {"a2"}, {"support"}, 1),
        ("others", {"a3"}, {"theirs"}, 0),
    ):
        token, _ = await api.log_in(who)
        async with await api.listen(token, f"?topics=live:{who}") as socket:
            begun = await frame(socket)
            assert (set(by(begun, "agents", "cti_id")), set(by(begun, "queues"))) == (agents, queues)
            assert len(begun["waiting"]) == waiting


@pytest.mark.parametrize(("who", "topic"), [("a1", "live:a1"), ("boss", "live:night"), ("a1", "wallboard:a1")])
async def test_nobody_else_may_listen(api: Api, house: Driver, who: str, topic: str) -> None:
    token, _ = await api.log_in(who)
    async with await api.listen(token, f"?topics={topic}") as socket:
        assert await close_code(socket) == 4403


async def test_a_wallboard_has_figures_and_teams_and_who_asks_for_help_and_no_customer(api: Api, house: Driver) -> None:
    token, _ = await api.log_in("boss")
    headers = {"Authorization": f"Bearer {token}"}
    async with api.http.ws_connect(api.url + "/wallboard/events", headers=headers) as socket:
        begun = await frame(socket)
        asked = await api.call("GET", "/wallboard", token)
        assert asked.json == {name: begun[name] for name in ("services", "queues", "teams", "help", "alerts")}
        assert (begun["topic"], begun["services"][0]["name"]) == ("wallboard:boss", "Acme support")
        assert by(begun, "teams")["night"] | {"queues": []} == {
            "id": "night", "queues": [], "logged_in": 1, "ready": 1, "talking": 0, "ringing": 0, "outbound": 0,
            "away": 0, "hold_over": 0, "processing_over": 0, "answer_rate": None, "service_level": None,
        }  # fmt: skip
        house.answer(house.arrive())
        house.tell(commands.AskHelp("a1", "a1"))
        told(api, house)
        change = await frame(socket)
        assert [(row["cti_id"], row["name"], row["queue"]) for row in change["help"]] == [("a1", "Agent 1", "support")]
        assert change["services"][0]["today"]["answered"] == 1
        assert MASKED not in str(change)
        house.tell(commands.EndHelp("a1", "boss"))
        told(api, house)
        assert (await frame(socket))["gone"] == {"help": ["a1"]}


async def test_an_agent_gets_no_wallboard(api: Api, house: Driver) -> None:
    token, _ = await api.log_in("a1")
    assert (await api.call("GET", "/wallboard", token)).json["code"] == "wrong_role"
    headers = {"Authorization": f"Bearer {token}"}
    async with api.http.ws_connect(api.url + "/wallboard/events", headers=headers) as socket:
        assert await close_code(socket) == 4403


async def test_where_nothing_happens_a_sign_of_life_comes(
    api: Api, house: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "BEATS_S", {"wallboard": 0.02})
    token, _ = await api.log_in("boss")
    async with await api.listen(token, "?topics=wallboard:boss") as socket:
        await frame(socket)
        beats = [await frame(socket) for _ in range(2)]
        assert [(one["type"], one["topic"], one["seq"]) for one in beats] == [
            ("wallboard.beat", "wallboard:boss", 1),
            ("wallboard.beat", "wallboard:boss", 2),
        ]


async def test_a_second_page_begins_where_the_first_one_is(
    api: Api, house: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "GATHERED_S", {"live": 600.0})
    token, _ = await api.log_in("boss")
    async with await api.listen(token, "?topics=live:boss") as first:
        await frame(first)
        house.arrive()
        told(api, house)
        async with await api.listen(token, "?topics=live:boss") as second:
            begun = await frame(second)
            assert begun["seq"] == (await frame(first))["seq"] == 1
            assert len(begun["waiting"]) == 1


def test_a_change_of_rows_says_what_is_other_and_gone_and_in_which_order() -> None:
    stream = RowStream()

    def changed(**rows: bytes) -> Any:
        return msgspec.json.decode(msgspec.json.encode(stream.change_to({"queues": rows})))

    assert changed(a=b"1", b=b"2") == {"queues": [1, 2]}
    assert changed(a=b"1", b=b"2") == {}
    assert changed(a=b"1", b=b"3", c=b"4") == {"queues": [3, 4]}
    assert changed(b=b"3", c=b"4") == {"gone": {"queues": ["a"]}}
    assert changed(d=b"5", c=b"4", b=b"3") == {"queues": [5], "order": {"queues": ["d", "c", "b"]}}
