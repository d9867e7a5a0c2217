/** The tables that a topic of rows tells: a snapshot of each section, then the rows that have changed. */

const KEY = { agents: 'cti_id', help: 'cti_id', waiting: 'call_id' };
const SECTIONS = ['services', 'queues', 'teams', 'agents', 'waiting', 'help', 'alerts'];
export const idOf = (section) => (row) => row[KEY[section] ?? 'id'];

/**
 * The sections behind a frame. A section without a change is the same object as before, and so is a row.
 * @param {Record<string, object[]>} before @param {object} frame @returns {Record<string, object[]>}
 */
export function behind(before, frame) {
  if (frame.type === 'snapshot') return Object.fromEntries(SECTIONS.filter((name) => frame[name]).map((name) => [name, frame[name]]));
  const after = { ...before };
  for (const name of SECTIONS) {
    if (frame[name] || frame.gone?.[name] || frame.order?.[name]) after[name] = changed(before[name] ?? [], frame, name);
  }
  return after;
}

function changed(rows, frame, name) {
  const id = idOf(name);
  const byId = new Map(rows.map((row) => [id(row), row]));
  for (const gone of frame.gone?.[name] ?? []) byId.delete(gone);
  for (const row of frame[name] ?? []) byId.set(id(row), row);
  return frame.order?.[name] ? frame.order[name].map((one) => byId.get(one)).filter(Boolean) : [...byId.values()];
}
