"""Frequent numbers in memory only."""

from dataclasses import dataclass
from uuid import uuid4

from cti_bridge.domain.border.errors import NotAllowedNow, NotFound
from cti_bridge.idempotency import IdempotencyKeys


@dataclass(frozen=True)
class FakeNumber:
    id: str
    number: str
    label: str


class FakeFrequentNumbers:
    def __init__(self) -> None:
        self.numbers: dict[str, list[FakeNumber]] = {}
        self.keys = IdempotencyKeys()

    def of(self, cti_id: str) -> list[FakeNumber]:
        return self.numbers.setdefault(cti_id, [])

    async def add(self, cti_id: str, number: str, label: str, key: str | None = None) -> FakeNumber:
        if earlier := self.keys.earlier(key, (number, label), 0):
            return FakeNumber(*earlier.answer)
        if any(one.number == number for one in self.of(cti_id)):
            raise NotAllowedNow
        one = FakeNumber(str(uuid4()), number, label)
        self.of(cti_id).append(one)
        if key is not None:
            self.keys.remember(key, (number, label), 0, answer=[one.id, number, label])
        return one

    async def remove(self, cti_id: str, number_id: str, key: str | None = None) -> None:
        if self.keys.earlier(key, "", 0):
            return
        kept = [one for one in self.of(cti_id) if one.id != number_id]
        if len(kept) == len(self.of(cti_id)):
            raise NotFound
        self.numbers[cti_id] = kept
        if key is not None:
            self.keys.remember(key, "", 0)
