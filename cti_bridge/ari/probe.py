"""Looks at an Asterisk before it is used: whether it answers, lets us in, is new enough, and has what we need."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote
from uuid import uuid4

import msgspec

from cti_bridge.ari.endpoints import Endpoints
from cti_bridge.ari.errors import LOGIN_REFUSALS, PbxRefusedLogin, PbxTooOld, PbxUnreachable
from cti_bridge.ari.http import LIST_TIMEOUT_S, AriHttp
from cti_bridge.ari.models import CODEC, Channel, Endpoint, Info, Sound
from cti_bridge.ari.music import is_running
from cti_bridge.ari.reply import Reply
from cti_bridge.ari.requests import Request
from cti_bridge.ari.takeover import LACKING, can_be_replaced

OLDEST = (22, 10, 1)
"""Supported and tested from here; also the security floor."""

MUSIC_MODULE = "res_musiconhold.so"
NEEDED_MODULES = {
    "res_pjsip_refer.so": "a phone's own transfer key is not answered, and the phone ends the call after 32 s",
    "res_pjsip_dlg_options.so": "a trunk that asks within a call is not answered, and ends the call after 32 s",
    "res_pjsip_t38.so": "a call that offers audio and fax is answered and has no audio",
}
"""Modules whose lack is noticed only by its harm, with that harm in words."""
MODULES_FOR_SOUNDS = {
    "res_http_media_cache.so": "texts and recordings of the configuration are not heard",
    "chan_bridge_media.so": "texts and recordings of the configuration are fetched only when a caller waits for them",
}
"""The same for the sounds that the bridge provides."""
CODECS_NOT_TOLD = (
    "the codecs of the legs: channelvars = CHANNEL(audionativeformat) is not in ari.conf, and after a consultation "
    "phones of different codecs may not hear each other"
)

_channel = msgspec.json.Decoder(Channel)
_sound = msgspec.json.Decoder(Sound)
_info = msgspec.json.Decoder(Info)
_endpoints = msgspec.json.Decoder(list[Endpoint])
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True)
class Probe:
    """The findings at an Asterisk that can be used."""

    version: str
    boot_id: str
    systemname: str = ""
    """The name in front of each id that the PBX gives to a channel; empty: none."""
    missing_sounds: tuple[str, ...] = ()
    """The ``sound:`` media asked for that the PBX has in no language."""
    missing_languages: tuple[tuple[str, str], ...] = ()
    """The sounds that the PBX does not have in a language asked for, with that language."""
    lacks: tuple[str, ...] = ()
    """Missing modules and settings, in words."""
    music_possible: bool = True
    """The module that plays music runs. Its classes are asked for by :mod:`cti_bridge.ari.music`."""


async def login(http: AriHttp) -> Probe:
    """Log in and return what the PBX says of itself. Raises PbxUnreachable, PbxRefusedLogin or PbxTooOld."""
    reply = await http.request(Request("GET", "/asterisk/info"))
    if refused := LOGIN_REFUSALS.get(reply.status):
        raise PbxRefusedLogin(refused)
    if reply.status == 404:
        raise PbxUnreachable('it answered 404; does the url end in "/ari"?')
    if not reply.ok:
        what = f"it answered {reply.status}" if reply.status > 0 else "there was no answer"
        raise PbxUnreachable(f"{what}; is Asterisk running, and ARI enabled in http.conf and ari.conf?")
    try:
        info = _info.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise PbxUnreachable("its answer is not that of ARI; is the address right?") from None
    check_version(info.system.version)
    return Probe(info.system.version, info.status.startup_time, info.config.name)


def check_version(version: str) -> None:
    """Check the version. Raises PbxTooOld when it is below OLDEST, and when the PBX does not tell it."""
    found = _VERSION.match(version)
    if found is None or tuple(int(part or 0) for part in found.groups()) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise PbxTooOld(f"this is Asterisk {version[:60] or '(unknown)'}; {oldest} or newer is needed")


async def phones(http: AriHttp, endpoints: Endpoints) -> set[str]:
    """Return the CTI numbers of the phones that the PBX knows, registered or not. Raises PbxUnreachable."""
    reply = await http.request(Request("GET", "/endpoints"), LIST_TIMEOUT_S)
    try:
        known = _endpoints.decode(reply.body) if reply.ok else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        known = None
    if known is None:
        raise PbxUnreachable("the list of its endpoints did not come")
    ours = (endpoint for endpoint in known if endpoint.technology == endpoints.technology)
    return {number for endpoint in ours if (number := endpoints.cti_number(endpoint.resource))}


async def look_around(http: AriHttp, found: Probe, media: Sequence[str]) -> Probe:
    """Check the media of the configuration, e.g. ``sound:cti/welcome`` or ``sound:cti/welcome?ko``, modules, and
    settings that harm calls."""
    asked = sorted({item.removeprefix("sound:").partition("?") for item in media if item.startswith("sound:")})
    sounds = sorted({sound for sound, _, _ in asked})
    paths = [f"/sounds/{quote(sound, safe='')}" for sound in sounds]
    modules = [f"/asterisk/modules/{module}" for module in (MUSIC_MODULE, *NEEDED_MODULES)]
    replies = await asyncio.gather(*(http.request(Request("GET", path)) for path in paths + modules))
    music, *needed = replies[len(paths) :]
    lacks = [
        f"the module {module}: {harm}"
        for (module, harm), reply in zip(NEEDED_MODULES.items(), needed, strict=True)
        if not is_running(reply) and reply.status in (200, 404, 409)
    ]
    known = {sound: _languages(reply) for sound, reply in zip(sounds, replies, strict=False) if reply.ok}
    return replace(
        found,
        missing_languages=tuple(
            (sound, language)
            for sound, _, language in asked
            if language and sound in known and not any(_serves(one, language) for one in known[sound])
        ),
        missing_sounds=tuple(sound for sound, reply in zip(sounds, replies, strict=False) if reply.status == 404),
        lacks=(*lacks, *await _settings_that_harm(http)),
        music_possible=is_running(music),
    )


def _languages(reply: Reply) -> set[str]:
    try:
        return {form.language for form in _sound.decode(reply.body).formats}
    except (msgspec.DecodeError, UnicodeDecodeError):
        return set()


def _serves(there: str, wanted: str) -> bool:
    """Return whether Asterisk takes the sounds of ``there`` for ``wanted``, as those of ``de`` for ``de_AT``."""
    return wanted == there or wanted.startswith(f"{there}_")


async def lacking_for_sounds(http: AriHttp) -> tuple[str, ...]:
    """Return the modules, in words, without which the PBX fetches no sounds of the bridge."""
    asked = [http.request(Request("GET", f"/asterisk/modules/{module}")) for module in MODULES_FOR_SOUNDS]
    replies = await asyncio.gather(*asked)
    return tuple(
        f"the module {module}: {harm}"
        for (module, harm), reply in zip(MODULES_FOR_SOUNDS.items(), replies, strict=True)
        if not is_running(reply) and reply.status in (200, 404, 409)
    )


async def _settings_that_harm(http: AriHttp) -> tuple[str, ...]:
    codecs = () if await _codecs_told(http) else (CODECS_NOT_TOLD,)
    return (*codecs, *((LACKING,) if await can_be_replaced(http) else ()))


async def _codecs_told(http: AriHttp) -> bool:
    """Return whether a channel's description holds its codec. ARI tells no settings, so a channel is made that calls
    nobody, for an application that does not exist. Asterisk ends it at once and tells nobody of it. The result is True
    when the channel cannot be made."""
    query = {"endpoint": "Local/probe@default", "app": "cti_bridge_probe", "channelId": f"cti-probe-{uuid4().hex}"}
    reply = await http.request(Request("POST", "/channels/create", query))
    if not reply.ok:
        return True
    await http.request(Request("DELETE", f"/channels/{query['channelId']}"))
    try:
        return CODEC in _channel.decode(reply.body).channelvars
    except (msgspec.DecodeError, UnicodeDecodeError):
        return True
