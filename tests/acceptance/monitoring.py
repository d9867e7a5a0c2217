"""Steps of a supervisor who monitors a call: the own phone rings, a mode comes into force, and who hears whom then."""

from tests.acceptance.calls import Talk
from tests.acceptance.hearing import assert_heard
from tests.support.party import Party
from tests.support.phones import PhoneCall
from tests.support.rooms import MUSIC_HZ
from tests.support.stack import Agent, Desk

MONITORING = "Business (Monitoring)"


def head_of(desk: Desk) -> Agent:
    """The supervisor of the room."""
    return desk.agents[-1]


async def monitors(head: Agent, call_id: str, mode: str) -> PhoneCall:
    """The supervisor begins, and lifts the own phone."""
    shown = await head.client.command("POST", f"/calls/{call_id}/monitor", {"mode": mode})
    assert (shown["label"], shown["monitor"]["mode"], shown["monitor"]["confirmed"]) == (MONITORING, mode, None)
    phone = await head.phone.incoming()
    await phone.answer()
    await in_force(head, mode)
    return phone


async def goes_on(head: Agent, call_id: str, mode: str) -> None:
    """The supervisor goes on in another mode."""
    await head.client.command("PATCH", f"/calls/{call_id}/monitor", {"mode": mode})
    await in_force(head, mode)


async def in_force(head: Agent, mode: str) -> None:
    """The mode is in force, as far as the supervisor is told."""
    await head.client.shows(lambda shown: bool(shown["monitor"]) and shown["monitor"]["confirmed"] == mode, mode)


async def talk_is_heard(talk: Talk, head: PhoneCall, mode: str) -> None:
    """Agent and customer talk, and the supervisor is with them in this mode."""
    customer, agent, supervisor = talk.customer.tone_hz, talk.phone.tone_hz, head.tone_hz
    hears: dict[Party, list[int]] = {
        talk.customer: [agent, *([supervisor] if mode == "barge" else [])],
        talk.phone: [customer, *([supervisor] if mode != "listen" else [])],
        head: [customer, agent],
    }
    await assert_heard(hears)


async def hold_is_heard(talk: Talk, head: PhoneCall, mode: str) -> None:
    """The customer has music, and the supervisor is with the agent in this mode."""
    hears: dict[Party, list[int]] = {
        talk.customer: [MUSIC_HZ],
        talk.phone: [head.tone_hz] if mode != "listen" else [],
        head: [talk.phone.tone_hz],
    }
    await assert_heard(hears)


async def consultation_is_heard(talk: Talk, target: PhoneCall, head: PhoneCall, mode: str) -> None:
    """The customer has music, agent and target talk, and the supervisor is with them in this mode."""
    agent, supervisor = talk.phone.tone_hz, head.tone_hz
    hears: dict[Party, list[int]] = {
        talk.customer: [MUSIC_HZ],
        talk.phone: [target.tone_hz, *([supervisor] if mode != "listen" else [])],
        target: [agent, *([supervisor] if mode == "barge" else [])],
        head: [agent, target.tone_hz],
    }
    await assert_heard(hears)
