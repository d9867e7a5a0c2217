/** Dialogs over the page: what ends something or is heard by customers asks first. The focus begins on Cancel. */
import { html, useEffect, useLayoutEffect, useRef, useState } from '../vendor/preact-htm.js';
import { Button, Field, Refused } from '../views/controls.js';
import { useAnswer, useCommands, usePanel } from '../views/hooks.js';
import { phoneNumber } from '../views/words.js';
import { currentLanguage, t } from '../i18n/index.js';

const MOST_TEXT = 300;
let dialogs = 0;

function Modal({ title, onClose, children }) {
  const node = useRef();
  const id = useRef(null);
  id.current ??= `ask-${(dialogs += 1)}`;
  useLayoutEffect(() => {
    const dialog = node.current;
    const before = dialog.getRootNode().activeElement;
    dialog.showModal();
    (dialog.querySelector('[data-first]') ?? dialog).focus();
    return () => {
      // Nothing else can have the focus while it is open.
      dialog.close();
      if (before?.isConnected) before.focus();
    };
  }, []);
  return html`<dialog class="ask" ref=${node} aria-labelledby=${id.current} onCancel=${(event) => { event.preventDefault(); onClose(); }}
    onClick=${(event) => event.target === node.current && onClose()}>
    <div class="ask-body"><h2 id=${id.current}>${title}</h2>${children}</div>
  </dialog>`;
}

/** `ask`: `{title, text, hint?, verb, danger?, run: (act) => Promise<boolean>}`. */
export function Ask({ ask, onClose }) {
  const { act, busy, problem, what } = useCommands();
  const done = async () => { if (await ask.run(act)) onClose(); };
  return html`<${Modal} title=${ask.title} onClose=${onClose}>
    <p>${ask.text}</p>${ask.hint && html`<p class="hint">${ask.hint}</p>`}
    <${Refused} problem=${problem} what=${what} />
    <div class="ask-buttons"><${Button} local data-first onClick=${onClose}>${t('cancel')}<//>
      <${Button} kind=${ask.danger ? 'danger' : 'primary'} busy=${busy(ask.name)} onClick=${done}>${ask.verb}<//></div>
  <//>`;
}

export function Message({ team, onClose, said }) {
  const { act, busy, problem } = useCommands();
  const { store } = usePanel();
  const [text, setText] = useState('');
  const send = async (event) => {
    event.preventDefault();
    let shown = 0;
    store.commands.messaged = async () => { ({ agents: shown } = await store.commands.message(team, text.trim())); };
    if (text.trim() && await act('messaged')) {
      said(t('done.message', { count: shown }));
      onClose();
    }
  };
  return html`<${Modal} title=${t('ask.message', { team })} onClose=${onClose}>
    <form class="ask-form" onSubmit=${send}>
      <${Field} label=${t('ask.message.label')} hint=${t('ask.message.text')} value=${text} maxlength=${MOST_TEXT} data-first required
        onInput=${(event) => setText(event.target.value)} />
      <${Refused} problem=${problem} />
      <div class="ask-buttons"><${Button} local onClick=${onClose}>${t('cancel')}<//>
        <${Button} type="submit" kind="primary" busy=${busy('messaged')}>${t('ask.message.send')}<//></div>
    </form>
  <//>`;
}

/** Why a call waits, or an agent is given none; looked at again while it is open. */
export function Why({ title, ask, onClose }) {
  const [answer, problem] = useAnswer(() => ask(currentLanguage()), '', 3_000);
  return html`<${Modal} title=${title} onClose=${onClose}>
    <${Refused} problem=${problem} />
    ${answer && html`<ul class="reasons">${answer.reasons.length === 0 ? html`<li>${t('why.none')}</li>`
      : answer.reasons.map(({ code, text }) => html`<li key=${code + text}>${text}</li>`)}</ul>`}
    <div class="ask-buttons"><${Button} local data-first onClick=${onClose}>${t('close')}<//></div>
  <//>`;
}

/** The whole number of a customer. It is asked for once, for each look is written down, and gone with the dialog. */
export function WholeNumber({ name, ask, onClose }) {
  const [answer, problem] = useAnswer(ask);
  return html`<${Modal} title=${t('number.title')} onClose=${onClose}>
    <${Refused} problem=${problem} />
    <p class="whole-number num" role="status">${answer ? phoneNumber(answer.customer_number) : problem ? '' : t('wait')}</p>
    <p class="hint">${t('number.audit', { name })}</p>
    <div class="ask-buttons"><${Button} local data-first onClick=${onClose}>${t('close')}<//></div>
  <//>`;
}

/** What was said last goes away by itself. */
export function useSaid() {
  const [words, say] = useState('');
  useEffect(() => {
    const timer = words && setTimeout(() => say(''), 6_000);
    return () => clearTimeout(timer);
  }, [words]);
  return [words, say];
}
