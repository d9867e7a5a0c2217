"""Draw the state machines, the wiring table, the matrix and the words of rows into ``docs/states.md``, from the
tables that the core runs on (``make diagrams``)."""

from enum import StrEnum
from pathlib import Path

from cti_bridge.domain.legs.matrix import LEFT
from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.call import TRANSITIONS, CallState, Role
from cti_bridge.domain.model.monitor import BEGINS_IN, FOLLOWS
from cti_bridge.domain.model.wiring import AGENT_STATES, WIRING
from cti_bridge.domain.model.words import CallEventType, Cause, Direction, EndedBy, OfferResult, Outcome
from cti_bridge.domain.queue.queueing import QUEUED
from cti_bridge.domain.supervision.calls import ENDS
from tickets.ticket import TicketEventType, TicketStatus

PAGE = Path(__file__).with_name("states.md")
WIRING_NOTES = (
    "Where a party is to be now says `wanted` in `domain/model/wiring.py`: as here, but for two things. A prompt for",
    "one party is heard in place of music or silence. Who would be in the bridge with nobody but phones that hold has",
    "music.",
)
ENTRIES = {
    Role.AGENT: (CallState.RINGING, CallState.DIALING_AGENT),
    Role.TARGET: (CallState.CONSULT_RINGING, CallState.TRANSFER_RINGING),
}
"""The states of a call in which an agent comes into it, by role."""
MATRIX_NOTES = (
    "Each cell says the state that follows, and behind `ended` and `announcing` the outcome. An order for a party that",
    "is refused, or whose effect is not seen in time, counts as that party having left. *Phone lost*: the Q.850 cause",
    "is none of an ordinary hang-up. An offer that fails when the longest wait is over already leads to",
    "`announcing`: queue_timeout. A PBX that was restarted has lost its calls: `ended`: node_lost.",
)


SUPERVISION_NOTES = (
    "A call that a supervisor ends is `ended` for all who are in it, with `ended_by` supervisor and the outcome of its",
    "cell. An emergency call is ended by nobody but its parties. Only a call that waits can be moved.",
)


def call_diagram() -> list[str]:
    """The call's states, as Mermaid (https://mermaid.js.org, stateDiagram-v2)."""
    arrows = [f"    {state} --> {after}" for state in CallState for after in sorted(TRANSITIONS[state])]
    begin = [f"    [*] --> {state}" for state in (CallState.IN_SCENARIO, CallState.DIALING_AGENT)]
    return ["```mermaid", "stateDiagram-v2", *begin, *arrows, f"    {CallState.ENDED} --> [*]", "```"]


def agent_diagram() -> list[str]:
    """The agent's states: all that the tables allow."""
    return ["```mermaid", "stateDiagram-v2", *(f"    {a} --> {b}" for a, b in sorted(agent_transitions())), "```"]


def agent_transitions() -> set[tuple[AgentState, AgentState]]:
    """Every change of an agent's state that the call's transitions and the wiring allow, over the whole of a call: an
    agent enters it, lives through its states in a role, and is let go from any of them."""
    todo = [(state, role, then) for role in ENTRIES for state in ENTRIES[role] for then in _lives(state, role)]
    found = {(AgentState.IDLE, then) for *_, then in todo}
    found |= {(AgentState.IDLE, AgentState.MONITORING), (AgentState.MONITORING, AgentState.IDLE)}
    lived = set(todo)
    while todo:
        state, role, now = todo.pop()
        found.add((now, AgentState.IDLE))
        for after, as_ in _goes_on(state, role):
            for then in _lives(after, as_, now):
                if (state, role) == (CallState.AGENT_LOST, Role.TARGET) and then is not now:
                    continue  # The call goes back to where it was before.
                found |= {(now, then)} - {(now, now)}
                if (after, as_, then) not in lived:
                    lived.add((after, as_, then))
                    todo.append((after, as_, then))
        if role is Role.TARGET and now is AgentState.RINGING:
            found.add((now, AgentState.ACCEPTED))
            todo += [(state, role, AgentState.ACCEPTED)] if (state, role, AgentState.ACCEPTED) not in lived else []
            lived.add((state, role, AgentState.ACCEPTED))
    return found


def _goes_on(state: CallState, role: Role) -> list[tuple[CallState, Role]]:
    """The states that follow and in which the agent still has a part. A target who has the customer is the agent. A
    target stays while the phone of the agent is rung again. A call that comes back is offered to its sender, and the
    agent of before has left."""
    if (state, role) == (CallState.JOINING, Role.TARGET):
        return [(CallState.TALKING, Role.AGENT), (CallState.CONSULT_ALONE, Role.TARGET)]
    parts = AGENT_STATES.keys() | {(CallState.AGENT_LOST, Role.TARGET)}
    if state is CallState.JOINING:
        parts -= {(CallState.RINGING, Role.AGENT)}
    return [(after, role) for after in TRANSITIONS[state] if (after, role) in parts]


def _lives(state: CallState, role: Role, now: AgentState = AgentState.IDLE) -> list[AgentState]:
    """The agent's state there. A target who has accepted rings on as accepted."""
    wanted = AGENT_STATES.get((state, role))
    stays = wanted is None or (role is Role.TARGET and (now, wanted) == (AgentState.ACCEPTED, AgentState.RINGING))
    return [now] if stays or wanted is None else [wanted]


def wiring_table() -> list[str]:
    """Where each party is, by the call's state; and what the agents are then."""
    head = ["| call | customer | agent | target | agent is | target is |", "|---|---|---|---|---|---|"]
    return [*head, *(_row(state) for state in CallState)]


def matrix_table() -> list[str]:
    """What it leads to that a party leaves, by the call's state; a dash where there is nobody to leave."""
    head = ["| call | customer leaves | agent leaves | target leaves, refuses, is late |", "|---|---|---|---|"]
    return [*head, *(f"| {' | '.join([state, *_leads_to(state)])} |" for state in CallState)]


MONITOR_NOTES = (
    "*hears*: the supervisor hears the agent, and all whom the agent hears. *waits*: they hear nobody, for the agent",
    "is not there. *ends*: the monitor is over. Who hears the supervisor says the mode: nobody (listen), the agent",
    "(whisper), all whom the agent talks with (barge). While the agent is alone in the bridge, who whispers is there",
    "with them, and nobody enters before they were seen out (`domain/floor/monitoring.py`).",
)


def monitor_table() -> list[str]:
    """What becomes of a monitor, and whether one can begin, by the call's state."""
    head = ["| call | a monitor | may begin |", "|---|---|---|"]
    return [*head, *(f"| {state} | {FOLLOWS[state]} | {'yes' if state in BEGINS_IN else '–'} |" for state in CallState)]


def supervision_table() -> list[str]:
    """What becomes of a call that a supervisor ends, and whether one can be moved, by its state."""
    head = ["| call | ended by a supervisor | moved by a supervisor |", "|---|---|---|"]
    moves = dict.fromkeys(QUEUED, "waiting, a new visit; at the front: the same one")
    return [*head, *(f"| {state} | {cell.outcomes} | {moves.get(state, '–')} |" for state, cell in ENDS.items())]


WORDS: dict[str, type[StrEnum]] = {
    "`call.direction`": Direction,
    "`call.outcome`": Outcome,
    "`call.ended_by`": EndedBy,
    "`call_event.type`": CallEventType,
    "`offer.result`": OfferResult,
    "`agent_state_change.from_status`, `to_status`": Status,
    "`agent_state_change.from_state`, `to_state`": AgentState,
    "`agent_state_change.cause`": Cause,
    "`ticket.status`": TicketStatus,
    "`ticket_event.type`": TicketEventType,
}
"""By column of the schema ``cti``."""


def words_table() -> list[str]:
    head = ["| column | words |", "|---|---|"]
    return [*head, *(f"| {column} | {', '.join(words)} |" for column, words in WORDS.items())]


def page() -> str:
    return "\n".join(
        [
            "# States",
            "",
            "Made from the tables in `cti_bridge/domain` by `make diagrams`.",
            "",
            "## The call",
            "",
            *call_diagram(),
            "",
            "## The agent",
            "",
            *agent_diagram(),
            "",
            "## Who is where",
            "",
            *WIRING_NOTES,
            "",
            *wiring_table(),
            "",
            "## Who leaves, and what happens",
            "",
            *MATRIX_NOTES,
            "",
            *matrix_table(),
            "",
            "## What a supervisor does to a call",
            "",
            *SUPERVISION_NOTES,
            "",
            *supervision_table(),
            "",
            "## What a supervisor hears who monitors a call",
            "",
            *MONITOR_NOTES,
            "",
            *monitor_table(),
            "",
            "## Words in rows",
            "",
            *words_table(),
            "",
        ]
    )


def _row(state: CallState) -> str:
    places = [str(WIRING[state].get(role, "")) for role in Role]
    agents = [_word(state, role) for role in (Role.AGENT, Role.TARGET)]
    return f"| {' | '.join([state, *places, *agents])} |"


def _leads_to(state: CallState) -> list[str]:
    return [LEFT[state, role].leads_to if (state, role) in LEFT else "–" for role in Role]


def _word(state: CallState, role: Role) -> str:
    if (state, role) not in AGENT_STATES:
        return ""
    wanted = AGENT_STATES[state, role]
    return "as before" if wanted is None else str(wanted)


if __name__ == "__main__":
    PAGE.write_text(page())
