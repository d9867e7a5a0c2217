"""Who may do what (L3, K4): one table of everybody and everything, and the words of each refusal."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from cti_bridge.domain.border.errors import Refusal
from cti_bridge.domain.model.call import Call, CallState
from cti_bridge.domain.model.callbacks import Callback, CallbackKind, Recording
from cti_bridge.domain.model.directory import AgentEntry, Directory, Queue, Service
from cti_bridge.domain.model.hours import Hours, Opening, OpenState
from cti_bridge.domain.model.parts import Customer
from cti_bridge.domain.model.scenario import AskHours, Scenario
from cti_bridge.domain.model.words import Direction, Right
from cti_bridge.domain.rights.asker import Asker
from tests.unit.floor import directory


def head(cti_id: str, *supervises: str, services: tuple[str, ...] = ("acme",)) -> AgentEntry:
    return AgentEntry(cti_id, f"9{cti_id}", services=services, role="supervisor", supervises=supervises)


def person(cti_id: str, *queues: str, service: str = "acme", team: str = "day", rights: str = "") -> AgentEntry:
    held = frozenset(map(Right, rights.split()))
    return AgentEntry(cti_id, f"9{cti_id}", services=(service,), queues=queues, team=team, rights=held)


PEOPLE = (
    person("agent", "support"),
    person("colleague", "sales"),
    person("night", "support", team="night"),
    person("foreign", "theirs", service="other"),
    person("worker", "sales", rights="callbacks"),
    person("listener", "sales", rights="recordings download unmask"),
    head("all"),
    head("day", "day"),
    head("both", services=("acme", "other")),
    head("others", services=("other",)),
)
ASKED_BY = Scenario("ask", "other", (), "hours", {"hours": AskHours("hours", {}, hours="shared")})


def house() -> Directory:
    queues = (Queue("support", "acme", hours="shared"), Queue("sales", "acme", hours="own"), Queue("theirs", "other"))
    services = (Service("acme"), Service("other"))
    made = directory(*PEOPLE, queues=queues, services=services, scenarios=(ASKED_BY,))
    hours = {name: Hours(name, "UTC", lambda at: Opening(OpenState.OPEN, None)) for name in ("shared", "own", "unused")}
    return replace(made, hours=hours)


HOUSE = house()


def by(who: str) -> Asker:
    return Asker(HOUSE, None if who == "operator" else who)


EVERYBODY = (*(one.cti_id for one in PEOPLE), "removed", "operator")


def call(service: str | None) -> Call:
    return Call("c", "main", Direction.INBOUND, Customer("+8210"), "+8225550000", 0.0, CallState.WAITING, 0.0, service)


def left(queue: str, service: str = "acme") -> tuple[Recording, Callback]:
    """A message for this queue, with its entry in the list."""
    callback = Callback("cb", CallbackKind.VOICEMAIL, service, queue, None, "", 0.0, recording="r")
    return Recording("r", "r", "main", "c", service, queue, 0.0), callback


def who(asks: Callable[[Asker], object]) -> list[str]:
    """Everybody who is let."""
    found = []
    for one in EVERYBODY:
        try:
            let = asks(by(one))
        except Refusal:
            continue
        if let is not False:
            found.append(one)
    return found


ACME = ["agent", "colleague", "night", "worker", "listener", "all", "day", "both"]
QUESTIONS: dict[str, tuple[Callable[[Asker], object], list[str]]] = {
    "know a colleague": (lambda one: one.knows("agent"), [*ACME, "operator"]),
    "see the service": (lambda one: one.sees_service("acme"), [*ACME, "operator"]),
    "act on the service": (lambda one: one.need_service("acme"), ["all", "day", "both", "operator"]),
    "act on no service": (lambda one: one.need_service("none"), []),
    "act on the queue": (lambda one: one.need_queue("sales"), ["all", "day", "both", "operator"]),
    "act on the queue of others": (lambda one: one.need_queue("theirs"), ["both", "others", "operator"]),
    "act on no queue": (lambda one: one.need_queue("none"), []),
    "set own hours": (lambda one: one.need_hours("own"), ["all", "day", "both", "operator"]),
    "set shared hours": (lambda one: one.need_hours("shared"), ["both", "operator"]),
    "set hours of nobody": (lambda one: one.need_hours("unused"), ["operator"]),
    "set no hours": (lambda one: one.need_hours("none"), []),
    "act on an agent": (lambda one: one.need_supervised("agent"), ["all", "day", "both", "operator"]),
    "act on another team": (lambda one: one.need_supervised("night"), ["all", "both", "operator"]),
    "act on a supervisor": (lambda one: one.need_supervised("day"), ["all", "both", "operator"]),
    "act on the agent of others": (lambda one: one.need_supervised("foreign"), ["both", "others", "operator"]),
    "act on nobody": (lambda one: one.need_supervised("removed"), ["operator"]),
    "ask of the agent": (lambda one: one.need_self_or_supervised("agent"), ["agent", "all", "day", "both", "operator"]),
    "see a call": (lambda one: one.need_call(call("acme")), ["all", "day", "both", "operator"]),
    "see a call of nobody yet": (lambda one: one.need_call(call(None)), ["operator"]),
    "see no call": (lambda one: one.need_call(None), []),
    "work on a message": (
        lambda one: one.sees_callback(left("support")[1]),
        ["agent", "night", "worker", "all", "day", "both", "operator"],
    ),
    "work on one whose queue is gone": (lambda one: one.sees_callback(left("gone")[1]), [*ACME, "operator"]),
    "hear a message": (
        lambda one: one.may_hear(*left("support")),
        ["agent", "night", "worker", "listener", "all", "day", "both", "operator"],
    ),
    "hear a talk": (lambda one: one.may_hear(left("support")[0]), ["listener", "operator"]),
    "hear a talk of others": (lambda one: one.may_hear(left("theirs", "other")[0]), ["operator"]),
    "download": (lambda one: one.need(Right.DOWNLOAD), ["listener", "operator"]),
    "unmask": (lambda one: one.has(Right.UNMASK), ["listener", "operator"]),
    "have all call-backs": (
        lambda one: one.has(Right.CALLBACKS),
        ["worker", "all", "day", "both", "others", "operator"],
    ),
    "erase": (lambda one: one.has(Right.ERASE), ["operator"]),
    "monitor": (lambda one: one.has(Right.MONITOR), ["operator"]),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_everybody_may_just_what_the_table_says(question: str) -> None:
    asks, expected = QUESTIONS[question]
    assert who(asks) == expected


@pytest.mark.parametrize(
    ("asks", "asker", "code", "words"),
    [
        (lambda one: one.need_supervised("foreign"), "agent", "wrong_role", "A supervisor may do this."),
        (lambda one: one.need_service("other"), "agent", "wrong_role", "A supervisor may do this."),
        (lambda one: one.need_call(None), "agent", "wrong_role", "A supervisor may do this."),
        (lambda one: one.need_supervised("foreign"), "all", "not_found", "There is no such thing, or it is not yours."),
        (lambda one: one.need_supervised("night"), "day", "not_found", "There is no such thing, or it is not yours."),
        (lambda one: one.need_supervised("agent"), "removed", "wrong_role", "A supervisor may do this."),
        (lambda one: one.need_call(call("other")), "all", "not_found", "There is no such thing, or it is not yours."),
        (lambda one: one.need(Right.ERASE), "all", "missing_right", 'You do not have the right "erase".'),
        (lambda one: one.need_hours("shared"), "all", "others_concerned", "Other services use this too"),
        (lambda one: one.need_hours("shared"), "agent", "wrong_role", "A supervisor may do this."),
    ],
)
def test_each_refusal_has_a_code_and_says_why(
    asks: Callable[[Asker], object], asker: str, code: str, words: str
) -> None:
    with pytest.raises(Refusal) as refused:
        asks(by(asker))
    assert refused.value.code == code
    assert refused.value.detail.startswith(words)


def test_queues_with_messages_are_the_own_ones_or_all_of_the_service() -> None:
    assert list(by("agent").queues) == ["support"]
    assert list(by("worker").queues) == list(by("day").queues) == ["support", "sales"]
    assert list(by("removed").queues) == []


def test_names_in_rows_are_the_cti_id_and_one_word_for_who_has_none() -> None:
    assert [by(one).name for one in ("all", "operator")] == ["all", "operator"]
