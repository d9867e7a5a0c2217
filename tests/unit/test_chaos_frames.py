"""What `make chaos` does to single messages of the event socket."""

import itertools
from datetime import datetime

import msgspec
import pytest

from tests.chaos.frames import Doubled, FrameProxy, Lost, Refused, Swapped, Trick, _Frames, framed, split

HEAD = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
ASKED = b"GET /ari/events?app=a HTTP/1.1\r\nHost: pbx\r\nUpgrade: websocket\r\n\r\n"


def event(name: str) -> bytes:
    return msgspec.json.encode({"type": name})


def reply(identity: str, status: int = 204) -> bytes:
    return msgspec.json.encode({"type": "RESTResponse", "request_id": identity, "status_code": status})


def order(identity: str, method: str = "POST") -> bytes:
    return msgspec.json.encode({"type": "RESTRequest", "request_id": identity, "method": method, "uri": "channels"})


def names(trick: Trick, *texts: bytes) -> list[str]:
    told = [one for text in texts for one in trick.from_pbx(text)]
    return [found.get("request_id", found["type"]) for found in map(msgspec.json.decode, told)]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
@pytest.mark.parametrize("masked", [False, True])
def test_a_frame_is_found_whole_however_long_it_is_and_not_before(size: int, masked: bool) -> None:
    text = bytes(n % 251 for n in range(size))
    frame = framed(text, masked=masked)
    assert split(frame + b"more") == (0x81, text, len(frame))
    assert split(frame[:-1]) is None and split(frame[:1]) is None


def test_a_mask_is_taken_away() -> None:
    mask, text = b"\x01\x02\x03\x04", b"an order"
    hidden = bytes(one ^ key for one, key in zip(text, itertools.cycle(mask), strict=False))
    assert split(bytes((0x81, 0x80 | len(text))) + mask + hidden) == (0x81, text, 6 + len(text))


@pytest.mark.parametrize("step", [1, 7, 10_000])
@pytest.mark.parametrize("up", [True, False])
def test_what_comes_in_pieces_is_passed_on_whole_and_what_comes_before_the_socket_untouched(
    step: int, up: bool
) -> None:
    proxy = FrameProxy("127.0.0.1", 1)
    frames, before = _Frames(proxy, up=up), b"GET /ari/asterisk/ping HTTP/1.1\r\n\r\n"
    assert frames.rewritten(before) == before
    head = ASKED if up else HEAD
    proxy.trick = Lost(each=2) if not up else Refused(500, each=2)
    texts = [order(str(n)) for n in range(4)] if up else [event(str(n)) for n in range(4)]
    sent = head + b"".join(framed(text, masked=up) for text in texts)
    told = b"".join(frames.rewritten(sent[at : at + step]) for at in range(0, len(sent), step))
    assert told.startswith(head)
    rest, seen = told[len(head) :], []
    while found := split(rest):
        seen.append(msgspec.json.decode(found[1]))
        rest = rest[found[2] :]
    assert rest == b"" and proxy.changed == 2
    if up:
        assert [(one["request_id"], one["uri"]) for one in seen] == [
            ("0", "channels"), ("1", "asterisk/ping"), ("2", "channels"), ("3", "asterisk/ping"),
        ]  # fmt: skip
    else:
        assert [one["type"] for one in seen] == ["0", "2"]


def test_a_ping_is_passed_on_whatever_is_done_to_texts() -> None:
    proxy = FrameProxy("127.0.0.1", 1)
    proxy.trick = Lost(each=1)
    frames = _Frames(proxy, up=False)
    assert frames.rewritten(HEAD + b"\x89\x02hi" + framed(event("one"))) == HEAD + b"\x89\x02hi"


def test_tricks_never_change_replies_but_for_their_place_and_the_refused_ones() -> None:
    assert names(Doubled(later=1), event("a"), event("b"), reply("1"), event("c")) == ["a", "b", "a", "1", "c", "b"]
    swapped = names(Swapped(), event("a"), event("b"), event("c"), reply("1"), event("d"))
    assert swapped == ["a", "b", "1", "c", "d"]
    assert names(Lost(each=2), event("a"), reply("1"), event("b"), event("c")) == ["a", "1", "c"]


def test_a_refused_order_is_not_carried_out_and_a_question_always_is() -> None:
    trick = Refused(500, each=2)
    assert [msgspec.json.decode(trick.to_pbx(order(one)))["uri"] for one in "12"] == ["channels", "asterisk/ping"]
    assert msgspec.json.decode(trick.to_pbx(order("3", "GET")))["uri"] == "channels"
    told = [msgspec.json.decode(one) for each in "123" for one in trick.from_pbx(reply(each, 200))]
    assert [one["status_code"] for one in told] == [200, 500, 200]


def test_a_clock_that_is_set_moves_the_times_of_then_wherever_they_stand_and_leaves_them_as_long_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def at(clock: str) -> bytes:
        return f'{{"creationtime":"2026-11-30T{clock}.250+0000","timestamp":"2026-12-01T00:10:00.000+0000"}}'.encode()

    proxy = FrameProxy("127.0.0.1", 1)
    assert proxy.clock.moved(at("23:58:00")) == at("23:58:00")
    for moment, ahead_s in (("2026-11-30T23:59:00+00:00", -3600.0), ("2026-12-01T00:05:00+00:00", 0.0)):
        monkeypatch.setattr("time.time", lambda moment=moment: datetime.fromisoformat(moment).timestamp())
        proxy.clock.set(ahead_s)
    assert proxy.clock.moved(at("23:58:00")) == at("23:58:00"), "before"
    assert proxy.clock.moved(at("23:59:30")) == at("22:59:30"), "meanwhile; and what is of afterwards is right"
    frames = proxy._rewriter(up=False)
    assert frames(HEAD + framed(at("23:59:30"))) == HEAD + framed(at("22:59:30")), "in frames"
    assert proxy._rewriter(up=False)(at("23:59:30")) == at("22:59:30"), "and in lists"
    assert proxy._rewriter(up=True)(at("23:59:30")) == at("23:59:30"), "orders have none of its times"
