/**
 * Runs in the page before anything of the panel: notes when an event came in and when the screen showed it. Times are
 * POSIX milliseconds by the page's monotonic clock.
 */
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const recorder = { noting: true, frames: 0, heard: [], shown: [], formMs: null, clickedMs: null };
  window.recorder = recorder;

  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      // The phone in the page has a socket too.
      if (new URL(this.url).pathname.endsWith('/events')) this.addEventListener('message', (event) => heard(event.data));
    }
  };

  function heard(text) {
    recorder.frames += 1;
    if (!recorder.noting) return;
    const heardMs = now();
    const { type, at, agent } = JSON.parse(text);
    if (type === 'agent.changed') recorder.heard.push([agent.label, Date.parse(at), heardMs]);
  }

  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    const changes = new MutationObserver(() => look(root));
    changes.observe(root, { subtree: true, childList: true, characterData: true });
    return root;
  };

  let label = '';
  let sought = true;

  function look(root) {
    if (!recorder.noting) return;
    const password = sought && root.querySelector('input[type=password]:not(:disabled)');
    if (password && password.checkVisibility()) {
      sought = false;
      requestAnimationFrame(() => {
        recorder.formMs = performance.now();
        window.told('form');
      });
    }
    const text = root.querySelector('.state-label')?.textContent ?? '';
    if (text === label) return;
    label = text;
    requestAnimationFrame(() => {
      // What was replaced before a frame was drawn has not been on the screen.
      if (label !== text) return;
      recorder.shown.push([text, now()]);
      window.told(text);
    });
  }

  window.addEventListener('click', () => { recorder.clickedMs = now(); }, true);

  /** What was noted since the last time. */
  recorder.take = () => ({ heard: recorder.heard.splice(0), shown: recorder.shown.splice(0) });
  /** How far this clock is behind the system's, which may have been set since the page began. */
  recorder.behindMs = () => Date.now() - now();
})();
