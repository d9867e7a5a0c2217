"""Steps of a consultation: it begins, it is heard, and the agent is alone with a customer on hold again."""

from tests.acceptance.calls import CONSULTING, ON_HOLD, TALKING, Talk
from tests.acceptance.hearing import assert_heard
from tests.support.outside import OutsideCall
from tests.support.party import Party
from tests.support.phones import PhoneCall
from tests.support.rooms import MUSIC_HZ
from tests.support.stack import Agent, Desk


async def consulting(desk: Desk, talk: Talk, target: Agent) -> PhoneCall:
    """The first agent consults another one; the two hear each other, the customer music."""
    agent = desk.agent
    await agent.client.consult(talk.call_id, agent=target.cti_id)
    shown = await agent.client.label(CONSULTING)
    assert shown["call"]["consult"] == {
        "target": target.cti_number,
        "target_name": f"Agent {target.cti_id}",
        "state": "ringing",
    }
    rung = await target.phone.incoming()
    await target.client.label("Ringing")
    await rung.answer()
    await agent.client.shows(lambda shown: shown["call"]["consult"]["state"] == "talking", "the consultation")
    await target.client.label(TALKING)
    await with_music(talk, rung)
    return rung


async def with_music(talk: Talk, target: PhoneCall | OutsideCall) -> None:
    """Agent and target hear each other, the customer hears music only."""
    hears: dict[Party, list[int]] = {
        talk.customer: [MUSIC_HZ],
        talk.phone: [target.tone_hz],
        target: [talk.phone.tone_hz],
    }
    await assert_heard(hears)


async def back_on_hold(desk: Desk, talk: Talk, reason: str | None) -> None:
    """The agent is alone, with the reason shown, and the customer has music; then they talk again."""
    shown = await desk.agent.client.label(ON_HOLD)
    last = shown["call"]["last_result"]
    assert (last and last["reason"]) == reason
    await assert_heard({talk.customer: [MUSIC_HZ], talk.phone: []})
