"""Checks of what others reach: the API, and the phones in panels."""

import ssl
import time
from ipaddress import ip_address, ip_network
from pathlib import Path as FilePath
from typing import Any
from urllib.parse import urlsplit

from cti_bridge.config.certificates import expires_at, warning
from cti_bridge.config.kinds import split_listen
from cti_bridge.config.merge import Merged
from cti_bridge.config.reading import Unreadable, read_bytes
from cti_bridge.config.written import refuse_repeats, rows_of, texts_of


def check_reach(merged: Merged) -> None:
    """Add all errors and warnings of the API and of browsers' phones to the problems of ``merged``."""
    _api(merged)
    _browser_phones(merged)


def _api(merged: Merged) -> None:
    api = merged.values.get("api", {})
    if not isinstance(api, dict):
        return
    cert, key, listen = (api.get(name) for name in ("tls_cert", "tls_key", "listen"))
    for name in ("allowed_origins", "api_origins", "trusted_proxies", "monitors"):
        refuse_repeats(merged, ("api", name), api.get(name))
    _unreachable_proxies(merged, listen, texts_of(api.get("trusted_proxies")))
    if isinstance(listen, str) and not cert and not _is_loopback(listen):
        text = "the API is open to other machines without TLS: passwords and calls can be read on the way"
        merged.warn(("api", "listen"), text)
    if bool(cert) is not bool(key):
        present, missing = ("tls_cert", "tls_key") if cert else ("tls_key", "tls_cert")
        merged.error(("api", present), f'"{present}" needs "{missing}" beside it')
    elif isinstance(cert, str) and isinstance(key, str) and cert:
        _certificate(merged, cert, key)


def _unreachable_proxies(merged: Merged, listen: Any, proxies: list[str]) -> None:
    """Warn, since it is hardly meant: all requests would count as the real proxy's."""
    try:
        networks = [ip_network(proxy) for proxy in proxies]
    except ValueError:
        return
    on_loopback = _is_loopback(listen) if isinstance(listen, str) else True
    if networks and on_loopback and not any(network.is_loopback for network in networks):
        text = "the API listens on loopback only, where none of these proxies can come from"
        merged.warn(("api", "trusted_proxies"), text)


def _certificate(merged: Merged, cert: str, key: str) -> None:
    try:
        read_bytes(cert)
        read_bytes(key)
        # Without a password callback OpenSSL would ask on the terminal for that of an encrypted key.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password=lambda: "")
        if soon := warning(expires_at(FilePath(cert), FilePath(key)), time.time()):
            merged.warn(("api", "tls_cert"), soon)
    except ssl.SSLError:
        merged.error(("api", "tls_cert"), "tls_cert and tls_key are no certificate and its unencrypted key in PEM")
    except Unreadable as error:
        merged.error(("api", "tls_cert"), f"tls_cert or tls_key {error.text}")
    except OSError as error:
        merged.error(("api", "tls_cert"), f"tls_cert or tls_key cannot be read: {error.strerror}")


def _browser_phones(merged: Merged) -> None:
    section = merged.values.get("browser_phone")
    url = section.get("url") if isinstance(section, dict) else None
    if isinstance(url, str) and url.startswith("ws:") and not _is_loopback_host(_host(url)):
        text = "without TLS, ws, the PBX's password and the calls can be read on the way; use wss"
        merged.warn(("browser_phone", "url"), text)
    for path, agent in rows_of(merged, "agents"):
        if agent.get("answer") == "browser":
            if section is None:
                merged.error((*path, "answer"), "the phone in the panel needs [browser_phone] with the PBX's url")
            if not agent.get("sip_password") and not agent.get("sip_password_file"):
                text = "the phone in the panel has no password for the PBX; name a sip_password_file"
                merged.error((*path, "answer"), text)
        if not agent.get("sip_password_file") and merged.is_in_file((*path, "sip_password")):
            merged.warn((*path, "sip_password"), "a password is better kept in a sip_password_file")


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_loopback(listen: str) -> bool:
    try:
        host, _ = split_listen(listen)
    except ValueError:
        return True
    return _is_loopback_host(host)


def _is_loopback_host(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
