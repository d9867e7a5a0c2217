"""The ticket: events, rules, versions (requirements F2, F3)."""

from typing import Any

import pytest

from tickets import rules
from tickets.errors import TooManyComments, UnknownStatus, UnusableText, VersionConflict
from tickets.store import TicketQuery
from tickets.ticket import Ticket, TicketEvent


def opened(**detail: Any) -> Ticket:
    event = rules.open_ticket(
        "e1", "t1", 5.0, service="acme", call_id="c1", owner="a1", customer_number="+82100", detail=detail
    )
    return Ticket.opened(event)


def noted(ticket: Ticket, event_type: str, **detail: Any) -> Ticket:
    return ticket.apply(rules.note(ticket, "e2", 6.0, by="system", event_type=event_type, detail=detail))


def test_an_opened_ticket_is_version_1_open_and_of_its_call() -> None:
    ticket = opened(queue="support")

    assert (ticket.version, ticket.status, ticket.owner, ticket.call_id) == (1, "open", "a1", "c1")
    assert (ticket.service, ticket.customer_number, ticket.created_at) == ("acme", "+82100", 5.0)
    assert ticket.events[0].detail["queue"] == "support"


def test_what_the_opener_says_cannot_replace_the_facts_of_the_ticket() -> None:
    assert opened(owner="somebody").owner == "a1"


def test_every_event_adds_one_to_the_version_and_stays_in_the_history() -> None:
    ticket = noted(noted(opened(), "call_event", event="held"), "participant_added", cti_id="a2")

    assert [event.version for event in ticket.events] == [1, 2, 3]
    assert [event.type for event in ticket.events] == ["opened", "call_event", "participant_added"]


def test_applying_an_event_leaves_the_ticket_before_it_as_it_was() -> None:
    before = opened()

    noted(before, "call_event")

    assert (before.version, len(before.events)) == (1, 1)


def test_a_completed_transfer_moves_the_owner() -> None:
    assert noted(opened(), "owner_changed", owner="a2").owner == "a2"


@pytest.mark.parametrize("version", [1, 3])
def test_an_event_that_does_not_follow_is_refused(version: int) -> None:
    with pytest.raises(ValueError, match="does not follow version 1"):
        opened().apply(TicketEvent("e", "t1", version, 6.0, "a1", "call_event"))


def test_an_event_of_another_ticket_is_refused() -> None:
    with pytest.raises(ValueError, match="does not follow"):
        opened().apply(TicketEvent("e", "t2", 2, 6.0, "a1", "call_event"))


def test_a_ticket_begins_with_opened() -> None:
    with pytest.raises(ValueError, match="begins with the event opened"):
        Ticket.opened(TicketEvent("e", "t1", 1, 6.0, "a1", "commented", {"text": "x"}))


@pytest.mark.parametrize("event_type", ["owner_changed", "status_changed", "commented", "opened", "nonsense"])
def test_a_note_that_says_too_little_is_kept_as_a_call_event(event_type: str) -> None:
    ticket = noted(opened(), event_type, odd=1)

    assert (ticket.events[1].type, ticket.events[1].detail) == ("call_event", {"odd": 1})


def test_a_status_is_set_by_who_has_seen_the_present_version() -> None:
    ticket = opened()

    event = rules.set_status(ticket, "e2", 6.0, by="a1", status="resolved", version=1)

    assert event is not None
    assert ticket.apply(event).status == "resolved"
    assert event.detail == {"from": "open", "to": "resolved"}


@pytest.mark.parametrize("version", [0, 1, 3])
def test_a_status_from_another_version_is_a_conflict(version: int) -> None:
    with pytest.raises(VersionConflict):
        rules.set_status(noted(opened(), "call_event"), "e", 7.0, by="a1", status="pending", version=version)


def test_a_status_that_the_ticket_has_already_changes_nothing() -> None:
    assert rules.set_status(opened(), "e", 6.0, by="a1", status="open", version=1) is None


def test_an_unknown_status_is_refused_before_the_version_is_looked_at() -> None:
    with pytest.raises(UnknownStatus):
        rules.set_status(opened(), "e", 6.0, by="a1", status="closed", version=9)


@pytest.mark.parametrize("text", ["x", "안녕하세요", "x" * 10_000, "line\nline", "𐀀"])
def test_comments_stand_on_the_ticket_oldest_first(text: str) -> None:
    ticket = opened()
    for number, said in enumerate(["first", text], 2):
        ticket = ticket.apply(rules.comment(ticket, f"e{number}", float(number), by="a1", text=said))

    assert [(comment.text, comment.by, comment.at) for comment in ticket.comments] == [
        ("first", "a1", 2.0),
        (text, "a1", 3.0),
    ]


@pytest.mark.parametrize("text", ["", "x" * 10_001, "a\0b", "half a pair \ud800", "\udfff"])
def test_a_comment_that_is_empty_too_long_or_not_storable_is_refused(text: str) -> None:
    with pytest.raises(UnusableText):
        rules.comment(opened(), "e", 6.0, by="a1", text=text)


def test_a_ticket_is_the_sum_of_its_summary_and_its_events() -> None:
    ticket = noted(opened(), "owner_changed", owner="a2")

    assert Ticket.of(ticket.summary, ticket.events) == ticket


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        (TicketQuery(("acme",)), True),
        (TicketQuery(("acme", "other"), "open", "a1", "+82100"), True),
        (TicketQuery(()), False),
        (TicketQuery(("other",)), False),
        (TicketQuery(("acme",), status="resolved"), False),
        (TicketQuery(("acme",), owner="a2"), False),
        (TicketQuery(("acme",), number="+82101"), False),
    ],
)
def test_a_query_asks_memory_what_it_asks_postgres(query: TicketQuery, matches: bool) -> None:
    assert query.matches(opened().summary) is matches


def test_a_ticket_takes_only_so_many_comments() -> None:
    ticket = opened()
    for number in range(rules.MOST_COMMENTS):
        ticket = ticket.apply(rules.comment(ticket, f"e{number}", 6.0, by="a1", text="x"))
    with pytest.raises(TooManyComments):
        rules.comment(ticket, "e", 6.0, by="a1", text="x")
    assert rules.set_status(ticket, "e", 6.0, by="a1", status="resolved", version=ticket.version) is not None
