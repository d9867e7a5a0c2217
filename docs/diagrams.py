"""Draw the state machines, the wiring table, the matrix and the words of rows into ``docs/states.md``, from the
tables that the core runs on (``make diagrams``)."""

from enum import StrEnum
from pathlib import Path

from cti_bridge.domain.legs.matrix import LEFT
from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.call import TRANSITIONS, CallState, Role
from cti_bridge.domain.model.wiring import AGENT_STATES, WIRING
from cti_bridge.domain.model.words import CallEventType, Cause, Direction, EndedBy, OfferResult, Outcome
from tickets.ticket import TicketEventType, TicketStatus

PAGE = Path(__file__).with_name("states.md")
WIRING_NOTES = (
    "Where a party is to be now says `wanted` in `domain/model/wiring.py`: as here, but for two things. A prompt for",
    "one party is heard in place of music or silence. Where two talk, who would be in the bridge with a phone that",
    "holds has music.",
)
MATRIX_NOTES = (
    "Each cell says the state that follows, and behind `ended` and `announcing` the outcome. An order for a party that",
    "is refused, or whose effect is not seen in time, counts as that party having left. *Phone lost*: the Q.850 cause",
    "is none of an ordinary hang-up. An offer that fails when the longest wait is over already leads to",
    "`announcing`: queue_timeout. A PBX that was restarted has lost its calls: `ended`: node_lost.",
)


def call_diagram() -> list[str]:
    """The call's states, as Mermaid (https://mermaid.js.org, stateDiagram-v2)."""
    arrows = [f"    {state} --> {after}" for state in CallState for after in sorted(TRANSITIONS[state])]
    begin = [f"    [*] --> {state}" for state in (CallState.GREETING, CallState.DIALING_AGENT)]
    return ["```mermaid", "stateDiagram-v2", *begin, *arrows, f"    {CallState.ENDED} --> [*]", "```"]


def agent_diagram() -> list[str]:
    """The agent's states: every transition of a call, as its agent and its target live through it."""
    arrows: dict[tuple[str, str], None] = {}
    for role in (Role.AGENT, Role.TARGET):
        for state in CallState:
            for after in sorted(TRANSITIONS[state]):
                before, then = _agent_state(state, role), _agent_state(after, role)
                if before != then:
                    arrows[before, then] = None
    return ["```mermaid", "stateDiagram-v2", *(f"    {a} --> {b}" for a, b in sorted(arrows)), "```"]


def wiring_table() -> list[str]:
    """Where each party is, by the call's state; and what the agents are then."""
    head = ["| call | customer | agent | target | agent is | target is |", "|---|---|---|---|---|---|"]
    return [*head, *(_row(state) for state in CallState)]


def matrix_table() -> list[str]:
    """What it leads to that a party leaves, by the call's state; a dash where there is nobody to leave."""
    head = ["| call | customer leaves | agent leaves | target leaves, refuses, is late |", "|---|---|---|---|"]
    return [*head, *(f"| {' | '.join([state, *_leads_to(state)])} |" for state in CallState)]


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
            "## Words in rows",
            "",
            *words_table(),
            "",
        ]
    )


def _agent_state(state: CallState, role: Role) -> str:
    """``as before`` is drawn as what it is most often: the state that leads there."""
    wanted = AGENT_STATES.get((state, role), AgentState.IDLE)
    if wanted is not None:
        return wanted
    return AgentState.RINGING if state is CallState.CONNECTING or role is Role.TARGET else AgentState.CONSULTING


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
