"""A phone that cannot be reached in the middle of a conversation is dead, or only out of the registrar's reach.

Silence alone ends nothing: who has muted, or a phone that sends nothing while nobody speaks, is there all the same. A
phone that the PBX cannot reach, and from which no audio comes either, is dead. Its leg is given up, and it is rung
again when it is back.
"""

from cti_bridge.domain.audio import audio
from cti_bridge.domain.border.facts import AudioSeen
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.legs.legs import PHONE_LEFT, live
from cti_bridge.domain.legs.matrix import give_up
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Stage

SILENT_S = 9.0
"""The seconds without audio after which an unreachable phone is dead: two looks apart from the first."""


def unreachable(floor: Floor, agent: Agent, node: str) -> None:
    """The node says that the phone is not reachable. Look whether audio comes from it still."""
    call = floor.calls.get(agent.call_id or "")
    if call is not None and call.node == node and any(leg.cti_id == agent.cti_id for leg in call.legs.values()):
        audio.look(floor, call)


def audio_seen(floor: Floor, fact: AudioSeen) -> None:
    audio.seen(floor, fact)
    found = live(floor, fact.leg_id)
    if found is None or found[1].stage is not Stage.UP:
        return
    call, leg = found
    if fact.packets != leg.packets:
        leg.packets, leg.packets_at = fact.packets, floor.now
        floor.touch_call(call)
    elif floor.phones_in_doubt(call.node):
        leg.packets_at = floor.now
    elif audio.out_of_reach(floor, call, leg) and floor.now - (leg.packets_at or floor.now) >= SILENT_S:
        give_up(floor, call, leg, PHONE_LEFT)
