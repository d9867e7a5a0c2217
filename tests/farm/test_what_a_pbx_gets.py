"""What the edge takes away, and what it says, before a PBX sees a call."""

from tests.farm.bare_edge import House, open_house
from tests.farm.stranger import Stranger
from tests.support.sip_peer import header
from tests.support.trunk_line import PROVIDER

FALSE = 'Authorization: Digest username="1002", realm="edge", nonce="edge", uri="sip:edge", response="0"'
DANGEROUS = ("X-CTI-Agent: 1002", "x-cti-agent: 1003", "Refer-Sub: false", FALSE)
IDENTITIES = ("P-Asserted-Identity: <sip:+8225550001@x.example>", "Remote-Party-ID: <sip:+8225550002@x.example>")


async def invite(house: House) -> str:
    """The next call that the PBX gets, beside the probes of the edge."""
    while not (message := await house.pbx.received.get()).startswith("INVITE"):
        continue
    return message


async def test_a_call_of_the_trunk_keeps_its_identities_and_says_of_no_agent() -> None:
    async with open_house() as house, Stranger.open((house.edge.host, house.edge.port), PROVIDER) as trunk:
        trunk.say("INVITE", "1001", *DANGEROUS, *IDENTITIES, uri=f"sip:+8225550000@{house.edge.address}", sdp=True)
        got = await invite(house)
        assert [header(got, name) for name in ("X-CTI-Agent", "Refer-Sub", "Authorization")] == [""] * 3
        assert all(line in got for line in IDENTITIES)
        assert got.startswith("INVITE sip:+8225550000@") and header(got, "Max-Forwards") == "69"


async def test_a_call_of_a_phone_says_whose_it_is_and_shows_no_password_and_no_other_identity() -> None:
    async with open_house() as house, Stranger.open((house.edge.host, house.edge.port)) as phone:
        uri = f"sip:+8225550000@{house.edge.address}"
        call_id = phone.say("INVITE", "anonymous", *DANGEROUS, *IDENTITIES, uri=uri, sdp=True)
        challenge = header(await phone.answer(), "Proxy-Authenticate")
        proof = f"Proxy-Authorization: {phone.proof(challenge, '1001', 'of 1001', uri, 'INVITE')}"
        more = (proof, *DANGEROUS, *IDENTITIES)
        phone.say("INVITE", "anonymous", *more, uri=uri, sdp=True, call_id=call_id, cseq=2)
        got = await invite(house)
        assert [line for line in got.splitlines() if line.lower().startswith("x-cti-agent")] == ["X-CTI-Agent: 1001"]
        named = [line for line in got.splitlines() if line.startswith("Authorization")]
        assert [line.partition(",")[0] for line in named] == ['Authorization: Digest username="1001"']
        assert header(got, "Proxy-Authorization") == "" and "x.example" not in got
        assert f"alias={phone.own.replace(':', '~')}" in header(got, "Contact")
