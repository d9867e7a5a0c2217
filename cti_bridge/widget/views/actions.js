/** The commands of a conversation that several states share. What the server does not allow says why. */
import { html } from '../vendor/preact-htm.js';
import { Button } from './controls.js';
import { t } from '../i18n/index.js';

const reason = (agent, action) => (agent.allowed_actions.includes(action) ? undefined : t('not_now'));

export const Hold = ({ agent, act, busy }) => html`<${Button} icon="hold" keys="Alt+H" busy=${busy('hold')}
  why=${reason(agent, 'hold')} onClick=${() => act('hold')}>${t('hold')}<//>`;

export const Resume = ({ agent, act, busy }) => html`<${Button} icon="resume" kind="primary wide" keys="Alt+H" busy=${busy('resume')}
  why=${agent.call.held_by.includes('phone') ? t('hold.on_phone') : reason(agent, 'resume')}
  onClick=${() => act('resume')}>${t('resume')}<//>`;

export const Transfer = ({ agent, onClick }) => html`<${Button} icon="transfer" keys="Alt+T" onClick=${onClick}
  why=${agent.allowed_actions.includes('consult') || agent.allowed_actions.includes('transfer') ? undefined : t('not_now')}>${t('transfer')}<//>`;

export const ForceDisconnect = ({ agent, onClick }) => html`<${Button} icon="stop" kind="danger-text" aria-haspopup="dialog"
  why=${reason(agent, 'force-disconnect')} onClick=${onClick}>${t('force')}<//>`;

export const HangUp = ({ agent, act, busy, kind = 'danger', title }) => html`<${Button} icon="end" kind=${kind} keys="Alt+Q"
  busy=${busy('hangUp')} why=${reason(agent, 'hangup')} title=${title} onClick=${() => act('hangUp')}>${t('hang_up')}<//>`;

/** Only where the bridge is configured to warn customers. */
export const Warn = ({ agent, act, busy }) => agent.allowed_actions.includes('warn') && html`<${Button} icon="warn" kind="danger-text"
  busy=${busy('warn')} onClick=${() => act('warn')}>${t('warn')}<//>`;
