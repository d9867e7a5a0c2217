"""Keys that were pressed ahead: in a message, in a menu that a key has left, or between steps. The next menu or collect
takes them. A queue forgets them, and so does all else that lets others talk to the caller.
"""

from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.typed import Typed

MOST_KEYS = 32
"""The most keys that are kept for later steps. Somebody who presses more only plays."""
_NOTHING = Typed()


def typed_in(floor: Floor, call: Call) -> Typed:
    """Return what the caller has typed, to be changed."""
    return floor.typed.setdefault(call.id, Typed())


def add(floor: Floor, call: Call, key: str) -> None:
    """Keep a key that was pressed. A ``#`` behind an entry that was complete without it is dropped."""
    typed = typed_in(floor, call)
    if typed.hash_until:
        ends_entry = key == "#" and floor.now <= typed.hash_until
        typed.hash_until = 0.0
        if ends_entry:
            return
    typed.keys = (typed.keys + key)[:MOST_KEYS]


def remember(floor: Floor, call: Call, key: str) -> None:
    """Keep the key, and it alone, for when the offer that rings has come to nothing."""
    typed_in(floor, call).keys = key


def keys(floor: Floor, call: Call) -> str:
    """Return the keys that no step has taken yet, in their order."""
    return floor.typed.get(call.id, _NOTHING).keys


def take_key(floor: Floor, call: Call) -> str:
    """Take the first of the keys, of which there is one at least."""
    typed = floor.typed[call.id]
    key, typed.keys = typed.keys[0], typed.keys[1:]
    return key


def secrets_of(floor: Floor, call: Call) -> dict[str, str]:
    """Return the values of the call's secret variables, by name. A restart loses them."""
    return floor.typed.get(call.id, _NOTHING).secrets


def forget_keys(floor: Floor, call: Call) -> None:
    """Forget all keys that were pressed. Secrets stay, for a later lookup."""
    if (typed := floor.typed.get(call.id)) is not None:
        typed.keys, typed.digits, typed.hash_until = "", "", 0.0
