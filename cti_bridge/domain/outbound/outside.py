"""Lines to outside, which cost money: one gate for Dial up, the phone's own keypad, consultation and transfer
(requirement D6). Emergency calls pass by it, and count for nothing.

A service has a limit of lines at once and of starts a minute, and so has each of its agents. A line is taken from the
command until its leg has ended.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from cti_bridge.domain.border.errors import LimitReached
from cti_bridge.domain.border.notices import TrunkFailed
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call, Role
from cti_bridge.domain.model.directory import Service
from cti_bridge.domain.model.kept import Placed
from cti_bridge.domain.model.words import Direction
from cti_bridge.domain.offer.ringing import is_emergency

MINUTE_S = 60.0


def check(floor: Floor, service: Service, cti_id: str | None) -> None:
    """Check that the agent may have one more line of the service now; None: a step of a scenario. Raises LimitReached;
    changes nothing."""
    taken = lines(floor)[service.id]
    if taken >= service.max_outbound_calls:
        raise LimitReached(f"{service.name or service.id} has {taken} lines to outside already.")
    for key in _keys(service.id, cti_id):
        if len(_last_minute(floor, key)) >= service.max_outbound_per_minute:
            raise LimitReached


def count(floor: Floor, service_id: str, cti_id: str | None) -> None:
    """Count one more start."""
    for key in _keys(service_id, cti_id):
        floor.placed[key] = Placed(key, [*_last_minute(floor, key), floor.now])
        floor.touch("placed", key, floor.placed[key])


def failed(floor: Floor, call: Call, hangup_cause: int = 0, sip_code: int = 0) -> None:
    """A leg to outside has come to nothing before anything rang: most often it is the trunk."""
    floor.tell(TrunkFailed(call.node, hangup_cause, sip_code))


def lines(floor: Floor) -> Counter[str]:
    """Return the lines to outside that are taken, by service."""
    return Counter(call.service for call in floor.calls.values() if call.service for _ in _lines_of(floor, call))


def take_up(floor: Floor, placed: Iterable[Placed]) -> None:
    """Take up the counts of the checkpoint: a restart is no way round the limit."""
    for before in placed:
        times = [min(at, floor.now) for at in before.at if at > floor.now - MINUTE_S]
        if times:
            floor.placed[before.by] = Placed(before.by, times)
        floor.touch("placed", before.by, floor.placed.get(before.by))


def _lines_of(floor: Floor, call: Call) -> Iterator[str]:
    """Yield the lines of the call. A called customer has one from the command on, before there is a leg; a target has
    one from its leg on."""
    legs = call.legs.values()
    dialled = call.direction is Direction.OUTBOUND and not call.dialling.emergency
    if dialled and (not call.end.outcome or any(leg.role is Role.CUSTOMER for leg in legs)):
        yield Role.CUSTOMER
    urgent = call.target_leg if is_emergency(floor, call.target) else None
    for leg in legs:
        if leg.role is Role.TARGET and leg.cti_id is None and leg.id != urgent:
            yield leg.id


def _keys(service_id: str, cti_id: str | None) -> tuple[str, ...]:
    return (service_id,) if cti_id is None else (service_id, f"agent {cti_id}")


def _last_minute(floor: Floor, key: str) -> list[float]:
    placed = floor.placed.get(key)
    return [at for at in placed.at if at > floor.now - MINUTE_S] if placed else []
