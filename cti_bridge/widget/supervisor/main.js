/** The live page of supervisors, `/supervisor/live`. */
import { commandsOf } from './commands.js';
import { LivePage } from './live.js';
import { TEXTS } from './texts.js';
import { definePage } from '../watching/page.js';
import { WatchStore } from '../watching/store.js';

definePage({
  tag: 'cti-live',
  sheet: 'supervisor',
  texts: TEXTS,
  title: 'live.title',
  store: () => new WatchStore({ topic: 'live', own: true, commands: commandsOf }),
  View: LivePage,
});
