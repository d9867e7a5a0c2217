/**
 * Comments that are not sent yet: one a ticket, or a call that has no ticket yet (`call:ID`).
 *
 * Each key that is typed is kept, in `state.drafts` for the views and in the browser's storage: sealed with a key that
 * only the agent's own session is given, so that it outlives reload, crash and logout, and the next agent at the same
 * PC cannot read it. A draft goes when it is sent or emptied, and after a week. Nothing here sends anything.
 *
 * `state.draftsKept` says how long it lasts: `browser`; `tab`, where the page has no secure context and so nothing to seal
 * with; `page`, where the browser lets us store nothing.
 */

import { newKey } from '../net/api.js';

const PREFIX = 'cti-widget.draft:';
const KEPT_MS = 7 * 86_400_000;
const MOST = 50;

/** @param {string} callId @returns {string} the draft's place while the call has no ticket */
export const placeOfCall = (callId) => `call:${callId}`;

export class Drafts {
  #ctiId = '';
  #vault = null;
  #turns = new Map();
  #inPage = new Map();

  /** @param {import('./store.js').Store} store */
  constructor(store) {
    this.store = store;
    addEventListener('storage', (event) => this.#changedElsewhere(event));
  }

  /** Reads what is kept for an agent. Never rejects.
   * @param {string} ctiId @param {string} draftKey of the session, base64; empty where it has none */
  async begin(ctiId, draftKey) {
    if (ctiId === this.#ctiId && this.#vault) return;
    this.#ctiId = ctiId;
    const vault = (this.#vault = await openVault(draftKey));
    tidy(vault.storage);
    const found = { ...this.#inPage.get(ctiId) };
    for (const [name, text] of entries(vault.storage, this.#name(''))) {
      const draft = await vault.unseal(text);
      if (draft) found[name] = draft;
    }
    if (vault === this.#vault) this.store.change({ drafts: found, draftsKept: vault.kept });
  }

  /** The session is over. What is in the storage stays there. */
  end() {
    if (this.store.state.draftsKept === 'page') this.#inPage.set(this.#ctiId, this.store.state.drafts);
    this.#ctiId = '';
    this.#vault = null;
    this.#turns.clear();
  }

  /** @param {string} place @param {string} text empty: there is none any more
   * @param {{number?: string|null}} [about] the customer's number, of a call without a ticket; null where it is withheld */
  write(place, text, about = {}) {
    if (!text) return this.remove(place);
    const others = without(this.store.state.drafts, place);
    const tooMany = Math.max(0, Object.keys(others).length + 1 - MOST);
    for (const oldest of Object.keys(others).slice(0, tooMany)) this.remove(oldest);
    this.#put(place, { ...about, text, at: Date.now() });
  }

  remove(place) {
    this.store.change({ drafts: without(this.store.state.drafts, place) });
    this.#forget(place);
  }

  /** To the ticket that the call has now, or to the next call of the same number; behind what stands there already. */
  move(from, to) {
    const { drafts } = this.store.state;
    const draft = drafts[from];
    if (!draft) return;
    const text = [drafts[to]?.text, draft.text].filter(Boolean).join('\n');
    const { key, ...kept } = draft;
    const moved = { ...kept, text };
    // At once: whoever follows the state must not see both.
    this.store.change({ drafts: { ...without(without(drafts, from), to), [to]: moved } });
    this.#forget(from);
    this.#store(to, moved);
  }

  /** One and the same for each attempt to send this text, also from another tab or after a reload. */
  sendKey(place, text) {
    const draft = this.store.state.drafts[place];
    if (draft?.text.trim() !== text) return newKey();
    if (!draft.key) this.#put(place, { ...draft, key: newKey() });
    return this.store.state.drafts[place].key;
  }

  /** What was sent meanwhile, as it was; what was written since stays. */
  sent(place, text) {
    if (this.store.state.drafts[place]?.text.trim() === text) this.remove(place);
  }

  #name(place) {
    return `${PREFIX}${encodeURIComponent(this.#ctiId)}:${place}`;
  }

  /** The newest stands last. */
  #put(place, draft) {
    this.store.change({ drafts: { ...without(this.store.state.drafts, place), [place]: draft } });
    this.#store(place, draft);
  }

  /** Sealing takes a moment: of several keys the last one counts. */
  async #store(place, draft) {
    const [vault, name, turn] = [this.#vault, this.#name(place), this.#newTurn(place)];
    if (!vault) return;
    try {
      const sealed = await vault.seal(draft);
      if (!turn.over) vault.storage.setItem(name, sealed);
    } catch {
      // Nothing can be stored, or it is full.
      if (vault === this.#vault) this.store.change({ draftsKept: 'page' });
    }
  }

  #newTurn(place) {
    const [before, turn] = [this.#turns.get(place), { over: false }];
    if (before) before.over = true;
    this.#turns.set(place, turn);
    return turn;
  }

  #forget(place) {
    this.#newTurn(place);
    try {
      this.#vault?.storage.removeItem(this.#name(place));
    } catch {
      // Then it is not there either.
    }
  }

  /** Another tab of the same agent has written or sent it. */
  async #changedElsewhere({ key, newValue, storageArea }) {
    const vault = this.#vault;
    if (!vault || storageArea !== vault.storage || !key?.startsWith(this.#name(''))) return;
    const place = key.slice(this.#name('').length);
    const draft = newValue && (await vault.unseal(newValue));
    if (vault !== this.#vault) return;
    const { drafts } = this.store.state;
    if (!newValue) this.store.change({ drafts: without(drafts, place) });
    else if (draft && draft.at >= (drafts[place]?.at ?? 0)) this.store.change({ drafts: { ...drafts, [place]: draft } });
  }
}

/** Where drafts are kept and how: `{storage, kept, seal(draft), unseal(text)}`. `unseal` gives null for what is not ours. */
async function openVault(draftKey) {
  const storage = usable(() => (globalThis.crypto?.subtle && draftKey ? localStorage : sessionStorage));
  if (!storage) return { storage: null, kept: 'page', seal: async () => '', unseal: async () => null };
  if (storage !== usable(() => localStorage)) {
    return { storage, kept: 'tab', seal: async (draft) => JSON.stringify(draft), unseal: async (text) => parsed(text) };
  }
  const key = await crypto.subtle.importKey('raw', bytes(draftKey), 'AES-GCM', false, ['encrypt', 'decrypt']);
  return { storage, kept: 'browser', seal: (draft) => seal(key, draft), unseal: (text) => unseal(key, text) };
}

function usable(choose) {
  try {
    const storage = choose();
    storage.setItem(PREFIX, '');
    storage.removeItem(PREFIX);
    return storage;
  } catch {
    return null;
  }
}

async function seal(key, draft) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = new TextEncoder().encode(JSON.stringify(draft));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, text));
  return JSON.stringify({ at: draft.at, iv: base64(iv), sealed: base64(sealed) });
}

async function unseal(key, text) {
  try {
    const { iv, sealed } = JSON.parse(text);
    const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: bytes(iv) }, key, bytes(sealed));
    return JSON.parse(new TextDecoder().decode(opened));
  } catch {
    // Of another password, or not ours.
    return null;
  }
}

/** Of all agents: nobody may come back to it. */
function tidy(storage) {
  for (const [name, text] of entries(storage, PREFIX)) {
    if (!(parsed(text)?.at > Date.now() - KEPT_MS)) storage.removeItem(PREFIX + name);
  }
}

/** [name behind the prefix, text], oldest first. */
function entries(storage, prefix) {
  const names = Object.keys(storage ?? {}).filter((name) => name.startsWith(prefix));
  const found = names.map((name) => [name.slice(prefix.length), storage.getItem(name)]);
  return found.sort(([, one], [, other]) => (parsed(one)?.at ?? 0) - (parsed(other)?.at ?? 0));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function without(drafts, place) {
  const { [place]: _, ...others } = drafts;
  return others;
}

const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const base64 = (array) => btoa(Array.from(array, (one) => String.fromCharCode(one)).join(''));
