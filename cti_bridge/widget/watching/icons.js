/** Line icons that only the pages of supervisors have. */
import { html } from '../vendor/preact-htm.js';
import { Icon as Usual } from '../views/icons.js';

const PATHS = {
  hand: 'M7 13V6.500a1.500 1.500 0 0 1 3 0V11V4.500a1.500 1.500 0 0 1 3 0V11V5.500a1.500 1.500 0 0 1 3 0V12V8.500a1.500 1.500 0 0 1 3 0V15a6 6 0 0 1-6 6h-2a6 6 0 0 1-5-3l-3-5a1.500 1.500 0 0 1 2.500-1.500z',
  ear: 'M7 9a5 5 0 0 1 10 0c0 4-4 4-4 8a3 3 0 0 1-5 2M10 10a2 2 0 0 1 4 0c0 1-1 2-2 2',
  whisper: 'M4 5h16v11H10l-5 4v-4H4zM9 10.500h.01M12 10.500h.01M15 10.500h.01',
};

export const Icon = ({ name }) => (PATHS[name]
  ? html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${PATHS[name]} /></svg>`
  : html`<${Usual} name=${name} />`);
