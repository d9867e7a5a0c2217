"""The panel's state is a pure function of a snapshot and numbered frames."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.panel import recorded

_SETUP = """async (given) => {
  const { reduce, initialState, canAnswer, MOST_NOTICES, NO_FILTER } = await import('/widget/state/reducer.js');
  const frozen = (value) => {
    if (value && typeof value === 'object') Object.values(Object.freeze(value)).forEach(frozen);
    return value;
  };
  const run = (frames, state = initialState()) => frames.reduce((s, f) => frozen(reduce(s, f, given.localMs)), state);
  const snapshot = { type: 'snapshot', stream: 's', seq: 7, at: given.at, agent: given.agent };
  const frame = (seq, type, content = {}) => ({ type, seq, at: given.at, ...content });
"""

OFFER = {"offer_id": "o1", "call_id": recorded.CALL, "expires_at": recorded.at(-20)}
RINGING = recorded.call("ringing", ticket_id=None)
LINE = {
    "ticket_id": "t1",
    "service": "acme",
    "call_id": recorded.CALL,
    "status": "open",
    "owner": "mina",
    "customer_number": recorded.CUSTOMER,
    "created_at": recorded.at(5),
    "version": 1,
}


@pytest_asyncio.fixture(loop_scope="session", scope="module", name="blank")
async def _blank(browser: Browser, site: str) -> AsyncIterator[Page]:
    """One empty page for all: pure functions leave nothing behind."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{site}/blank")
    yield page
    await context.close()


async def reduced(page: Page, body: str, **given: Any) -> Any:
    """What the script gives, in which the page's modules are at hand. Every state in it is frozen, so a reducer that
    changes one fails."""
    values = {
        "agent": recorded.agent(),
        "at": recorded.at(0),
        "localMs": recorded.NOW.timestamp() * 1000,
        "offer": OFFER,
        "ringing": RINGING,
        "line": LINE,
        **given,
    }
    return await page.evaluate(_SETUP + body + "}", values)


async def test_given_a_snapshot_then_the_agent_is_the_servers_view(blank: Page) -> None:
    state = await reduced(blank, "return run([snapshot])")
    assert state["agent"] == recorded.agent()
    assert state["stream"] == {"id": "s", "seq": 7, "gap": False}


async def test_given_frames_before_any_snapshot_then_nothing_is_taken_in(blank: Page) -> None:
    same = "const s = initialState(); return reduce(s, frame(1, 'agent.changed', { agent: given.agent })) === s"
    assert await reduced(blank, same) is True


async def test_given_a_late_frame_then_nothing_changes(blank: Page) -> None:
    body = """const s = run([snapshot]);
      return [7, 6, 1].map((seq) => reduce(s, frame(seq, 'agent.changed', { agent: null })) === s)"""
    assert await reduced(blank, body) == [True, True, True]


async def test_given_a_missing_frame_then_nothing_is_taken_in_until_the_next_snapshot(blank: Page) -> None:
    body = """const other = { ...given.agent, status: 'rest' };
      const gap = run([snapshot, frame(9, 'agent.changed', { agent: other })]);
      const later = run([frame(10, 'agent.changed', { agent: other })], gap);
      const mended = run([{ ...snapshot, seq: 12, agent: other }], later);
      return [gap.stream, gap.agent.status, later === gap, mended.stream, mended.agent.status]"""
    gap, status, same, mended, truth = await reduced(blank, body)
    assert gap == {"id": "s", "seq": 7, "gap": True}
    assert (status, same) == ("ready", True)
    assert (mended, truth) == ({"id": "s", "seq": 12, "gap": False}, "rest")


async def test_given_unknown_or_empty_frames_then_only_the_number_moves_on(blank: Page) -> None:
    body = """const types = ['who.knows', 'constructor', '__proto__', 'agent.changed', 'offer.made', 'offer.ended',
        'call.connected', 'ticket.opened', 'ticket.changed'];
      const before = run([snapshot]);
      const after = run(types.map((type, i) => frame(8 + i, type)), before);
      const same = JSON.stringify({ ...after, stream: before.stream }) === JSON.stringify(before);
      const odd = [null, undefined, {}, { type: 'x', seq: '8' }];
      return [after.stream.seq - 7 === types.length, same, odd.every((f) => reduce(before, f) === before)]"""
    assert await reduced(blank, body) == [True, True, True]


async def test_given_an_offer_then_it_stands_with_its_call_until_it_ends(blank: Page) -> None:
    body = """const made = run([snapshot, frame(8, 'offer.made', { offer: given.offer, call: given.ringing })]);
      const other = run([frame(9, 'offer.ended', { offer_id: 'o2', result: 'missed' })], made);
      const over = run([frame(10, 'offer.ended', { offer_id: 'o1', result: 'missed' })], other);
      return [made.agent.offer, made.agent.call.call_id, other.agent.offer, over.agent.offer]"""
    offer, call_id, kept, over = await reduced(blank, body)
    assert offer == kept == OFFER
    assert call_id == recorded.CALL
    assert over is None


async def test_given_a_snapshot_without_the_offer_then_the_offer_is_gone(blank: Page) -> None:
    body = """const made = run([snapshot, frame(8, 'offer.made', { offer: given.offer, call: given.ringing })]);
      return run([{ ...snapshot, stream: 'new', seq: 0 }], made)"""
    state = await reduced(blank, body)
    assert (state["agent"]["offer"], state["agent"]["call"], state["stream"]["id"]) == (None, None, "new")


async def test_given_the_end_of_a_call_then_it_is_shown_until_the_next_call(blank: Page) -> None:
    body = """const talking = { ...given.agent, call: given.ringing };
      const ended = { call_id: given.ringing.call_id, role: 'agent', outcome: 'completed', ended_by: 'customer' };
      const end = run([{ ...snapshot, agent: talking }, frame(8, 'call.ended', ended)]);
      const idle = run([frame(9, 'agent.changed', { agent: given.agent })], end);
      const next = { ...given.ringing, call_id: 'c2' };
      const again = run([frame(10, 'offer.made', { offer: { ...given.offer, call_id: 'c2' }, call: next })], idle);
      return [end.ended, idle.ended, idle.lastCall.call_id, again.ended]"""
    end, idle, last, again = await reduced(blank, body)
    assert end == idle == {
        "call_id": recorded.CALL, "role": "agent",
        "outcome": "completed", "ended_by": "customer", "at": recorded.at(0),
    }  # fmt: skip
    assert last == recorded.CALL
    assert again is None


async def test_given_tickets_then_an_older_line_never_replaces_a_newer_one(blank: Page) -> None:
    body = """const open = run([snapshot, frame(8, 'ticket.opened', { ticket: given.line })]);
      const read = { ...open, ticket: { ...open.ticket, comments: ['c'], version: 3, complete: true }, ticketList: [] };
      const changed = (seq, change) => frame(seq, 'ticket.changed', { ticket: { ...given.line, ...change } });
      const late = run([changed(9, { version: 2 })], read);
      const newer = run([changed(10, { version: 4, status: 'pending' })], late);
      const foreign = { ...given.line, ticket_id: 't2', version: 9 };
      const other = run([frame(11, 'ticket.changed', { ticket: foreign })], newer);
      return [open.ticket, late.ticket.version, late.ticket.complete, newer.ticket, other.ticket.ticket_id]"""
    opened, version, complete, newer, shown = await reduced(blank, body)
    assert opened == {**LINE, "events": [], "comments": [], "complete": False}
    assert (version, complete) == (3, True)
    assert (newer["status"], newer["complete"], newer["comments"]) == ("pending", False, ["c"])
    assert shown == "t1"


async def test_given_ten_thousand_frames_then_the_state_does_not_grow(blank: Page) -> None:
    body = """const kinds = [
        (i) => ['agent.changed', { agent: { ...given.agent, call: { ...given.ringing, call_id: `c${i}` } } }],
        (i) => ['offer.made', { offer: { ...given.offer, offer_id: `o${i}` }, call: given.ringing }],
        (i) => ['offer.ended', { offer_id: `o${i - 1}`, result: 'missed' }],
        (i) => ['call.connected', { call: given.ringing }],
        (i) => ['call.ended', { call_id: `c${i}`, outcome: 'completed', ended_by: 'agent' }],
        (i) => ['ticket.opened', { ticket: { ...given.line, ticket_id: `t${i}` } }],
        (i) => ['ticket.changed', { ticket: { ...given.line, ticket_id: `t${i - 1}`, version: 2 } }],
        (i) => ['notice', { code: `n${i}`, text: 'x'.repeat(50) }],
      ];
      let state = { ...run([snapshot]), ticketList: [] };
      const sizes = [];
      for (let i = 1; i <= 10000; i += 1) {
        state = reduce(state, frame(7 + i, ...kinds[i % kinds.length](i)));
        if (i % 2000 === 0) sizes.push(JSON.stringify(state).length);
      }
      return [state.stream, state.notices.length === MOST_NOTICES, sizes]"""
    stream, bounded, sizes = await reduced(blank, body)
    assert stream == {"id": "s", "seq": 10_007, "gap": False}
    assert bounded
    assert max(sizes) - min(sizes) < 0.05 * sizes[0], sizes


async def test_given_rows_that_fall_off_the_end_of_a_list_then_it_is_not_said_to_be_whole(blank: Page) -> None:
    body = """const list = Array.from({ length: 200 }, (_, i) => ({ ...given.line, ticket_id: `t${i}` }));
      const opened = (state, change) => {
        const line = { ...given.line, ticket_id: 'new', ...change };
        const next = run([frame(8, 'ticket.opened', { ticket: line })], { ...run([snapshot]), ...state });
        return [next.ticketList.length, next.ticketList[0].ticket_id, next.ticketMore];
      };
      const pending = { ...NO_FILTER, status: 'pending' };
      return [opened({ ticketList: list }), opened({ ticketList: list.slice(1) }),
        opened({ ticketList: list }, { ticket_id: 't7' }), opened({ ticketList: list, ticketFilter: pending }),
        opened({ ticketList: [...list, given.line], ticketMore: 'c' })]"""
    assert await reduced(blank, body) == [
        [200, "new", "again"], [200, "new", None], [200, "t7", None], [200, "t0", None], [201, "new", "again"]
    ]  # fmt: skip


async def test_given_frames_that_come_late_then_the_clock_follows_the_quickest(blank: Page) -> None:
    body = """const sent = (lateMs) => new Date(given.localMs + 500 - lateMs).toISOString();
      const offset = (seq, lateMs) => frame(seq, 'x', { at: sent(lateMs) });
      const at = new Date(given.localMs + 400).toISOString();
      const s = run([{ ...snapshot, at }, offset(8, 300), offset(9, 20), offset(10, 90)]);
      return [s.clockOffsetMs, run([frame(11, 'x', { at: 'never' })], s).clockOffsetMs]"""
    assert await reduced(blank, body) == [480, 480]


async def test_given_each_way_to_answer_then_answer_is_offered_where_it_works(blank: Page) -> None:
    body = """const of = (agent, phoneCall, connection = 'open') => canAnswer({ ...initialState(), connection,
        agent: { ...given.agent, offer: given.offer, ...agent }, phone: { call: phoneCall } });
      return [of({ allowed_actions: ['answer'] }, null), of({ allowed_actions: [] }, 'incoming'),
        of({ answer: 'browser' }, null), of({ answer: 'browser' }, 'incoming'),
        of({ answer: 'browser', offer: null }, 'incoming'),
        of({ allowed_actions: ['answer'] }, null, 'reconnecting')]"""
    assert await reduced(blank, body) == [True, False, False, True, False, False]
