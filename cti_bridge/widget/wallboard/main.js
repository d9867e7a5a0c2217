/** The page of the wallboard, `/wallboard`. */
import { Board } from './board.js';
import { TEXTS } from './texts.js';
import { definePage } from '../watching/page.js';
import { WatchStore } from '../watching/store.js';

definePage({
  tag: 'cti-wallboard',
  sheet: 'wallboard',
  texts: TEXTS,
  title: 'board.title',
  store: () => new WatchStore({ topic: 'wallboard', screen: true }),
  View: Board,
});
