"""The phones' passwords. The configuration gives one; else the phone keeps the one that it has on the PBX; else one is
made, which then stands on the PBX alone."""

import re
import secrets
from collections.abc import Mapping

from cti_bridge.config.schema.services import AgentSettings

_SECTION = re.compile(r"^\s*\[(?P<name>[^]]+)\]")
_USER = re.compile(r"^\s*username\s*=>?\s*(?P<value>.*?)\s*$")
_PASSWORD = re.compile(r"^\s*password\s*=>?\s*(?P<value>.*?)\s*$")


def agents_password(agent: AgentSettings, known: Mapping[str, str]) -> str:
    """Return the password of the agent's phone."""
    given = agent.sip_password.get_secret_value()
    return given or known.get(agent.cti_number) or secrets.token_urlsafe(18)


def passwords_in(text: str) -> dict[str, str]:
    """Return the passwords by user name of an ``agents.conf``, as they are, without Asterisk's escapes."""
    found: dict[str, str] = {}
    user = ""
    for line in text.splitlines():
        if _SECTION.match(line):
            user = ""
        elif name := _USER.match(line):
            user = name["value"]
        elif user and (password := _PASSWORD.match(line)):
            found[user] = _unescaped(password["value"])
    return found


def _unescaped(value: str) -> str:
    """Return the value up to a comment, and with its semicolons."""
    return re.split(r"(?<!\\);", value)[0].rstrip().replace("\\;", ";")
