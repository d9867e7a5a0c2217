/** Defines the element. The page, the pop-out window and the iframe in a host page all load this file. */
import { CtiWidget } from './cti-widget.js';

customElements.define('cti-widget', CtiWidget);
