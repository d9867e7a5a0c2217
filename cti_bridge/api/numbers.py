"""Reads the number that an agent writes: E.164, or an emergency or CTI number as it is.

The core decides whether the number may be dialled.
"""

from cti_bridge.api.ports import Present
from cti_bridge.domain.border.errors import InvalidNumber
from cti_bridge.domain.border.views import CallView
from cti_bridge.domain.model.directory import Directory
from cti_bridge.domain.numbers.dialing import CONFIRMED
from cti_bridge.numbers.signs import digits_of, plain


class Numbers:
    def __init__(self, directory: Present) -> None:
        self._directory = directory
        self._known: tuple[Directory, dict[str, str]] | None = None

    def meant(self, text: str, near: str) -> str:
        """Return the number that ``text`` means. ``near`` is an E.164 number in the country where it is dialled, empty
        when there is none. Raises InvalidNumber."""
        if emergency := self.emergency(text):
            return emergency
        if (written := plain(text)) in self._cti_numbers():
            return written
        if number := self._directory().numbering.dialed(text, near):
            return number
        raise InvalidNumber(f"That is not a phone number: {self._directory().numbering.fault(text, near)}.")

    def searched(self, text: str, near: str) -> tuple[str, ...]:
        """Return all forms in which rows may hold the number, today's first. A text that is no number is returned as it
        is."""
        as_it_is = self._directory().numbering.delivered(text)
        number = self._directory().numbering.dialed(text, near) or as_it_is
        return tuple(dict.fromkeys((*self._directory().numbering.written_forms(number), as_it_is, plain(text))))

    def emergency(self, text: str) -> str | None:
        """Return the emergency number that the text means, however it is grouped; None when it means none."""
        digits = digits_of(plain(text))
        return digits if digits in self._directory().policy.emergency_numbers else None

    def calling(self, text: str) -> str:
        """Return the calling number. A text that is no number is left as it is: it is not confirmed either."""
        return self._directory().numbering.dialed(text, "") or text

    def colleague(self, text: str) -> str | None:
        """Return the CTI ID of the agent whose CTI number the text is; None when it is nobody's."""
        return None if self.emergency(text) else self._cti_numbers().get(plain(text))

    def cti_number(self, cti_id: str) -> str | None:
        """Return the CTI number of the agent; None when there is no such agent."""
        agent = self._directory().agents.get(cti_id)
        return agent.cti_number if agent is not None else None

    def _cti_numbers(self) -> dict[str, str]:
        """The CTI IDs of all agents by their CTI numbers, made once for each directory."""
        directory = self._directory()
        if self._known is None or self._known[0] is not directory:
            self._known = directory, {agent.cti_number: agent.cti_id for agent in directory.agents.values()}
        return self._known[1]

    def of_agent(self, cti_id: str) -> str:
        """Return the first confirmed calling number of the agent's services, else the first one; empty when there is
        none."""
        entry = self._directory().agents.get(cti_id)
        return next((near for service in (entry.services if entry else ()) if (near := self.of_service(service))), "")

    def of_service(self, service: str | None) -> str:
        numbers = [number for number in self._directory().calling_numbers.values() if number.service == service]
        confirmed = [number for number in numbers if number.state == CONFIRMED]
        return next((number.number for number in (*confirmed, *numbers)), "")

    def of_call(self, call: CallView) -> str:
        return call.calling_number or self.of_service(call.service) or call.dialed_number or ""
