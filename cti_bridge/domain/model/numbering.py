"""What the core wants to know of telephone numbers. The rule (``cti_bridge/numbers/forms.py``) needs the numbering
plans of the world, and comes in with the directory."""

from collections.abc import Collection
from typing import Protocol


class Numbering(Protocol):
    """None of it ever raises."""

    def dialed(self, number: str, near: str) -> str | None:
        """E.164 of a number as a person wrote or dialled it, in the country of ``near``; None: it is no number."""

    def fault(self, number: str, near: str) -> str:
        """Why it is none, in words; empty when it is one."""

    def delivered(self, number: str, node: str | None = None, near: str = "") -> str:
        """The one form of a number that the PBX ``node`` has sent (None: nobody knows which): E.164 where it can be,
        else as it came. Where the PBX has no country, that of ``near`` (E.164) is meant, if given."""

    def readings(self, number: str, node: str) -> Collection[str]:
        """All that a called number may be, to find the one that is ours."""

    def written_forms(self, number: str) -> tuple[str, ...]:
        """The number and the forms in which rows of before may hold it."""

    def refiled(self, number: str) -> str:
        """The form of today for a number that was kept under a form of before."""


class AsTheyCome:
    """No numbering plan is known: a number is what it looks like."""

    def dialed(self, number: str, near: str) -> str | None:
        return number

    def fault(self, number: str, near: str) -> str:
        return ""

    def delivered(self, number: str, node: str | None = None, near: str = "") -> str:
        return number

    def readings(self, number: str, node: str) -> Collection[str]:
        return {"+" + number.removeprefix("+").removeprefix("00")}

    def written_forms(self, number: str) -> tuple[str, ...]:
        return (number,)

    def refiled(self, number: str) -> str:
        return number
