/*
 * Puts the Call Widget into a page:
 *
 *   <script src="https://cti.example/widget/loader.js"></script>
 *
 * Attributes: data-target (CSS selector of an element to fill; otherwise it stands at the bottom right), data-width,
 * data-height (pixels), data-title, data-hidden. Then window.CtiWidget has
 *
 *   on(type, fn)   'ready', 'state', 'ringing', 'ringing.ended', 'answered', 'ended', 'ticket.opened', 'asked',
 *                  'dialed', 'refused'; returns a function that ends it; '*' is all of them.
 *                  'ticket.opened' is for who gets the ticket: with a call, or from a colleague who hands one over
 *   dial(number, callingNumber)   resolves with {call_id}; rejects with an Error with a code. The agent is asked first,
 *                  unless the bridge is configured otherwise ('asked'; a hidden panel is shown then)
 *   show(), hide()
 *
 * The page's origin must be one of the bridge's allowed_origins.
 */
(() => {
  const script = document.currentScript;
  if (!script || window.CtiWidget) return;
  const options = script.dataset;
  const page = new URL('./', script.src);
  const listeners = new Map();
  const asked = new Map();
  const frame = document.createElement('iframe');
  let count = 0;

  const say = (message) => frame.contentWindow?.postMessage({ source: 'cti-widget', ...message }, page.origin);

  const on = (type, listener) => {
    const all = listeners.get(type) ?? new Set();
    listeners.set(type, all.add(listener));
    return () => all.delete(listener);
  };

  const settle = ({ type, id, ...content }) => {
    const waiting = asked.get(id);
    asked.delete(id);
    if (!waiting) return;
    if (type === 'dialed') waiting.resolve({ call_id: content.call_id });
    else waiting.reject(Object.assign(new Error(content.detail || content.code), { code: content.code }));
  };

  const dial = (number, callingNumber) =>
    new Promise((resolve, reject) => {
      const id = String((count += 1));
      asked.set(id, { resolve, reject });
      setTimeout(settle, 45000, { type: 'refused', id, code: 'no_answer', detail: 'The Call Widget does not answer.' });
      say({ type: 'dial', id, number, calling_number: callingNumber });
    });

  const show = () => {
    frame.hidden = false;
  };
  const hide = () => {
    frame.hidden = true;
  };

  addEventListener('message', ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== page.origin || data?.source !== 'cti-widget') return;
    if (data.type === 'asked') show();
    if (data.type === 'dialed' || data.type === 'refused') settle(data);
    for (const type of [data.type, '*']) for (const listener of listeners.get(type) ?? []) listener(data);
  });

  const place = () => {
    const target = options.target ? document.querySelector(options.target) : null;
    frame.src = page.href;
    frame.title = options.title ?? 'Call Widget';
    frame.allow = 'microphone; autoplay; clipboard-write';
    frame.hidden = 'hidden' in options;
    frame.addEventListener('load', () => say({ type: 'hello' }));
    Object.assign(frame.style, { border: '0', colorScheme: 'normal' });
    if (target) Object.assign(frame.style, { width: '100%', height: '100%' });
    else {
      const size = { width: `${options.width ?? 380}px`, height: `${options.height ?? 640}px` };
      const corner = { position: 'fixed', right: '16px', bottom: '16px', zIndex: '2147483000' };
      const look = { maxWidth: 'calc(100vw - 32px)', maxHeight: 'calc(100vh - 32px)', borderRadius: '12px' };
      Object.assign(frame.style, size, corner, look, { boxShadow: '0 8px 32px rgb(0 0 0 / 25%)' });
    }
    (target ?? document.body).append(frame);
  };

  window.CtiWidget = { on, dial, show, hide };
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', place, { once: true });
  else place();
})();
