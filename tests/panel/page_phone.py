"""The phone in the page as a party of a call: it says the microphone's tone, and what it hears is recorded."""

from __future__ import annotations

import base64
import time

from playwright.async_api import BrowserContext

from tests.panel.browser import MICROPHONE_HZ
from tests.support.audio import RATE
from tests.support.party import Party

# A steady tone is what noise suppression is there to remove: after two seconds nothing of it would be left.
_RECORD = """
(() => {
    if (!isSecureContext) return;
    const open = MediaDevices.prototype.getUserMedia;
    MediaDevices.prototype.getUserMedia = function ({ audio, ...wanted }) {
        const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
        return open.call(this, { ...wanted, audio: { ...(audio === true ? {} : audio), ...raw } });
    };
    const Peer = window.RTCPeerConnection;
    let context = null;
    const record = (track) => {
        // What is left of an earlier call would go on saying that it is silent.
        context?.close();
        context = new AudioContext({ sampleRate: RATE });
        const tap = context.createScriptProcessor(1024, 1, 1);
        tap.onaudioprocess = ({ inputBuffer, playbackTime }) => {
            const pcm = Int16Array.from(inputBuffer.getChannelData(0), (value) => Math.round(value * 32767));
            window.pageHeard(playbackTime, btoa(String.fromCharCode(...new Uint8Array(pcm.buffer))));
        };
        context.createMediaStreamSource(new MediaStream([track])).connect(tap).connect(context.destination);
    };
    window.RTCPeerConnection = class extends Peer {
        constructor(...given) {
            super(...given);
            this.addEventListener('track', ({ track }) => track.kind === 'audio' && record(track));
        }
    };
})();
""".replace("RATE", str(RATE))

LATE_S = 1.0
"""A busy machine may deliver what was heard as late as this."""


class PagePhone(Party):
    """Of the next pages of a context. `watch.expect` its way of recording: the page is told that it is an old one."""

    COMPLAINT = "ScriptProcessorNode"

    def __init__(self) -> None:
        super().__init__(MICROPHONE_HZ)
        self._clock_began = 0.0

    @classmethod
    async def of(cls, context: BrowserContext) -> PagePhone:
        """Listen to what the pages of this context hear."""
        phone = cls()
        await context.expose_function("pageHeard", phone._heard)
        await context.add_init_script(_RECORD)
        return phone

    def _heard(self, played_s: float, pcm: str) -> None:
        """The page's audio clock says when; each call begins a new one."""
        now = time.monotonic()
        if not now - LATE_S < self._clock_began + played_s < now + 0.1:
            self._clock_began = now - played_s
        self.heard.append(base64.b64decode(pcm), self._clock_began + played_s)
