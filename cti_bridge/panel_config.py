"""The settings of the panel, in the API's own types."""

from typing import Any

from cti_bridge.api.own_session import BrowserPhone, PanelConfig
from cti_bridge.config.schema.process import BrowserPhoneSettings, IceServerSettings
from cti_bridge.settings import Settings


def panel_config(settings: Settings) -> PanelConfig:
    """Return the panel's settings. They hold the SIP passwords: not for a log."""
    return PanelConfig(
        language=settings.panel.language,
        ticket_url=settings.panel.ticket_url,
        host_dial=settings.panel.host_dial,
        phone=_phone(settings, settings.browser_phone) if settings.browser_phone else None,
    )


def _phone(settings: Settings, phone: BrowserPhoneSettings) -> BrowserPhone:
    return BrowserPhone(
        url=phone.url,
        domain=phone.sip_domain,
        ice_servers=tuple(map(_ice_server, phone.ice_servers)),
        passwords={a.cti_id: a.sip_password.get_secret_value() for a in settings.agents if a.answer == "browser"},
    )


def _ice_server(server: IceServerSettings) -> dict[str, Any]:
    """A browser refuses empty credentials."""
    named = {"username": server.username, "credential": server.credential.get_secret_value()}
    return {"urls": server.urls, **{name: text for name, text in named.items() if text}}
