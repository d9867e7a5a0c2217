/** What the agent can ask for in sheets, lists and what else comes behind the first view, as in `commands.js`. */

import { id, rejecting, shownCall } from './commands.js';

/** Adds them. A store that is lent to a window of its own may have them already.
 * @param {import('./store.js').Store} store */
export function addCommands(store) {
  if (!store.commands.record) store.commands = { ...laterCommands(store, store.api), ...store.commands };
}

/** @param {import('./store.js').Store} store @param {import('../net/api.js').Api} api */
function laterCommands(store, api) {
  const post = (path, body) => api.write('POST', path, body);
  const onCall = (action, bodyOf = () => undefined) => (...given) => post(`calls/${id(shownCall(store))}/${action}`, bodyOf(...given));
  return rejecting({
    joinAll: onCall('consult/join'),
    takeOut: onCall('consult/remove', (party) => ({ party })),
    sendDigits: onCall('dtmf', (digits, to) => ({ digits, to })),
    forceDisconnect: onCall('force-disconnect', (reason, note) => (note ? { reason, note } : { reason })),
    consult: onCall('consult', (target) => target),
    transfer: onCall('transfer', (target) => target),
    record: (action) => onCall(`recording/${action}`)(),
    callColleague: (agent) => post('me/dial', { agent }),
    colleagues: (q = '') => api.get('agents', { q }),
    frequentNumbers: () => api.get('me/frequent-numbers'),
    addFrequentNumber: (number, label) => post('me/frequent-numbers', { number, label }),
    removeFrequentNumber: (numberId) => api.write('DELETE', `me/frequent-numbers/${id(numberId)}`),
    messages: () => api.get('callbacks', { status: 'waiting' }),
    messageDone: (callbackId, version) => api.write('PATCH', `callbacks/${id(callbackId)}`, { status: 'done', version }),
    audioOf: (recordingId) => api.media(`recordings/${id(recordingId)}/audio`),
    recordings: (ticket) => api.get('recordings', { ticket }),
    copyRecording: async (recordingId) => {
      const link = document.createElement('a');
      link.href = await api.media(`recordings/${id(recordingId)}/audio?download=true`);
      link.download = `${recordingId}.wav`;
      link.click();
    },
    holdRecording: (recordingId, on) => api.write('PUT', `recordings/${id(recordingId)}/hold`, { on }),
    eraseRecording: (recordingId) => api.write('DELETE', `recordings/${id(recordingId)}`),
    queues: () => api.get('queues'),
    day: () => api.get('me/day'),
    askHelp: () => post('me/help'),
    endHelp: () => api.write('DELETE', 'me/help'),
    availableAgents: (q = '') => api.get('agents', { status: 'ready', q }),
  });
}
