"""Tells an agent's panels of every change.

A stream begins with an agent's first socket and ends with the agent's session. So an agent without a panel costs a
dictionary look-up. Its frames are a snapshot, then every change of the view. A view that was shown already is not shown
again.

When very many views change at once they are made in turns, so that calls get theirs in between. If such an agent is to
be told of something else meanwhile, the view is shown first.
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import msgspec
import structlog

from cti_bridge.api import frames
from cti_bridge.api.feed import Feed, Key
from cti_bridge.api.frames import Frame, content
from cti_bridge.api.ports import Engine, Present
from cti_bridge.api.streams import GOING_AWAY, LOGGED_OUT, NOT_PERMITTED, SESSION_MOVED, Close, Panel, Place, Stream
from cti_bridge.api.tickets import ticket_line
from cti_bridge.api.topics import OWN
from cti_bridge.domain.border.commands import PanelChanged
from cti_bridge.domain.border.notices import (
    AgentChanged,
    AgentNotice,
    CallConnected,
    CallEnded,
    ConfigurationTaken,
    Notice,
    OfferEnded,
    OfferMade,
    OperatorNotice,
    RecordingReady,
    SessionEnded,
    Told,
)
from cti_bridge.domain.model.agent import Status
from cti_bridge.domain.model.words import SessionOver
from tickets.ticket import Ticket, TicketEventType

MOST_PANELS = 16
"""The most sockets of an agent at a time."""

AT_A_TIME = 100
"""Views that are made in one turn of the event loop: some 5 ms."""

_log = structlog.get_logger("cti_bridge.api")

_OWN: Key = (OWN, "")


class _Own(Stream):
    """The stream of an agent."""

    def __init__(self, cti_id: str) -> None:
        super().__init__()
        self.cti_id = cti_id

    @property
    def seated(self) -> int:
        """The number of panels that read it and that an agent sits before."""
        return sum(not place.panel.beside for place in self.places)


class Live:
    """All sockets, by agent. ``clock`` gives POSIX seconds, for events between facts. ``directory`` has the agents'
    names. ``feed`` has the streams of other topics."""

    def __init__(self, engine: Engine, clock: Callable[[], float], directory: Present, feed: Feed) -> None:
        self._engine, self._clock, self._directory, self._feed = engine, clock, directory, feed
        self._panels: dict[str, list[Panel]] = {}
        self._streams: dict[str, _Own] = {}
        self.slow_readers = 0
        self._due: dict[str, float] = {}
        """Agents whose view is to be shown, with the time of the fact that changed it, in the order of the facts."""
        self._next_turn: asyncio.Handle | None = None
        self._frame_of: dict[type[Any], Callable[[Any], Frame | None]] = {
            OfferMade: self._offer_made,
            OfferEnded: self._offer_ended,
            CallConnected: self._call_connected,
            CallEnded: self._call_ended,
            Told: self._told,
            RecordingReady: self._recording_ready,
        }

    @property
    def panels(self) -> int:
        return sum(map(len, self._panels.values()))

    def has_panel(self, cti_id: str) -> bool:
        """Return whether a panel of the agent is connected."""
        stream = self._streams.get(cti_id)
        return stream is not None and stream.seated > 0

    # ------------------------------------------------------------------------------------------------- panels

    def attach(
        self, cti_id: str, session: str, resume: tuple[str, int] | None, topics: Sequence[Key] = (_OWN,)
    ) -> Panel | None:
        """Return a new panel of a logged-in agent, or None when there are too many. ``resume`` is (stream id, last seq
        seen) of the agent's own topic. The agent must be permitted to listen to the topics."""
        panels = self._panels.setdefault(cti_id, [])
        if len(panels) >= MOST_PANELS:
            return None
        panel = Panel(cti_id, session, beside=self._engine.is_beside(session))
        try:
            if _OWN in topics:
                self._begin(panel, resume)
            self._feed.join(panel, [key for key in topics if key != _OWN])
        except BaseException:
            self._leave([panel])
            raise
        panels.append(panel)
        return panel

    def unknown(self, topics: Sequence[Key]) -> str | None:
        """Return the first kind of topic that does not exist, or None."""
        return next((kind for kind, name in topics if (kind, name) != _OWN and kind not in self._feed.topics), None)

    def permits(self, cti_id: str, topics: Sequence[Key]) -> bool:
        """Return whether the agent may listen to all of the topics."""
        return all(key == _OWN or self._feed.permits(cti_id, key) for key in topics)

    def _begin(self, panel: Panel, resume: tuple[str, int] | None) -> None:
        """Let the panel read the agent's own topic."""
        cti_id = panel.cti_id
        stream = self._streams.get(cti_id)
        if stream is None:
            stream = self._streams[cti_id] = _Own(cti_id)
        self._catch_up(stream)
        if resume is not None and resume[0] == stream.id and stream.holds(resume[1]):
            Place(panel, stream, resume[1], None)
        else:
            view = msgspec.json.encode(self._engine.view(cti_id))
            Place(panel, stream, stream.seq, stream.snapshot(self._clock(), "agent", view))
        if stream.seated == 1 and not panel.beside:
            self._engine.tell(PanelChanged(cti_id, True))

    def detach(self, panel: Panel) -> None:
        panels = self._panels.get(panel.cti_id, [])
        if panel in panels:
            panels.remove(panel)
            if not panels:
                del self._panels[panel.cti_id]
            self._leave([panel])

    def _leave(self, panels: Sequence[Panel]) -> None:
        own = {place.stream for panel in panels for place in panel.places if place in place.stream.places}
        for panel in panels:
            panel.leave()
        for stream in own:
            if isinstance(stream, _Own):
                self._tell_if_last(stream)
        self._feed.forget_unread()

    def close_all(self) -> None:
        """The server stops."""
        if self._next_turn is not None:
            self._next_turn.cancel()
        self._feed.close()
        for cti_id in list(self._panels):
            self._close_panels(cti_id, GOING_AWAY)

    def notice(self, cti_id: str, code: str, text: str) -> None:
        """Show a message in the agent's panels."""
        stream = self._streams.get(cti_id)
        if stream is not None:
            self._publish(stream, self._clock(), frames.NoticeShown(code, text))

    # ------------------------------------------------------------------------------------------ what happened

    def on_notices(self, at: float, notices: Sequence[Notice]) -> None:
        """The engine's listener. Never raises: a view that cannot be shown must not stop a call."""
        ended: dict[str, SessionOver] = {}
        for notice in notices:
            if isinstance(notice, ConfigurationTaken):
                self._close_not_permitted()
            if isinstance(notice, OperatorNotice):
                continue
            stream = self._streams.get(notice.cti_id)
            if isinstance(notice, SessionEnded):
                ended[notice.cti_id] = notice.why
            elif stream is None:
                continue
            elif isinstance(notice, AgentChanged):
                self._due[stream.cti_id] = at
            else:
                self._show(stream, at, notice)
        for cti_id, why in ended.items():
            self._end(cti_id, at, why)
        if self._due and self._next_turn is None:
            self._turn()

    def on_ticket(self, ticket: Ticket, opened: bool) -> None:
        """The desk's listener. Owner and participants are told, with the type of the ticket event."""
        if not self._streams:
            return
        kind = frames.TicketOpened if opened else frames.TicketChanged
        frame = kind(ticket_line(ticket, self._directory()), ticket.events[-1].type)
        for cti_id in concerned(ticket):
            stream = self._streams.get(cti_id)
            if stream is not None:
                self._publish(stream, self._clock(), frame)

    def _turn(self) -> None:
        """Show some of the views that are due. Few views are shown at once."""
        self._next_turn = None
        for cti_id in list(islice(self._due, AT_A_TIME)):
            self._catch_up(self._streams[cti_id])
        if self._due:
            self._next_turn = asyncio.get_running_loop().call_soon(self._turn)

    def _catch_up(self, stream: _Own) -> None:
        """Show the agent's view as it is now, if that is due and the view has changed."""
        at = self._due.pop(stream.cti_id, None)
        if at is None:
            return
        try:
            view = msgspec.json.encode(self._engine.view(stream.cti_id))
            if view != stream.shown:
                stream.shown = view
                self._publish(stream, at, frames.AgentChanged(msgspec.Raw(view)))
        except Exception:
            _log.exception("notice_not_shown", cti_id=stream.cti_id, notice=AgentChanged.__name__)

    def _show(self, stream: _Own, at: float, notice: AgentNotice) -> None:
        try:
            frame = self._frame_of[type(notice)](notice)
            if frame is not None:
                self._publish(stream, at, frame)
        except Exception:
            _log.exception("notice_not_shown", cti_id=notice.cti_id, notice=type(notice).__name__)

    def _publish(self, stream: _Own, at: float, frame: Frame) -> None:
        self._catch_up(stream)
        slow = stream.publish(frame.type, at, content(frame))
        if slow:
            self.slow_readers += slow
            self._tell_if_last(stream)

    def _end(self, cti_id: str, at: float, why: SessionOver) -> None:
        """A session of the agent is over. This comes last, so that the panels have seen all before it."""
        if cti_id not in self._panels and cti_id not in self._streams:
            return
        if staying := [one for one in self._panels.get(cti_id, ()) if self._engine.session_owner(one.session)]:
            self._close_some(cti_id, staying, SESSION_MOVED if why is SessionOver.TAKEOVER else LOGGED_OUT)
            return
        stream = self._streams.get(cti_id)
        if stream is not None:
            self._catch_up(stream)
            del self._streams[cti_id]
        how = LOGGED_OUT
        if why is SessionOver.TAKEOVER and self._engine.view(cti_id).status is not Status.OFFLINE:
            how = SESSION_MOVED
            text = "You have logged in elsewhere. This window is no longer connected."
            if stream is not None:
                moved = frames.NoticeShown("session_moved", text)
                stream.publish(moved.type, at, content(moved))
        self._close_panels(cti_id, how)

    def _close_not_permitted(self) -> None:
        """Another configuration has taken rights away."""
        for panel in self._feed.not_permitted():
            panel.close(NOT_PERMITTED)
            self.detach(panel)

    def _close_some(self, cti_id: str, staying: list[Panel], how: Close) -> None:
        """Close the agent's panels but for those of a session that goes on."""
        gone = [panel for panel in self._panels[cti_id] if panel not in staying]
        self._panels[cti_id] = staying
        for panel in gone:
            panel.close(how)
        self._leave(gone)

    def _close_panels(self, cti_id: str, how: Close) -> None:
        panels = self._panels.pop(cti_id, [])
        for panel in panels:
            panel.close(how)
        self._leave(panels)

    def _tell_if_last(self, stream: _Own) -> None:
        if not stream.seated:
            self._engine.tell(PanelChanged(stream.cti_id, False))

    # ------------------------------------------------------------------------------------------------- frames

    def _offer_made(self, notice: OfferMade) -> Frame | None:
        offer = self._engine.offer_view(notice.cti_id)
        if offer is None or offer.offer_id != notice.offer_id:
            return None
        return frames.OfferMade(offer, self._engine.call_view(notice.cti_id, offer.call_id))

    def _offer_ended(self, notice: OfferEnded) -> Frame:
        return frames.OfferEnded(notice.offer_id, notice.result)

    def _call_connected(self, notice: CallConnected) -> Frame | None:
        call = self._engine.call_view(notice.cti_id, notice.call_id)
        return frames.CallConnected(call) if call is not None else None

    def _call_ended(self, notice: CallEnded) -> Frame:
        return frames.CallEnded(notice.call_id, notice.role, notice.outcome, notice.ended_by)

    def _recording_ready(self, notice: RecordingReady) -> Frame:
        of_talk = notice.recording_id, notice.call_id, notice.ticket_id, notice.service
        return frames.RecordingReady(*of_talk, notice.length_s, notice.missing_s)

    def _told(self, notice: Told) -> Frame:
        return frames.NoticeShown(notice.code, notice.text)


_NAMING = frozenset({TicketEventType.OPENED, TicketEventType.OWNER_CHANGED, TicketEventType.PARTICIPANT_ADDED})


def concerned(ticket: Ticket) -> set[str]:
    """Return the CTI IDs of the owner, of former owners and of participants."""
    named = {
        event.detail.get(key)
        for event in ticket.events
        if event.type in _NAMING
        for key in ("owner", "participant", "cti_id")
    }
    return {ticket.owner} | {name for name in named if isinstance(name, str)}
