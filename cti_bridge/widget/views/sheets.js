/** What hardly anybody needs before the first view is there, by its name: sheets, what lies over them (`asks`), lists of
 * tickets, one's own day, what stands below the note of a ticket (`events` with its recordings, `history`), a note without a ticket (`orphan`), a consultation, the
 * strip of a phone in the page, recording (its sign in the header, its part of the menu More, a notice by its code), and help in the dock. */
import { AskHelp } from './ask-help.js';
import { Consulting } from './consult.js';
import { Day } from './day.js';
import { DialDialog } from './dial.js';
import { ForceDialog } from './force.js';
import { HelpDialog } from './help.js';
import { History } from './history.js';
import { KeypadSheet } from './keypad.js';
import { MessagesSheet } from './messages.js';
import { Orphan } from './orphan.js';
import { PageAsks } from './page-asks.js';
import { PhoneStrip } from './phone.js';
import { PauseEnds, RecordingSign, Styles, recordingItems } from './recording.js';
import { Recordings } from './recordings.js';
import { TicketEvents } from './ticket-events.js';
import { Tickets } from './tickets.js';
import { TransferDialog } from './transfer.js';
import { WarnSheet } from './warn.js';
import { html } from '../vendor/preact-htm.js';
import { addCommands } from '../state/later-commands.js';
import { addTexts } from '../i18n/index.js';
import { LATER } from './sheet-texts.js';

addTexts(LATER);

const BelowNote = ({ ticket }) => html`<${Recordings} key=${ticket.ticket_id} ticket=${ticket} /><${TicketEvents} ticket=${ticket} />`;

export const SHEETS = {
  dial: DialDialog, transfer: TransferDialog, keypad: KeypadSheet, warn: WarnSheet, force: ForceDialog, help: HelpDialog,
  messages: MessagesSheet,
  asks: PageAsks, tickets: Tickets, day: Day, events: BelowNote, history: History,
  consulting: Consulting, orphan: Orphan, strip: PhoneStrip,
  addTo: addCommands, styles: Styles, sign: RecordingSign, items: recordingItems, recording_pause_ends: PauseEnds,
  askHelp: AskHelp,
};
