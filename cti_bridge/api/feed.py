"""The streams of topics: their readers, and the time at which a view is made anew."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec
import structlog

from cti_bridge.api.ports import Changes
from cti_bridge.api.row_streams import RowStream
from cti_bridge.api.streams import Panel, Place, Stream
from cti_bridge.api.topics import BEATS_S, GATHERED_S, RowTopic, Topic, is_of_rows

GATHER_S = 0.2
"""The seconds for which changes gather before a view is made. A queue may have hundreds a second."""
AT_A_TIME = 100
"""Views that are made in one turn of the event loop."""

_log = structlog.get_logger("cti_bridge.api")

Key = tuple[str, str]
"""(kind, name)"""


def keys_of(text: str) -> list[Key]:
    """Return the topics in a text such as ``agent,queue:support``, each once."""
    return list(dict.fromkeys((kind, name) for kind, _, name in (one.partition(":") for one in text.split(","))))


class Feed:
    """``topics`` are by kind; ``clock`` gives POSIX seconds. A stream lives as long as somebody reads it."""

    def __init__(self, topics: Mapping[str, Topic | RowTopic], clock: Callable[[], float]) -> None:
        self.topics = topics
        self.slow_readers = 0
        self._clock = clock
        self._streams: dict[Key, Stream] = {}
        self._due: dict[str, dict[Key, float]] = {}
        """By kind, topics whose view is to be made anew, with the time of the fact."""
        self._next_turn: dict[str, asyncio.Handle] = {}
        self._beats: dict[str, asyncio.TimerHandle] = {}

    def permits(self, cti_id: str, key: Key) -> bool:
        topic = self.topics.get(key[0])
        return topic is not None and topic.permits(cti_id, key[1])

    def not_permitted(self) -> list[Panel]:
        """Return the panels that read a topic to which their agent may not listen any more."""
        readers = [(key, place.panel) for key, stream in self._streams.items() for place in stream.places]
        return list(dict.fromkeys(panel for key, panel in readers if not self.permits(panel.cti_id, key)))

    def join(self, panel: Panel, keys: Sequence[Key]) -> None:
        """Let the panel read these topics too, from a snapshot on."""
        for key in keys:
            stream = self._streams.get(key) or self._begin(key)
            if isinstance(stream, RowStream):
                self._publish(key, stream, self._clock(), self._change(key, stream))  # Others are told first.
                first = stream.snapshot_of(self._clock())
            else:
                first = stream.snapshot(self._clock(), key[0], self._view(key))
            Place(panel, stream, stream.seq, first)

    def _begin(self, key: Key) -> Stream:
        # A client's name is for us alone.
        told, topic = {"topic": ":".join(key).partition(" ")[0].rstrip(":")}, self.topics[key[0]]
        if is_of_rows(topic) and not any(kind == key[0] for kind, _ in self._streams):
            topic.begin()
        stream = self._streams[key] = RowStream(told) if is_of_rows(topic) else Stream(told)
        if key[0] in BEATS_S and key[0] not in self._beats:
            self._beat(key[0])
        return stream

    def forget_unread(self) -> None:
        """A panel has disconnected: forget streams that nobody reads."""
        for key in [key for key, stream in self._streams.items() if not stream.places]:
            del self._streams[key]

    def on_changes(self, at: float, changes: Changes) -> None:
        """The engine's watcher. Never raises."""
        for kind in {kind for kind, _ in self._streams}:
            names = [name for known, name in self._streams if known == kind]
            try:
                touched = {(kind, name): at for name in self.topics[kind].touched(changes, names)}
            except Exception:
                _log.exception("topic_failed", topic=kind)
                continue
            self._due.setdefault(kind, {}).update(touched)
            if touched and kind not in self._next_turn:
                gather_s = GATHERED_S.get(kind, GATHER_S)
                self._next_turn[kind] = asyncio.get_running_loop().call_later(gather_s, self._turn, kind)

    def close(self) -> None:
        """The server stops."""
        for timer in (*self._next_turn.values(), *self._beats.values()):
            timer.cancel()

    def _turn(self, kind: str) -> None:
        del self._next_turn[kind]
        due = self._due[kind]
        for key in list(islice(due, AT_A_TIME)):
            at = due.pop(key)
            if (stream := self._streams.get(key)) is not None:
                self._show(key, stream, at)
        if due:
            self._next_turn[kind] = asyncio.get_running_loop().call_soon(self._turn, kind)

    def _beat(self, kind: str) -> None:
        """Look at the kind again, for some of it changes with time alone, and say that what is shown is true."""
        loop = asyncio.get_running_loop()
        streams = [(key, stream) for key, stream in self._streams.items() if key[0] == kind]
        if not streams:
            self._beats.pop(kind, None)
            return
        self._beats[kind] = loop.call_later(BEATS_S[kind], self._beat, kind)
        for key, stream in streams:
            if stream.places and not self._show(key, stream, self._clock()):
                self.slow_readers += stream.publish(f"{kind}.beat", self._clock(), {})

    def _show(self, key: Key, stream: Stream, at: float) -> bool:
        """Show the view as it is now. Return whether there was anything to tell."""
        try:
            content = self._change(key, stream)
        except Exception:
            _log.exception("topic_failed", topic=key[0])
            return False
        self._publish(key, stream, at, content)
        return bool(content)

    def _change(self, key: Key, stream: Stream) -> Mapping[str, Any]:
        """Return the difference of the present view to what was shown, which is this view from now on."""
        topic = self.topics[key[0]]
        if isinstance(stream, RowStream) and is_of_rows(topic):
            return stream.change_to(topic.rows(key[1]))
        view, before = self._view(key), stream.shown
        stream.shown = view
        return {key[0]: msgspec.Raw(view)} if view != before else {}

    def _publish(self, key: Key, stream: Stream, at: float, content: Mapping[str, Any]) -> None:
        if content and stream.places:
            self.slow_readers += stream.publish(f"{key[0]}.changed", at, content)

    def _view(self, key: Key) -> bytes:
        return msgspec.json.encode(self.topics[key[0]].view(key[1]))  # type: ignore[union-attr]
