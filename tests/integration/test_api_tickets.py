"""Tickets over the API."""

import re
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from cti_bridge.api.schemas import TicketAnswer, TicketList
from tests.support.api import Api, api_server


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with api_server() as running:
        yield running


async def test_given_a_ticket_then_it_is_shown_with_events_and_comments(api: Api) -> None:
    token, _ = await api.log_in()
    ticket = api.desk.add()
    text = "<b>bold</b> & \U0001f600\nsecond line"
    await api.call("POST", f"/tickets/{ticket.id}/comments", token, json={"text": text})
    reply = await api.call("GET", f"/tickets/{ticket.id}", token)
    TicketAnswer.model_validate_json(reply.text)
    shown = reply.json["ticket"]
    assert [one["type"] for one in shown["events"]] == ["opened", "commented"]
    assert [(one["by"], one["text"]) for one in shown["comments"]] == [("a1", text)]
    assert (shown["owner"], shown["owner_name"], shown["names"]) == ("a1", "Agent One", {"a1": "Agent One"})
    assert (shown["ticket_id"], shown["version"], shown["created_at"]) == (ticket.id, 2, "2026-11-21T03:00:00.000Z")


async def test_given_a_ticket_of_another_service_then_404_for_everything(api: Api) -> None:
    token, _ = await api.log_in()
    foreign = api.desk.add(service="other")
    for identity in (foreign.id, str(uuid4())):
        path = f"/tickets/{identity}"
        for reply in (
            await api.call("GET", path, token),
            await api.call("PATCH", path, token, json={"status": "resolved", "version": 1}),
            await api.call("POST", path + "/comments", token, json={"text": "x"}),
        ):
            assert (reply.status, reply.code) == (404, "not_found")
    assert api.desk.tickets[foreign.id] == foreign


async def test_given_a_search_then_only_tickets_of_the_askers_services(api: Api) -> None:
    token, _ = await api.log_in()
    own, _ = api.desk.add(), api.desk.add(service="other")
    for query, expected in (
        ("", [own.id]),
        ("?service=acme", [own.id]),
        ("?service=other", []),
        ("?status=open&owner=a1", [own.id]),
        ("?status=resolved", []),
        ("?number=%2B821012345678", [own.id]),
        ("?number=+821012345678", [own.id]),
        ("?number=1", []),
    ):
        reply = await api.call("GET", "/tickets" + query, token)
        TicketList.model_validate_json(reply.text)
        assert [one["ticket_id"] for one in reply.json] == expected, query
    assert {query.services for query in api.desk.queries} == {("acme",)}


async def test_given_more_tickets_than_a_page_then_link_leads_to_the_next_one_until_the_last(api: Api) -> None:
    token, _ = await api.log_in()
    opened = {api.desk.add(owner="a1" if number % 2 else "a2").id for number in range(130)}
    query, shown = "?status=open", []
    while query:
        reply = await api.call("GET", "/tickets" + query, token)
        TicketList.model_validate_json(reply.text)
        shown.append([one["ticket_id"] for one in reply.json])
        found = re.fullmatch(r"<(\?[^>]+)>; rel=\"next\"", reply.headers.get("Link", ""))
        query = found[1] if found else ""
    assert [len(page) for page in shown] == [50, 50, 30]
    assert {one for page in shown for one in page} == opened
    assert {query.status for query in api.desk.queries} == {"open"}
    fitting = await api.call("GET", "/tickets?owner=a1&number=1", token)
    assert (fitting.json, "Link" in fitting.headers) == ([], False)


async def test_given_an_id_of_a_ticket_or_its_call_then_it_is_found_in_any_case(api: Api) -> None:
    token, _ = await api.log_in()
    ticket, _ = api.desk.add(), api.desk.add()
    for identity in (ticket.id, ticket.call_id.upper()):
        reply = await api.call("GET", f"/tickets?id={identity}", token)
        assert [one["ticket_id"] for one in reply.json] == [ticket.id]


@pytest.mark.parametrize(
    "query",
    [
        *("cursor=", "cursor=x", "cursor=1.000000_0", "cursor=nan_" + "0" * 36, "cursor=-1.000000_" + str(UUID(int=1))),
        *("id=", "id=x", "id=" + "0" * 32),
    ],
)
async def test_given_a_cursor_or_an_id_that_is_none_then_it_is_refused(api: Api, query: str) -> None:
    token, _ = await api.log_in()
    reply = await api.call("GET", f"/tickets?{query}", token)
    assert (reply.status, reply.code) == (422, "invalid_body")


async def test_given_a_version_that_is_not_the_present_one_then_409_and_nothing_changes(api: Api) -> None:
    token, _ = await api.log_in()
    path = f"/tickets/{api.desk.add().id}"
    first = await api.call("PATCH", path, token, json={"status": "pending", "version": 1})
    assert (first.json["ticket"]["status"], first.json["ticket"]["version"]) == ("pending", 2)
    late = await api.call("PATCH", path, token, json={"status": "resolved", "version": 1})
    assert (late.status, late.code) == (409, "version_conflict")
    assert (await api.call("GET", path, token)).json["ticket"]["status"] == "pending"


async def test_given_an_idempotency_key_then_a_repeat_comments_once_and_another_agent_has_keys_of_their_own(
    api: Api,
) -> None:
    one, _ = await api.log_in("a1")
    ticket = api.desk.add()
    path, key = f"/tickets/{ticket.id}/comments", {"Idempotency-Key": "k1"}
    replies = [await api.call("POST", path, one, json={"text": "x"}, headers=key) for _ in range(2)]
    assert replies[0].text == replies[1].text
    assert len(api.desk.tickets[ticket.id].comments) == 1
    other = await api.call("POST", path, one, json={"text": "y"}, headers=key)
    assert (other.status, other.code) == (422, "invalid_body")


async def test_given_the_storage_is_away_then_503(api: Api) -> None:
    token, _ = await api.log_in()
    api.desk.away = True
    reply = await api.call("GET", f"/tickets/{uuid4()}", token)
    assert (reply.status, reply.code) == (503, "storage_unavailable")
    assert reply.headers["Retry-After"]


async def test_given_a_change_then_the_answer_has_the_newest_event_alone_and_the_ticket_all(api: Api) -> None:
    token, _ = await api.log_in()
    path = f"/tickets/{api.desk.add().id}"
    for text in ("first", "second"):
        reply = await api.call("POST", path + "/comments", token, json={"text": text})
        assert [one["detail"]["text"] for one in reply.json["ticket"]["events"]] == [text]
        assert [one["text"] for one in reply.json["ticket"]["comments"]] == [text]
    version = reply.json["ticket"]["version"]
    changed = (await api.call("PATCH", path, token, json={"status": "resolved", "version": version})).json["ticket"]
    assert ([one["type"] for one in changed["events"]], changed["comments"]) == (["status_changed"], [])
    assert (changed["status"], changed["version"]) == ("resolved", version + 1)
    whole = (await api.call("GET", path, token)).json["ticket"]
    assert [one["text"] for one in whole["comments"]] == ["first", "second"] and len(whole["events"]) == 4
