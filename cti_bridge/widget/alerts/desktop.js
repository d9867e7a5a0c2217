/** A desktop notification for an agent who is looking at another window. Text only, and never without permission. */

export class DesktopAlert {
  #notification = null;

  /** @param {string} title @param {string} body */
  start(title, body) {
    if (globalThis.Notification?.permission !== 'granted' || document.hasFocus()) return;
    try {
      this.#notification = new Notification(title, { body, tag: 'cti-widget-offer', requireInteraction: true });
      this.#notification.onclick = () => window.focus();
    } catch {
      // Some browsers permit notifications to service workers only.
    }
  }

  stop() {
    this.#notification?.close();
    this.#notification = null;
  }

  async allow() {
    if (!globalThis.Notification) return false;
    const permission =
      Notification.permission === 'default' ? await Notification.requestPermission() : Notification.permission;
    return permission === 'granted';
  }
}
