/**
 * What the bridge has to say to this agent: the newest, how many more there are, and what was refused in the dock. It
 * lies over the caller card and moves nothing.
 */
import { html } from '../vendor/preact-htm.js';
import { IconButton, Refused } from './controls.js';
import { useCommands, usePanel } from './hooks.js';
import { Icon } from './icons.js';
import { clockTime } from './words.js';
import { t, tOr } from '../i18n/index.js';

export function Notices({ later, problem, what }) {
  const { notices } = usePanel().state;
  const { act } = useCommands();
  const one = notices.at(-1);
  const more = notices.length - 1;
  const Own = later?.[one?.code];
  const done = () => act('dismissNotice', one.id);
  return html`<${Refused} problem=${problem} what=${what} />
    <div class="notices" role="log" aria-live="polite" aria-label=${t('notices')}>
      ${one && !problem && html`<div class=${`notice ${one.kind}`} key=${one.id}>
        <${Icon} name=${one.kind === 'info' ? 'bell' : 'warn'} />
        ${Own ? html`<${Own} done=${done} />` : html`<p><span class=${`clamped ${one.code}`}>${tOr(`notice.${one.code}`, one.text, { number: one.text.match(/\d+/)?.[0] })} ${one.at && html`<time class="hint" datetime=${one.at}>${clockTime(one.at)}</time>`}</span></p>`}
        ${more > 0 && html`<span class="count" title=${t('notices.more', { count: more })}>+${more}</span>`}
        <${IconButton} icon="close" name=${t('notice.dismiss')} data-means=${one.id} local onClick=${done} />
      </div>`}
    </div>`;
}
