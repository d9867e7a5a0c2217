/**
 * What the panel knows, as a pure function of what the server said.
 *
 * The event socket begins with a snapshot and goes on with numbered frames. A frame that was seen already changes
 * nothing, one of an unknown type only moves the number on. A frame that is missing cannot be guessed: `stream.gap`
 * becomes true, and nothing more is taken in until a new snapshot has come.
 *
 * `agent` is always a view that the server made. Everything that could grow has a bound.
 */

import { isWriting } from './front.js';

export const MOST_NOTICES = 20;
/** Rows that frames add to a list fall off its end beyond so many. */
export const MOST_TICKETS = 200;
/** In place of a cursor: rows have fallen off the end of the list, so it is read from its beginning. */
export const AGAIN = 'again';
/** All tickets of one's own. `text` is a number or an id; `whose` is mine or all. */
export const NO_FILTER = Object.freeze({ text: '', status: '', whose: 'mine' });

/**
 * @typedef {object} Notice
 * @property {string} id
 * @property {string} code
 * @property {string} text
 * @property {string} at
 * @property {'info'|'warning'|'error'} kind
 */

/** The state before anything is known. `history` are tickets of the shown one's number; false: they could not be read.
 * `ticketMore` and `historyMore` say where a list goes on; null: it is whole. `closedFor` is the call whose ticket the agent has closed, `writing` the place of the draft that has the focus, `transferTab` what was chosen last in this session. */
export function initialState() {
  return {
    connection: 'starting',
    settings: null,
    agent: null,
    work: null,
    clockOffsetMs: 0,
    stream: null,
    ticket: null,
    ticketList: null,
    ticketMore: null,
    ticketFilter: NO_FILTER,
    ticketPages: 0,
    ticketLink: null,
    history: null,
    historyMore: null,
    closedFor: null,
    drafts: {},
    draftsKept: 'browser',
    writing: null,
    notices: [],
    asked: null,
    ended: null,
    lastCall: null,
    transferTab: 'direct',
    phone: PHONE_OFF,
    owner: true,
    sound: { allowed: true },
    canAnswer: false,
  };
}

/** `call` says where the call in the page's own phone is: null, incoming, answering, up. */
export const PHONE_OFF = Object.freeze({
  state: 'off',
  problem: null,
  call: null,
  muted: false,
  level: 0,
  quality: null,
  microphones: Object.freeze([]),
  microphoneId: '',
});

/**
 * @param {ReturnType<typeof initialState>} state never changed
 * @param {{type: string, seq?: number, at?: string}} frame
 * @param {number} [localMs] when it was received
 * @returns {ReturnType<typeof initialState>} the same object when nothing has changed
 */
export function reduce(state, frame, localMs = Date.now()) {
  if (frame?.type === 'snapshot') return snapshot(state, frame, localMs);
  const stream = state.stream;
  if (stream === null || !Number.isSafeInteger(frame?.seq) || frame.seq <= stream.seq) return state;
  if (frame.seq !== stream.seq + 1) return stream.gap ? state : { ...state, stream: { ...stream, gap: true } };
  const handler = HANDLERS.get(frame.type);
  const next = handler ? handler(state, frame, localMs) : state;
  const moved = { id: stream.id, seq: frame.seq, gap: false };
  return { ...next, clockOffsetMs: offset(next, frame, localMs), stream: moved };
}

/** Ringing can be answered from here: by command, or in the page's own phone. */
export function canAnswer(state) {
  const agent = state.agent;
  if (!agent || state.connection !== 'open') return false;
  if (agent.allowed_actions.includes('answer')) return true;
  return agent.answer === 'browser' && agent.offer !== null && state.phone.call === 'incoming';
}

/** With one more notice; the oldest ones make room. */
export function withNotice(state, notice) {
  const others = state.notices.filter((one) => one.id !== notice.id);
  return { ...state, notices: [...others, notice].slice(-MOST_NOTICES) };
}

function snapshot(state, frame, localMs) {
  if (!frame.agent || !Number.isSafeInteger(frame.seq)) return state;
  const clockOffsetMs = Date.parse(frame.at) - localMs || 0;
  const stream = { id: frame.stream, seq: frame.seq, gap: false };
  return { ...withAgent(state, frame.agent), clockOffsetMs, stream };
}

/** Server − local. A frame can only be late, so the largest one seen is the nearest to the truth. */
function offset({ clockOffsetMs: known }, frame, localMs) {
  const seen = Date.parse(frame.at) - localMs;
  return seen > known ? seen : known;
}

function withAgent(state, agent) {
  const before = state.agent?.call ?? null;
  const callId = agent.call?.call_id ?? null;
  const lastCall = before !== null && before.call_id !== callId ? before : state.lastCall;
  const ended = callId !== null && callId !== state.ended?.call_id ? null : state.ended;
  return { ...state, agent, lastCall, ended };
}

function agentChanged(state, { agent }) {
  return agent ? withAgent(state, agent) : state;
}

function offerMade(state, { offer, call }) {
  return state.agent && offer && call ? withAgent(state, { ...state.agent, offer, call }) : state;
}

function offerEnded(state, frame) {
  if (state.agent?.offer?.offer_id !== frame.offer_id) return state;
  return { ...state, agent: { ...state.agent, offer: null } };
}

function callConnected(state, { call }) {
  return state.agent && call ? withAgent(state, { ...state.agent, call }) : state;
}

function callEnded(state, { call_id, role, outcome, ended_by, at }) {
  return { ...state, ended: { call_id, role, outcome, ended_by, at } };
}

/** `complete` is false until the ticket's events and comments have been read. During a call only that call's ticket
 * comes to the front, and none while the agent writes in another. */
function ticketOpened(state, { ticket: line }, localMs) {
  if (!line) return state;
  const shown = state.ticket;
  const listed = withLine(state, line);
  if (shown?.ticket_id === line.ticket_id) return withNewer(listed, line);
  const call = state.agent?.call ?? null;
  if ((call && call.call_id !== line.call_id) || isWriting(state, localMs)) return listed;
  const { history, historyMore } = sameCustomer(shown, line) ? state : { history: null, historyMore: null };
  const ticket = { events: [], comments: [], ...line, complete: false };
  return { ...listed, ticket, history, historyMore, ticketLink: null };
}

/** The line at the beginning of the list, if that is one in which it stands. */
function withLine(state, line) {
  const { ticketList: list, ticketFilter: { text, status } } = state;
  if (!list || text || (status && status !== line.status)) return state;
  const longer = [line, ...without(list, line)];
  const ticketList = longer.slice(0, Math.max(MOST_TICKETS, list.length));
  return { ...state, ticketList, ticketMore: longer.length > ticketList.length ? AGAIN : state.ticketMore };
}

/** Two who withhold their numbers are not the same. */
export const sameCustomer = (one, other) => Boolean(one?.customer_number) && one.customer_number === other?.customer_number;

function ticketChanged(state, { ticket: line }) {
  if (!line) return state;
  const renewed = (list) => list.map((one) => (one.ticket_id === line.ticket_id ? line : one));
  const ticketList = state.ticketList && renewed(state.ticketList);
  return { ...withNewer(state, line), ticketList, history: state.history && renewed(state.history) };
}

function withNewer(state, line) {
  const shown = state.ticket;
  if (shown?.ticket_id !== line.ticket_id || line.version <= shown.version) return state;
  return { ...state, ticket: { ...shown, ...line, complete: false } };
}

function without(list, line) {
  return list.filter((one) => one.ticket_id !== line.ticket_id);
}

const WARNINGS = new Set([
  'hold_reminder', 'customer_left', 'no_audio_agent', 'no_audio_customer', 'phone_forwards', 'phone_refused', 'phone_silent', 'lift_phone',
  'session_moved',
]);

function notice(state, { code, text, at, seq }) {
  const kind = WARNINGS.has(code) || code.startsWith('recording') ? 'warning' : 'info';
  return withNotice(state, { id: `${state.stream.id}:${seq}`, code, text, at, kind });
}

const HANDLERS = new Map([
  ['agent.changed', agentChanged],
  ['offer.made', offerMade],
  ['offer.ended', offerEnded],
  ['call.connected', callConnected],
  ['call.ended', callEnded],
  ['ticket.opened', ticketOpened],
  ['ticket.changed', ticketChanged],
  ['notice', notice],
]);
