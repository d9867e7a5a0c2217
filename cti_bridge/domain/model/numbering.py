"""The interface of the core to telephone numbers. The rule (``cti_bridge/numbers/forms.py``) needs the numbering plans
of the world, and comes in with the directory."""

from collections.abc import Collection
from typing import NamedTuple, Protocol


class NumberKind(NamedTuple):
    """Where a number is, and whether it costs more than others there."""

    region: str = ""
    """The country (ISO 3166); 001 for the country codes that belong to no country."""
    is_main: bool = True
    """Whether that is the main region of its country code: the US of +1, and neither Canada nor Jamaica."""
    costly: str = ""
    """The type of a number that costs more than others, or that nobody answers: a word of ``[[services]]
    allowed_types``. Empty: an ordinary number."""


class Numbering(Protocol):
    """The rule for telephone numbers. None of its methods raises."""

    def dialed(self, number: str, near: str) -> str | None:
        """Return the E.164 form of a number as a person wrote or dialled it, in the country of ``near``; None: it is
        not a number."""

    def fault(self, number: str, near: str) -> str:
        """Return in words why it is not a number; empty when it is one."""

    def delivered(self, number: str, node: str | None = None, near: str = "") -> str:
        """Return the one form of a number that the PBX ``node`` has sent (None: an unknown PBX). That is E.164 where it
        can be, else the number as it came. Where the PBX has no country, the country of ``near`` (E.164) is used, if
        given."""

    def kind(self, number: str) -> NumberKind | None:
        """Return the kind of an E.164 number; None: its country has no such number."""

    def readings(self, number: str, node: str) -> Collection[str]:
        """Return all readings of a called number, to find the one that is ours."""

    def as_dialled(self, number: str, near: str) -> str:
        """Return the digits with which the E.164 number is dialled in the country of ``near``; those of E.164 where it
        is in another one."""

    def written_forms(self, number: str) -> tuple[str, ...]:
        """Return the number and the forms in which older rows may hold it."""

    def refiled(self, number: str) -> str:
        """Return today's form of a number that was kept in an older form."""


class AsTheyCome:
    """No numbering plan is known: a number is what it looks like."""

    def dialed(self, number: str, near: str) -> str | None:
        return number

    def fault(self, number: str, near: str) -> str:
        return ""

    def delivered(self, number: str, node: str | None = None, near: str = "") -> str:
        return number

    def kind(self, number: str) -> NumberKind | None:
        return NumberKind()

    def readings(self, number: str, node: str) -> Collection[str]:
        return {"+" + number.removeprefix("+").removeprefix("00")}

    def as_dialled(self, number: str, near: str) -> str:
        return number.removeprefix("+")

    def written_forms(self, number: str) -> tuple[str, ...]:
        return (number,)

    def refiled(self, number: str) -> str:
        return number
