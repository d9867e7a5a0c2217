/** Each sheet by its name: what an agent opens, and so not before the first view is there. `asks` lies over them. */
import { DialDialog } from './dial.js';
import { ForceDialog } from './force.js';
import { HelpDialog } from './help.js';
import { KeypadSheet } from './keypad.js';
import { PageAsks } from './page-asks.js';
import { TransferDialog } from './transfer.js';
import { WarnSheet } from './warn.js';

export const SHEETS = {
  dial: DialDialog, transfer: TransferDialog, keypad: KeypadSheet, warn: WarnSheet, force: ForceDialog, help: HelpDialog,
  asks: PageAsks,
};
