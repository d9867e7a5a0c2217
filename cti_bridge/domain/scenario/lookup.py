"""The step lookup: a system of the house is asked for what it knows of the caller (requirement H2).

There is one attempt. The caller hears nothing for :data:`SILENT_S`, in which most systems answer, and then music. An
answer that comes too late, or after the call has left the step, is for nobody.

After a restart nobody answers any more, and the step is left by its deadline. Secrets are lost then. A later lookup
that would send one lets the caller be asked for it once more, at the step that has asked before.
"""

from cti_bridge.domain.border.actions import LOOKUPS, Lookup
from cti_bridge.domain.border.facts import LookupAnswered, LookupResult
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.floor.rewire import rewire
from cti_bridge.domain.model.call import SECRET_VALUE, Call, CallState, Place, Role
from cti_bridge.domain.model.deadlines import Kind
from cti_bridge.domain.model.scenario import AskLookup, Collect, Exit
from cti_bridge.domain.model.way import Way
from cti_bridge.domain.scenario.interpreter import go_back, step_of
from cti_bridge.domain.scenario.say import enter
from cti_bridge.domain.scenario.typed import secrets_of

SILENT_S = 0.2
"""The seconds of silence before the music. Music that breaks off at once would sound like a fault."""

_EXITS = {LookupResult.FOUND: Exit.FOUND, LookupResult.NONE: Exit.NONE, LookupResult.ERROR: Exit.ERROR}


def lookup(floor: Floor, call: Call, way: Way, step: AskLookup) -> str | None:
    """Begin the step."""
    if (where := _lost(floor, call, way)) is not None:
        go_back(floor, call, way, where)
        return None
    leg = call.leg_of(Role.CUSTOMER)
    way.music = leg is not None and leg.place is Place.MUSIC
    enter(floor, call)
    rewire(floor, call)
    floor.act(
        Lookup(
            LOOKUPS,
            call.id,
            "",
            way.seq,
            way.scenario,
            way.step,
            call.service,
            call.customer.number,
            call.dialed_number,
            {**call.variables, **_secrets(floor, call)},
        )
    )
    floor.set_deadline(Kind.STEP, call, floor.now + (step.wait_s if way.music else min(SILENT_S, step.wait_s)))
    return None


def time_over(floor: Floor, call: Call, way: Way, step: AskLookup) -> str | None:
    """Let the music begin, or give the answer up. Return the exit then."""
    if way.music or step.wait_s <= SILENT_S:
        return Exit.ERROR
    way.music = True
    rewire(floor, call)
    floor.touch_call(call)
    floor.set_deadline(Kind.STEP, call, floor.now + step.wait_s - SILENT_S)
    return None


def answered(floor: Floor, fact: LookupAnswered) -> tuple[Call, str] | None:
    """Keep the values of an answer. Return its call, and the exit by which the step is left. None: nobody waits for the
    answer."""
    call = floor.calls.get(fact.call_id)
    way = call.way if call else None
    if call is None or way is None or call.state is not CallState.IN_SCENARIO or way.seq != fact.seq:
        return None
    if not isinstance(step_of(floor, way), AskLookup):
        return None
    before = f"{way.step}."
    kept = {name: value for name, value in call.variables.items() if not name.startswith(before)}
    call.variables = kept | {before + name: value for name, value in fact.values.items()}
    floor.touch_call(call)
    return call, _EXITS[fact.result]


def _secrets(floor: Floor, call: Call) -> dict[str, str]:
    secrets = secrets_of(floor, call)
    return {name: value for name, value in secrets.items() if call.variables.get(name) == SECRET_VALUE}


def _lost(floor: Floor, call: Call, way: Way) -> str | None:
    """Return the step that asks for a secret that is lost. None: none is, or nobody asks for it any more."""
    known = secrets_of(floor, call)
    for name, where in way.secrets.items():
        if name in known or call.variables.get(name) != SECRET_VALUE:
            continue
        scenario, _, step = where.rpartition("/")
        asking = step_of(floor, Way(scenario, step, floor.now))
        if isinstance(asking, Collect) and asking.secret and asking.variable == name:
            return where
    return None
