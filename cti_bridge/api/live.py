"""What happens to an agent, told to the agent's panels.

A stream begins with an agent's first socket, so agents without a panel cost a dictionary look-up, and ends with the
agent's session. Its frames: a snapshot, then every change of the view; what was shown already is not shown again.

When very many views change at once they are made in turns, so that calls get theirs in between. An agent who is to be
told something else meanwhile is shown the view before it.
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import msgspec
import structlog

from cti_bridge.api.ports import Engine
from cti_bridge.api.streams import GOING_AWAY, LOGGED_OUT, SESSION_MOVED, Close, Panel, Stream
from cti_bridge.api.tickets import ticket_line
from cti_bridge.domain.agent import Status
from cti_bridge.domain.directory import Directory
from cti_bridge.domain.facts import PanelChanged
from cti_bridge.domain.notices import (
    AgentChanged,
    AgentNotice,
    CallConnected,
    CallEnded,
    Notice,
    NumberUnknown,
    OfferEnded,
    OfferMade,
    SessionEnded,
    Told,
)
from cti_bridge.domain.timestamps import iso
from tickets.ticket import Ticket, TicketEventType

MOST_PANELS = 16
"""Sockets an agent may have at a time."""

AT_A_TIME = 100
"""Views that are made in one turn of the event loop: some 5 ms."""

_log = structlog.get_logger("cti_bridge.api")

Content = dict[str, Any] | None


class Live:
    """All streams. ``clock`` gives POSIX seconds, for what happens between facts; ``directory`` the agents' names."""

    def __init__(self, engine: Engine, clock: Callable[[], float], directory: Directory) -> None:
        self._engine, self._clock, self._directory = engine, clock, directory
        self._streams: dict[str, Stream] = {}
        self.slow_readers = 0
        self._due: dict[str, float] = {}
        """Whose view is to be shown, and the time of the fact that changed it; in the order of the facts."""
        self._next_turn: asyncio.Handle | None = None
        self._frame_of: dict[type[Any], Callable[[Any], tuple[str, Content]]] = {
            OfferMade: self._offer_made,
            OfferEnded: self._offer_ended,
            CallConnected: self._call_connected,
            CallEnded: self._call_ended,
            Told: self._told,
        }

    @property
    def panels(self) -> int:
        return sum(len(stream.panels) for stream in self._streams.values())

    # ------------------------------------------------------------------------------------------------- panels

    def attach(self, cti_id: str, session: str, resume: tuple[str, int] | None) -> Panel | None:
        """A new panel of a logged-in agent, or None when there are too many. ``resume`` is (stream id,
        last seq seen)."""
        stream = self._streams.get(cti_id)
        if stream is None:
            stream = self._streams[cti_id] = Stream(cti_id)
        if len(stream.panels) >= MOST_PANELS:
            return None
        self._catch_up(stream)
        if resume is not None and resume[0] == stream.id and stream.holds(resume[1]):
            panel = Panel(stream, session, resume[1], None)
        else:
            panel = Panel(stream, session, stream.seq, self._snapshot(stream))
        stream.panels.append(panel)
        if len(stream.panels) == 1:
            self._engine.tell(PanelChanged(cti_id, True))
        return panel

    def detach(self, panel: Panel) -> None:
        if panel in panel.stream.panels:
            panel.stream.panels.remove(panel)
            self._tell_if_last(panel.stream)

    def close_all(self) -> None:
        """The server stops."""
        if self._next_turn is not None:
            self._next_turn.cancel()
        for stream in self._streams.values():
            self._close_panels(stream, GOING_AWAY)

    def notice(self, cti_id: str, code: str, text: str) -> None:
        """Shows a message in the agent's panels."""
        stream = self._streams.get(cti_id)
        if stream is not None:
            self._publish(stream, "notice", self._clock(), {"code": code, "text": text})

    # ------------------------------------------------------------------------------------------ what happened

    def on_notices(self, at: float, notices: Sequence[Notice]) -> None:
        """The engine's listener. Never raises: what cannot be shown must not stop a call."""
        ended: list[Stream] = []
        for notice in notices:
            if isinstance(notice, NumberUnknown):
                continue
            stream = self._streams.get(notice.cti_id)
            if stream is None:
                continue
            if isinstance(notice, SessionEnded):
                ended.append(stream)
            elif isinstance(notice, AgentChanged):
                self._due[stream.cti_id] = at
            else:
                self._show(stream, at, notice)
        for stream in ended:
            self._end(stream, at)
        if self._due and self._next_turn is None:
            self._turn()

    def on_ticket(self, ticket: Ticket, opened: bool) -> None:
        """The desk's listener: owner and participants are told, also by which type of ticket event it changed."""
        if not self._streams:
            return
        kind = "ticket.opened" if opened else "ticket.changed"
        content = {"ticket": ticket_line(ticket, self._directory), "event": ticket.events[-1].type}
        for cti_id in concerned(ticket):
            stream = self._streams.get(cti_id)
            if stream is not None:
                self._publish(stream, kind, self._clock(), content)

    def _turn(self) -> None:
        """Show some of those that are due. With few of them that is at once."""
        self._next_turn = None
        for cti_id in list(islice(self._due, AT_A_TIME)):
            self._catch_up(self._streams[cti_id])
        if self._due:
            self._next_turn = asyncio.get_running_loop().call_soon(self._turn)

    def _catch_up(self, stream: Stream) -> None:
        """Show the agent's view as it is now, if that is due and it is another one than was shown."""
        at = self._due.pop(stream.cti_id, None)
        if at is None:
            return
        try:
            view = msgspec.json.encode(self._engine.view(stream.cti_id))
            if view != stream.shown:
                stream.shown = view
                self._publish(stream, "agent.changed", at, {"agent": msgspec.Raw(view)})
        except Exception:
            _log.exception("notice_not_shown", cti_id=stream.cti_id, notice=AgentChanged.__name__)

    def _show(self, stream: Stream, at: float, notice: AgentNotice) -> None:
        try:
            kind, content = self._frame_of[type(notice)](notice)
            if content is not None:
                self._publish(stream, kind, at, content)
        except Exception:
            _log.exception("notice_not_shown", cti_id=notice.cti_id, notice=type(notice).__name__)

    def _publish(self, stream: Stream, kind: str, at: float, content: dict[str, Any]) -> None:
        self._catch_up(stream)
        slow = stream.publish(kind, at, content)
        if slow:
            self.slow_readers += slow
            self._tell_if_last(stream)

    def _end(self, stream: Stream, at: float) -> None:
        """The agent's session is over: last, so that the panels have seen what came with it."""
        self._catch_up(stream)
        del self._streams[stream.cti_id]
        how = LOGGED_OUT
        if self._engine.view(stream.cti_id)["status"] != Status.OFFLINE:
            how = SESSION_MOVED
            text = "You have logged in elsewhere. This window is no longer connected."
            stream.publish("notice", at, {"code": "session_moved", "text": text})
        self._close_panels(stream, how)

    def _close_panels(self, stream: Stream, how: Close) -> None:
        if not stream.panels:
            return
        for panel in stream.panels:
            panel.close(how)
        stream.panels.clear()
        self._tell_if_last(stream)

    def _tell_if_last(self, stream: Stream) -> None:
        if not stream.panels:
            self._engine.tell(PanelChanged(stream.cti_id, False))

    # ------------------------------------------------------------------------------------------------- frames

    def _snapshot(self, stream: Stream) -> bytes:
        view = msgspec.json.encode(self._engine.view(stream.cti_id))
        # What the panels that are there were shown last may be another one.
        stream.shown = None if stream.panels else view
        head = {"type": "snapshot", "stream": stream.id, "seq": stream.seq, "at": iso(self._clock())}
        return msgspec.json.encode({**head, "agent": msgspec.Raw(view)})

    def _offer_made(self, notice: OfferMade) -> tuple[str, Content]:
        offer = self._engine.offer_view(notice.cti_id)
        if offer is None or offer["offer_id"] != notice.offer_id:
            return "offer.made", None
        return "offer.made", {"offer": offer, "call": self._engine.call_view(notice.cti_id, offer["call_id"])}

    def _offer_ended(self, notice: OfferEnded) -> tuple[str, Content]:
        return "offer.ended", {"offer_id": notice.offer_id, "result": notice.result}

    def _call_connected(self, notice: CallConnected) -> tuple[str, Content]:
        call = self._engine.call_view(notice.cti_id, notice.call_id)
        return "call.connected", {"call": call} if call is not None else None

    def _call_ended(self, notice: CallEnded) -> tuple[str, Content]:
        ended = {"call_id": notice.call_id, "outcome": notice.outcome, "ended_by": notice.ended_by}
        return "call.ended", ended

    def _told(self, notice: Told) -> tuple[str, Content]:
        return "notice", {"code": notice.code, "text": notice.text}


_NAMING = frozenset({TicketEventType.OPENED, TicketEventType.OWNER_CHANGED, TicketEventType.PARTICIPANT_ADDED})


def concerned(ticket: Ticket) -> set[str]:
    """CTI IDs of the owner, of former owners and of participants."""
    named = {
        event.detail.get(key)
        for event in ticket.events
        if event.type in _NAMING
        for key in ("owner", "participant", "cti_id")
    }
    return {ticket.owner} | {name for name in named if isinstance(name, str)}
