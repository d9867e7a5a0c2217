"""What keeps the edge safe: each request is what its sender may send, or gets nowhere."""

import asyncio
import hashlib
import re

from tests.farm.stranger import Stranger
from tests.support.farm import Farm
from tests.support.sip_peer import Address, digest, header
from tests.support.trunk_line import PROVIDER

FLOODER, GUESSER, ELSEWHERE = "127.0.0.8", "127.0.0.9", "127.0.0.10"


def at(farm: Farm) -> Address:
    return farm.edge.host, farm.edge.port


def uri_of(farm: Farm, user: str = "") -> str:
    return f"sip:{user}{'@' if user else ''}{farm.edge.address}"


async def test_a_phone_registers_with_its_own_password_alone_and_guessing_is_not_answered_for_long(farm: Farm) -> None:
    number, password = farm.rooms["guards"].seats[0].cti_number, farm.rooms["guards"].seats[0].sip_password
    other = farm.rooms["guards"].seats[1].cti_number
    async with Stranger.open(at(farm)) as phone:
        wrong = await phone.authorized("REGISTER", number, "wrong", uri_of(farm))
        assert " 401 " in wrong.splitlines()[0]
        assert " 401 " in (await phone.authorized("REGISTER", "9999", password, uri_of(farm))).splitlines()[0]
        # Somebody else's number with one's own password.
        call_id = phone.say("REGISTER", other)
        challenge = header(await phone.answer(), "WWW-Authenticate")
        proof = f"Authorization: {digest(challenge, number, password, uri_of(farm))}"
        phone.say("REGISTER", other, proof, call_id=call_id, cseq=2)
        assert await phone.status() == 403
        # A proof is for one use.
        phone.say("REGISTER", number, proof, call_id=call_id, cseq=3)
        assert await phone.status() == 401
        assert " 200 " in (await phone.authorized("REGISTER", number, password, uri_of(farm))).splitlines()[0]
        stored = await farm.rows.fetch("select username, received from edge.location where username = $1", number)
        assert [(row["username"], row["received"]) for row in stored] in ([], [(number, f"sip:{phone.own}")])
        phone.say("REGISTER", number, "Expires: 0")
        await phone.answer()
    async with Stranger.open(at(farm), GUESSER) as guesser:
        for _ in range(11):
            assert " 401 " in (await guesser.authorized("REGISTER", number, "guess", uri_of(farm))).splitlines()[0]
        call_id = guesser.say("REGISTER", number)
        challenge = header(await guesser.answer(), "WWW-Authenticate")
        proof = f"Authorization: {digest(challenge, number, password, uri_of(farm))}"
        guesser.say("REGISTER", number, proof, call_id=call_id, cseq=2)
        await guesser.nothing_comes()
    async with Stranger.open(at(farm), ELSEWHERE) as phone:
        assert " 200 " in (await phone.authorized("REGISTER", number, password, uri_of(farm))).splitlines()[0]


async def test_no_password_stands_in_the_clear_in_the_edges_files(farm: Farm) -> None:
    where = farm.edge.log.parent
    texts = [path.read_text() for path in where.rglob("*") if path.is_file() and path != farm.edge.log]
    for seat in (seat for room in farm.rooms.values() for seat in room.seats):
        assert not any(seat.sip_password in text for text in texts)
        hashed = hashlib.md5(f"{seat.cti_number}:cti:{seat.sip_password}".encode(), usedforsecurity=False).hexdigest()
        assert any(hashed in text for text in texts)
    assert {path.stat().st_mode & 0o077 for path in (where / "cti").iterdir()} == {0}


async def test_a_stranger_with_the_trunks_number_in_from_is_asked_for_a_password(farm: Farm) -> None:
    number = farm.rooms["guards"].number
    async with Stranger.open(at(farm)) as stranger:
        vouched = "P-Asserted-Identity: <sip:+821012345678@provider.example>"
        for user in ("+821012345678", farm.rooms["guards"].seats[0].cti_number, "trunk"):
            stranger.say("INVITE", user, vouched, uri=uri_of(farm, number), sdp=True)
            assert await stranger.status() == 407
    assert not await farm.rows.fetch("select from cti.call where customer_number = '+821012345678'")


async def test_whose_phone_a_call_is_from_is_said_by_the_edge_alone(farm: Farm) -> None:
    """A call of the trunk that names an agent is a caller's; a phone that names another is itself."""
    first, second = farm.rooms["guards"].seats
    forged = f"X-CTI-Agent: {second.cti_number}"
    async with Stranger.open(at(farm), PROVIDER) as trunk:
        # As the agent it would be refused, for the number is not allowed; as a caller it is nobody's number.
        trunk.say("INVITE", second.cti_number, forged, uri=uri_of(farm, "+8225559999"), sdp=True)
        assert await trunk.status() == 404
        trunk.say("INVITE", "+821055550001", forged, uri=uri_of(farm, farm.rooms["guards"].number), sdp=True)
        answer = await trunk.answer()
        assert " 200 " in answer.splitlines()[0]
        hang_up(trunk, answer, "+821055550001")
        assert await trunk.status() == 200
    call = await farm.rows.call("+821055550001")
    assert call["direction"] == "inbound"
    async with farm.desk("guards", ready=False) as desk, Stranger.open(at(farm)) as phone:
        # The agent's own panel shows the call that the agent's own phone makes.
        other, agent = desk.outside(), desk.agents[0]
        invited = phone.authorized(
            "INVITE", first.cti_number, first.sip_password, uri_of(farm, other.number), forged, sdp=True
        )
        dialed = asyncio.create_task(invited)
        customer = await other.incoming()
        await agent.client.shows(lambda shown: shown["state"] == "dialing", "dialing")
        assert desk.agents[1].client.agent["state"] == "idle"
        answer = await dialed
        hang_up(phone, answer, first.cti_number)
        await customer.ended()


def hang_up(party: Stranger, answer: str, user: str) -> None:
    """End the call that the answer has begun."""
    routes = [f"Route: {hop}" for hop in re.findall(r"^Record-Route:\s*(.*?)\r$", answer, re.MULTILINE)]
    contact = re.search(r"<([^>]+)>", header(answer, "Contact"))
    assert contact is not None
    to, call_id = header(answer, "To"), header(answer, "Call-ID")
    party.say("ACK", user, *routes, uri=contact[1], to=to, call_id=call_id)
    party.say("BYE", user, *routes, uri=contact[1], to=to, call_id=call_id, cseq=2)


async def test_nobody_is_led_to_the_outside_or_to_a_phone_from_outside(farm: Farm) -> None:
    """Neither by the request line, nor by a route, nor within a call that is made up."""
    other = farm.outside.phone("+821044440009", 1000)
    away = f"sip:{other.number}@127.0.0.1:{farm.outside.port}"
    edge = f"<sip:{farm.edge.address};lr>"
    async with Stranger.open(at(farm), PROVIDER) as trunk:
        trunk.say("INVITE", "+821055550002", uri=away, sdp=True)
        assert await trunk.status() == 404  # A number that no scenario has, asked of a PBX.
        trunk.say("INVITE", "+821055550002", uri=f"{uri_of(farm, other.number)};to=trunk", sdp=True)
        assert await trunk.status() == 404
        trunk.say("INVITE", "+821055550002", f"Route: {edge}", uri=away, sdp=True)
        assert await trunk.status() == 403
        number = farm.rooms["guards"].seats[0].cti_number
        trunk.say("INVITE", "+821055550002", uri=uri_of(farm, number), sdp=True)
        assert await trunk.status() == 404
    async with Stranger.open(at(farm)) as stranger:
        to = "<sip:x@127.0.0.2>;tag=made-up"
        for method in ("INVITE", "BYE", "REFER"):
            for key in ("", ";k=" + "0" * 32):
                route = f"Route: <sip:{farm.edge.address};lr{key}>"
                stranger.say(method, "x", route, uri=away, to=to, sdp=method == "INVITE")
                assert await stranger.status() == 481
        stranger.say("ACK", "x", f"Route: {edge}", uri=away, to=to)
        await stranger.nothing_comes()
    assert not other.calls and not farm.outside.calls.keys() & {"x"}


async def test_what_a_phone_or_trunk_has_no_use_for_is_refused(farm: Farm) -> None:
    async with Stranger.open(at(farm)) as stranger:
        for method in ("MESSAGE", "SUBSCRIBE", "PUBLISH", "NOTIFY"):
            stranger.say(method, "x", uri=uri_of(farm, "1001"))
            assert await stranger.status() == 405
        stranger.say("OPTIONS", "x", uri=uri_of(farm, "1001"))
        assert await stranger.status() == 404
        stranger.say("OPTIONS", "x", forwards=0)
        assert await stranger.status() == 483
        stranger.say("OPTIONS", "x", "User-Agent: friendly-scanner")
        await stranger.nothing_comes()
    async with Stranger.open(at(farm), PROVIDER) as trunk:
        trunk.say("REGISTER", farm.rooms["guards"].seats[0].cti_number)
        assert await trunk.status() == 403
        trunk.say("INVITE", "+821055550003", "Replaces: a;to-tag=b;from-tag=c", uri=uri_of(farm, "1"), sdp=True)
        assert await trunk.status() == 403


async def test_a_flood_of_one_address_is_dropped_and_calls_and_phones_of_others_go_on(farm: Farm) -> None:
    async with Stranger.open(at(farm), FLOODER) as flooder, farm.desk("guards") as desk:
        for _ in range(3000):
            flooder.say("REGISTER", "1001")
            if not _ % 50:
                await asyncio.sleep(0)
        customer = await desk.call()
        phone = await desk.agent.lift()
        await customer.call.hears(phone.tone_hz)
        await desk.agents[1].phone.register()
        assert flooder.received.qsize() < 1500
        await customer.call.hang_up()
        flooder.say("REGISTER", "1001")
        while not flooder.received.empty():
            flooder.received.get_nowait()
        await flooder.nothing_comes()
