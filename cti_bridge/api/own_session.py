"""A panel's session: the CSRF value, which a reload has lost, the settings of the house, and the credentials of the
phone in the page."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cti_bridge.api.errors import not_found
from cti_bridge.api.ports import Engine, Present
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import Nothing, PhoneAnswer, SessionAnswer
from cti_bridge.domain.model.directory import AgentEntry, Service
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.domain.rights.asker import Asker


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserPhone:
    """``url`` is the PBX's WebSocket, ``domain`` the SIP domain. ``ice_servers`` are RTCIceServer objects (WebRTC,
    section 4.2.2). ``passwords`` are the SIP passwords by CTI ID, of the agents whose phone is in the page."""

    url: str
    domain: str
    ice_servers: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    passwords: Mapping[str, str] = field(repr=False)

    @property
    def origin(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelConfig:
    """``language`` is en or ko. ``host_dial`` is ask, dial or off. ``ticket_url`` is a URL with {ticket_id}, {call_id}
    and {customer_number} in it; empty: the panel shows the ticket itself."""

    language: str = "en"
    ticket_url: str = ""
    host_dial: str = "ask"
    phone: BrowserPhone | None = None


class OwnSession:
    """``origins`` are those of the pages that the panel may be embedded in. ``clock`` gives POSIX seconds; the times in
    the agent's view are of the same clock. ``password_hashes`` are by CTI ID."""

    def __init__(
        self,
        engine: Engine,
        directory: Present,
        config: PanelConfig,
        origins: Sequence[str],
        clock: Callable[[], float],
        password_hashes: Mapping[str, str],
    ) -> None:
        self._engine, self._directory, self._config, self._clock = engine, directory, config, clock
        self._password_hashes = password_hashes
        self._origins = list(origins)

    def routes(self) -> list[Route[Nothing]]:
        return [
            Route("GET", "/session", Nothing, self._session, SessionAnswer, "The session, and the panel's settings"),
            Route(
                "GET",
                "/me/phone",
                Nothing,
                self._phone,
                PhoneAnswer,
                "The credentials of the phone in the page, for the panel's own pages alone",
                panel_only=True,
            ),
        ]

    def take(self, config: PanelConfig, password_hashes: Mapping[str, str]) -> None:
        """Use these settings from now on."""
        self._config, self._password_hashes = config, password_hashes

    async def _session(self, asked: Asked[Nothing]) -> Answer:
        answer = {
            "csrf": self._engine.csrf(asked.cti_id),
            "agent": self._engine.view(asked.cti_id),
            "server_time": iso(self._clock()),
            "settings": self._settings(asked.by(self._directory())),
            "draft_key": self._draft_key(asked.cti_id) if asked.own_page else "",
        }
        return Answer(answer)

    def _settings(self, by: Asker) -> Mapping[str, Any]:
        """Return the settings for the agent's panel. An agent who is no longer configured gets them without
        services."""
        policy, entry = self._directory().policy, self._directory().agents.get(by.name)
        return {
            "language": self._config.language,
            "business_reasons": policy.business_reasons,
            "rest_reasons": policy.rest_reasons,
            "emergency_numbers": sorted(policy.emergency_numbers),
            "force_disconnect_reasons": policy.force_disconnect_reasons,
            "services": [_service(self._directory().services[name]) for name in self._services(entry)],
            "queues": entry.queues if entry else (),
            "rights": by.rights,
            "after_call": policy.after_call,
            "open_ticket": policy.open_ticket,
            "cancel_resumes": policy.cancel_resumes,
            "hold_reminder_s": policy.hold_reminder_s,
            "ticket_url": self._config.ticket_url,
            "embedding_origins": self._origins,
            "host_dial": self._config.host_dial,
        }

    def _draft_key(self, cti_id: str) -> str:
        return draft_key(cti_id, self._password_hashes.get(cti_id, ""))

    def _services(self, entry: AgentEntry | None) -> list[str]:
        return [name for name in (entry.services if entry else ()) if name in self._directory().services]

    async def _phone(self, asked: Asked[Nothing]) -> Answer:
        phone, entry = self._config.phone, self._directory().agents.get(asked.cti_id)
        password = phone.passwords.get(asked.cti_id) if phone else None
        if phone is None or entry is None or entry.answer != "browser" or not password:
            raise not_found()
        answer = {
            "url": phone.url,
            "uri": f"sip:{entry.cti_number}@{phone.domain}",
            "username": entry.cti_number,
            "password": password,
            "ice_servers": phone.ice_servers,
        }
        return Answer(answer)


def draft_key(cti_id: str, password_hash: str) -> str:
    """Return the key with which the agent's panels seal drafts in the browser's storage: 32 bytes, base64. It is the
    same for every session of the agent, and unknown to others who use that browser. A new password makes a new key. The
    key reveals nothing of the hash, whose salt is random. It is empty for an agent without a password."""
    if not password_hash:
        return ""
    key = hmac.digest(password_hash.encode(), f"drafts of {cti_id}".encode(), hashlib.sha256)
    return base64.b64encode(key).decode()


def _service(service: Service) -> Mapping[str, Any]:
    return {"id": service.id, "name": service.name, "inbound": service.inbound, "outbound": service.outbound}
