"""The time line of a recording: what is in its file from when to when, and what of that is not to be stored.

A part that the PBX has left out is a cut: it takes no time of the file. A part that is in the file though it should not
be is erased: the store writes silence in its place. Where nobody knows when something began or ended, the time line is
such that what may be wrong is lost, and never stored. So a file may be longer than its time line says, and loses its
last moments; a shorter one would shift what is silenced.
"""

from typing import Any

from cti_bridge.domain.model.callbacks import Recording, RecordingState
from cti_bridge.domain.model.recorded import TWO
from cti_bridge.domain.model.recorder import Reason, Span, SpanKind

MARGIN_S = 0.2
"""The seconds before a customer was told to have left that are not stored: the clocks of PBX and bridge are compared by
events that take some time, and what is mixed is heard a moment later."""
LEFT_OUT_S = 0.2
"""The length of what is silenced behind the end of a file. The store takes no more of it then."""


def close(found: Recording, at: float, *, alone: bool = False) -> None:
    """The file has come to its end at that time. One that nothing was written into, or nothing that may be stored, is
    empty. ``alone``: others may talk on in the bridge without the customer, and the PBX records that until it has
    stopped."""
    if found.spans:
        last = found.spans[-1]
        last.till_at = max(at, last.from_at)
        if alone and last.kind is SpanKind.TALK:
            found.spans.append(Span(SpanKind.ERASED, last.till_at, last.till_at, reason=Reason.CONSULT))
    found.ended_at = at
    found.segments = segments(found)
    if found.segments and found.spans[-1].kind is SpanKind.ERASED and found.segments[-1]["kind"] == SpanKind.TALK:
        till_s = found.segments[-1]["till_s"]
        behind = {"from_s": till_s, "till_s": round(till_s + LEFT_OUT_S, 3), "reason": found.spans[-1].reason}
        found.segments.append({"kind": SpanKind.ERASED.value, **behind})
    if all(part["kind"] != SpanKind.TALK for part in found.segments):
        found.segments = []
    found.state = RecordingState.ENDED if found.segments else RecordingState.EMPTY


def left_before_end(found: Recording, at: float) -> bool:
    """The customer had left at that time a file that is closed. Return whether that changes what is stored: it ended so
    that others may have talked on."""
    if found.ended_at is None or at >= found.ended_at or not found.spans:
        return False
    last = found.spans[-1]
    if last.kind is not SpanKind.ERASED or last.reason != Reason.CONSULT:
        return False
    erase_since(found, at, Reason.CONSULT)
    close(found, found.ended_at)
    return True


def talked_on(found: Recording, at: float) -> bool:
    """Return whether more than two talked in the file at that time or later: two of them without the customer, who had
    left."""
    talks = [span for span in found.spans if span.kind is SpanKind.TALK and (span.till_at is None or span.till_at > at)]
    return any(len(span.who) > TWO for span in talks)


def erase(found: Recording, until: float) -> None:
    """The PBX has recorded until then, though a pause was wanted."""
    if found.spans and found.spans[-1].kind is SpanKind.CUT:
        cut = found.spans[-1]
        until = max(until, cut.from_at)
        found.spans[-1:] = [
            Span(SpanKind.ERASED, cut.from_at, until, reason=cut.reason),
            Span(SpanKind.CUT, until, reason=cut.reason),
        ]


def not_resumed(found: Recording, until: float) -> None:
    """The PBX was paused until then, though it should have gone on. Who talks may have changed meanwhile, and where
    nothing was written before there is no cut."""
    others = [place for place, span in enumerate(found.spans, 1) if span.kind is not SpanKind.TALK]
    first = others[-1] if others else 0
    talks = [span for span in found.spans[first:] if span.till_at is None or span.till_at > until]
    if talks:
        talks[0].from_at = max(until, talks[0].from_at)
        found.spans[first:] = talks
        if first:
            found.spans[first - 1].till_at = talks[0].from_at


def erase_since(found: Recording, at: float, reason: Reason) -> None:
    """Erase what was recorded since that time, and what is until the next part begins."""
    kept: list[Span] = []
    for span in found.spans:
        if span.kind is not SpanKind.TALK or (span.till_at is not None and span.till_at <= at):
            kept.append(span)
            continue
        if span.from_at < at:
            kept.append(Span(span.kind, span.from_at, at, span.who))
        kept.append(Span(SpanKind.ERASED, max(at, span.from_at), span.till_at, reason=reason))
    found.spans = kept


def came_together(found: Recording, at: float) -> float:
    """The customer was seen in the bridge at that time. Return since when they talk: whoever was seen there just before
    has come with them, if the file has begun with that. Drop the part that says that they were alone."""
    if len(found.spans) == 1:
        (first,) = found.spans
        if first.kind is SpanKind.ERASED and first.reason == Reason.HOLD and at - first.from_at <= MARGIN_S:
            found.spans.clear()
            return first.from_at
    return at


def segments(found: Recording) -> list[dict[str, Any]]:
    """Return the parts of the stored file, in seconds from its beginning. It needs no silence at its end."""
    begins, parts = found.spans[0].from_at if found.spans else 0.0, []
    kept = found.spans[:-1] if found.spans and found.spans[-1].kind is SpanKind.CUT else found.spans
    for span in kept:
        till_at = span.from_at if span.till_at is None else span.till_at
        part: dict[str, Any] = {"kind": span.kind.value}
        part |= {"from_s": round(span.from_at - begins, 3), "till_s": round(till_at - begins, 3)}
        part |= {"who": list(span.who)} if span.kind is SpanKind.TALK else {"reason": span.reason}
        if part["till_s"] > part["from_s"]:
            parts.append(part)
    return parts
