/** Add a Comment. What is not sent yet outlives the opening of another ticket. */
import { html, useState } from '../vendor/preact-htm.js';
import { Button, Field, Refused } from './controls.js';
import { useCommands } from './hooks.js';
import { t } from '../i18n/index.js';

const MOST_DRAFTS = 50;
const drafts = new Map();

function keep(id, text) {
  drafts.delete(id);
  if (text) drafts.set(id, text);
  if (drafts.size > MOST_DRAFTS) drafts.delete(drafts.keys().next().value);
}

export function Comment({ id }) {
  const { act, busy, problem } = useCommands();
  const [text, setText] = useState(drafts.get(id) ?? '');
  const write = (now) => {
    keep(id, now);
    setText(now);
  };
  const send = async (event) => {
    event.preventDefault();
    const sent = text;
    if (sent.trim() && await act('addComment', id, sent.trim())) write('');
  };
  const keyed = (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.isComposing) send(event);
  };
  return html`<form class="comment" onSubmit=${send}>
    <${Field} as="textarea" label=${t('ticket.comment')} bare placeholder=${t('ticket.comment.hint')} rows="2" value=${text} readonly=${busy('addComment')}
      onInput=${(event) => write(event.target.value)} onKeyDown=${keyed} />
    <${Refused} problem=${problem} />
    <${Button} type="submit" busy=${busy('addComment')} why=${text.trim() ? undefined : t('ticket.comment.empty')}>${t('ticket.add_comment')}<//>
  </form>`;
}
