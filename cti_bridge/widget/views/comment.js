/** Add a Comment. Every key is kept as a draft, which goes when it is sent; where it lands is said by `state/front.js`. */
import { html, useCallback } from '../vendor/preact-htm.js';
import { Button, Field, Refused } from './controls.js';
import { useCommands, usePanel } from './hooks.js';
import { landing } from '../state/front.js';
import { phoneNumber, when } from './words.js';
import { t } from '../i18n/index.js';

export function Comment() {
  const to = landing(usePanel().state);
  return to && html`<${Form} key=${to.key} to=${to} />`;
}

function Form({ to }) {
  const { store, state } = usePanel();
  const { act, busy, problem } = useCommands();
  const text = state.drafts[to.place]?.text ?? '';
  const words = to.other ? addToOther(state.ticket) : t('ticket.add_comment');
  const send = (event) => {
    event.preventDefault();
    if (to.ticketId && text.trim()) act('addComment', to.ticketId, text.trim());
  };
  const keyed = (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.isComposing) send(event);
  };
  const left = useCallback((event) => whenLeft(event.currentTarget, () => store.commands.writeIn(null)), [store]);
  const why = !to.ticketId ? t('ticket.comment.later') : text.trim() ? undefined : t('ticket.comment.empty');
  return html`<form class="comment" onSubmit=${send} onfocusout=${left}>
    <${Field} as="textarea" label=${words} bare placeholder=${t('ticket.comment.hint')} rows="2" value=${text} readonly=${busy('addComment')}
      onFocus=${() => store.commands.writeIn(to.place)} onInput=${(event) => store.commands.writeComment(to.place, event.target.value)} onKeyDown=${keyed} />
    <${Refused} problem=${problem} />
    <div class="comment-end"><${Said} to=${to} text=${text} />
      <${Button} type="submit" busy=${busy('addComment')} why=${why}>${words}<//></div>
  </form>`;
}

function addToOther({ customer_number: number, created_at }) {
  const at = when(created_at);
  return number ? t('ticket.add_other', { number: phoneNumber(number), at }) : t('ticket.add_other.withheld', { at });
}

/** That it is kept, for how long, and where it goes when that is not the agent's own ticket of this call. */
function Said({ to, text }) {
  const { ticket, agent, draftsKept } = usePanel().state;
  const owner = ticket && ticket.owner !== agent.cti_id && t('ticket.comment.owner', { owner: ticket.owner_name || ticket.owner });
  const kept = text && [t(`ticket.draft.${draftsKept}`), !to.ticketId && t('ticket.draft.call')].filter(Boolean).join(' ');
  return html`<div class="comment-said">${owner && html`<p class="hint">${owner}</p>`}<p class="hint" role="status">${kept}</p></div>`;
}

/** The focus is elsewhere in the panel: not in another window, and not beside the field in its own card. */
function whenLeft(form, done) {
  const card = form.closest('.card') ?? form;
  setTimeout(() => {
    if (form.ownerDocument.hasFocus() && !card.contains(card.getRootNode().activeElement)) done();
  });
}
