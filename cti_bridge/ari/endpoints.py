"""Names of the other end: between a CTI number and Asterisk's endpoint. Pure."""

import re
from urllib.parse import quote

from cti_bridge.ari.text import safe_number

_SUFFIX = re.compile(r"-[0-9a-f]{8}(;[12])?\Z")


class Endpoints:
    """``agent`` and ``trunk`` are the configuration's templates, with ``{cti_number}`` and ``{number}`` in them."""

    def __init__(self, agent: str, trunk: str) -> None:
        self._agent = agent
        self._trunk = trunk
        technology, _, resource = agent.partition("/")
        before, _, after = resource.partition("{cti_number}")
        self.technology = technology
        self._phone = re.compile(f"{re.escape(before)}(.+){re.escape(after)}")

    def of_agent(self, cti_number: str) -> str:
        return self._agent.replace("{cti_number}", safe_number(cti_number))

    def path_of_agent(self, cti_number: str) -> str:
        """``PJSIP/1001``, each part encoded for an address."""
        technology, _, resource = self.of_agent(cti_number).partition("/")
        return f"{quote(technology, safe='')}/{quote(resource, safe='')}"

    def of_number(self, number: str) -> str:
        return self._trunk.replace("{number}", safe_number(number))

    def cti_number(self, resource: str) -> str | None:
        """Return the CTI number whose phone is the endpoint ``resource``, or None when it cannot be an agent's
        phone."""
        found = self._phone.fullmatch(resource)
        return found[1] if found else None

    def of_channel(self, channel_name: str) -> str:
        """Return the other end of the channel of this name: ``1001`` for ``PJSIP/1001-00000003``."""
        resource = _SUFFIX.sub("", channel_name.partition("/")[2])
        return self.cti_number(resource) or resource
