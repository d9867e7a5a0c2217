/** What a supervisor asks for; each is one request. */
import { id } from '../state/commands.js';

/** @param {import('../net/api.js').Api} api */
export const commandsOf = (api) => ({
  listen: (callId) => api.write('POST', `calls/${id(callId)}/monitor`, { mode: 'listen' }),
  whisper: (callId) => api.write('POST', `calls/${id(callId)}/monitor`, { mode: 'whisper' }),
  barge: (callId) => api.write('POST', `calls/${id(callId)}/monitor`, { mode: 'barge' }),
  switchTo: (callId, mode) => api.write('PATCH', `calls/${id(callId)}/monitor`, { mode }),
  stop: (callId) => api.write('DELETE', `calls/${id(callId)}/monitor`),
  end: (callId) => api.write('POST', `calls/${id(callId)}/end`),
  logOut: (ctiId) => api.write('POST', `agents/${id(ctiId)}/logout`),
  setStatus: (ctiId, status) => api.write('PUT', `agents/${id(ctiId)}/status`, { status }),
  message: (team, text) => api.write('POST', `teams/${id(team)}/message`, { text }),
  toFront: (callId) => api.write('POST', `calls/${id(callId)}/move`, { first: true }),
  moveTo: (callId, queue) => api.write('POST', `calls/${id(callId)}/move`, { queue }),
  helped: (ctiId) => api.write('DELETE', `agents/${id(ctiId)}/help`),
  wholeNumber: (callId) => api.get(`calls/${id(callId)}/number`),
  whyNoCalls: (ctiId, lang) => api.get(`agents/${id(ctiId)}/why`, { lang }),
  whyWaits: (callId, lang) => api.get(`calls/${id(callId)}/why`, { lang }),
});
