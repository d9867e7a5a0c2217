/** The recordings of a ticket: what it takes to list and play them comes when somebody opens them who may hear them. */
import { html, useState } from '../vendor/preact-htm.js';
import { Refused, Spinner } from './controls.js';
import { usePanel } from './hooks.js';
import { ProblemError } from '../net/problem.js';
import { t } from '../i18n/index.js';

/** A browser remembers an address that could not be loaded, so each attempt has its own. */
let attempts = 0;

async function loadPlayer() {
  try {
    return (await import(`./player.js?${attempts}`)).RecordingList;
  } catch {
    attempts += 1;
    throw new ProblemError({ code: 'network', status: 0, detail: '' });
  }
}

export function Recordings({ ticket }) {
  const { settings } = usePanel().state;
  const [open, setOpen] = useState(false);
  const [{ List, problem }, loaded] = useState({});
  if (!settings?.rights?.includes('recordings')) return null;
  const toggled = ({ target }) => {
    setOpen(target.open);
    if (target.open && !List) loadPlayer().then((found) => loaded({ List: found }), (refused) => loaded({ problem: refused }));
  };
  return html`<details class="part recordings" onToggle=${toggled}>
    <summary>${t('recordings')}</summary>
    ${open && (List ? html`<${List} ticket=${ticket} />` : problem ? html`<${Refused} problem=${problem} />` : html`<${Spinner} />`)}
  </details>`;
}
