"""Stages of a wait on a real Asterisk: another queue helps out, and skills relax, at their time."""

from tests.acceptance.hearing import joined
from tests.acceptance.side_by_side import SideBySide
from tests.support.rooms import MUSIC_HZ
from tests.support.rows import Row, eventually
from tests.support.stack import Customer, Desk, Stack

side_by_side = SideBySide()
LATE_S = 0.5


async def offer_of(desk: Desk, customer: Customer) -> Row:
    """The only offer of the call, with the seconds from its entry into the queue."""
    query = """
        select offer.cti_id, offer.queue, extract(epoch from offered_at - queued.at) as after_s
        from cti.offer join cti.call on call.id = offer.call_id
        join cti.call_event queued on queued.call_id = call.id and queued.type = 'queued'
        where customer_number = $1"""
    (offer,) = await eventually(lambda: desk.rows.fetch(query, customer.number), bool)
    return offer


async def taken_by(desk: Desk, customer: Customer, index: int) -> None:
    """The agent lifts, and both hear each other."""
    phone = await desk.agents[index].lift()
    await joined(phone, customer.call)


@side_by_side
async def test_given_the_own_agents_talk_then_another_queue_helps_out_at_its_time(stack: Stack) -> None:
    async with stack.desk("helped") as desk:
        own, general = desk.furnished.queues
        first = await desk.call()
        await taken_by(desk, first, 0)
        second = await desk.call()
        await second.call.hears(MUSIC_HZ)
        await taken_by(desk, second, 1)
        offer = await offer_of(desk, second)
        assert (offer["cti_id"], offer["queue"]) == (desk.furnished.seats[1].cti_id, general)
        assert 2 <= offer["after_s"] < 2 + LATE_S
        await second.call.hang_up()
        call = await desk.rows.call(second.number)
        assert (call["queue"], call["outcome"]) == (own, "completed"), "the call is its own queue's"
        query = "select queue, offers, exit, lender from cti.queue_visit where call_id = $1::uuid"
        (visit,) = await desk.rows.fetch(query, call["id"])
        assert tuple(visit.values()) == (own, 1, "answered", general)


@side_by_side
async def test_given_nobody_works_for_the_own_queue_then_the_other_helps_out_at_once(stack: Stack) -> None:
    async with stack.desk("helped-at-once") as desk:
        await desk.agents[0].client.set_status("rest")
        customer = await desk.call()
        await taken_by(desk, customer, 1)
        assert (await offer_of(desk, customer))["after_s"] < 1


@side_by_side
async def test_given_skills_that_relax_then_who_does_not_fit_is_asked_at_their_end_and_not_before(stack: Stack) -> None:
    async with stack.desk("english") as desk:
        english = await desk.call()
        await taken_by(desk, english, 0)
        other = await desk.call()
        await taken_by(desk, other, 1)
        assert 2 <= (await offer_of(desk, other))["after_s"] < 2 + LATE_S
