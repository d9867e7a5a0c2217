"""Reasons why a call waits, and why an agent is given none. Their words stand in ``cti_bridge/api/why_words.py``."""

from dataclasses import dataclass, field
from enum import StrEnum


class Why(StrEnum):
    """Codes beside those of :class:`~cti_bridge.domain.model.words.NoCalls`."""

    # Of a call.
    NOT_WAITING = "not_waiting"
    IN_SCENARIO = "in_scenario"
    RINGS = "rings"
    """values: agent."""
    PBX_AWAY = "pbx_away"
    """values: pbx."""
    CALLER_SOUGHT = "caller_sought"
    """The PBX that is back does not list the caller, who is being looked for."""
    LAST_AGENT_SOUGHT = "last_agent_sought"
    LAST_AGENT = "last_agent"
    """values: agent, seconds."""
    NOBODY_WORKS = "nobody_works"
    """values: queue."""
    NOBODY_FITS = "nobody_fits"
    """Agents work for the queue, and none fits the call. values: queue, working."""
    OUT_OF_REACH = "out_of_reach"
    """The phones of those who fit are at another PBX. values: pbx."""
    ALL_BUSY = "all_busy"
    """values: working, in_a_call, other."""
    SKILLS = "skills"
    """values: skills; seconds until the next stage, where there is one."""
    NEXT_STAGE = "next_stage"
    """values: seconds."""
    BEFORE = "before"
    """Other calls go first. values: position."""
    AT_ONCE = "at_once"
    """Nothing is in the way."""
    # Of an agent.
    CALL_COMES_BACK = "call_comes_back"
    PAUSE = "pause"
    """A failed offer was a moment ago. values: seconds."""
    NOBODY_WAITS = "nobody_waits"
    OTHER_PBX = "other_pbx"
    """Calls wait at a PBX that does not reach the agent's phone. values: calls."""
    LACKS_SKILL = "lacks_skill"
    """values: calls, skills."""
    BACKUP = "backup"
    """The agent serves the queue only for calls that have waited so long. values: queue, seconds."""
    KEPT = "kept"
    """Calls wait for their last agents. values: calls."""
    OTHERS_IDLE_LONGER = "others_idle_longer"
    """values: queue, agents."""
    NEXT = "next"
    """A call that comes to the queue now is the agent's. values: queue."""


@dataclass(frozen=True, slots=True)
class Reason:
    """``values`` are named in the words of the code."""

    code: str
    values: dict[str, str | int] = field(default_factory=dict)
