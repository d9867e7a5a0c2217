"""A customer's tickets are found by any form of the number, whatever form they were written down in before."""

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.api import api_server
from tests.support.storage import storage, ticket_opened

CUSTOMER = "+821012345678"
WRITTEN = (CUSTOMER, "01012345678", "821012345678", "00821012345678", "1012345678")
"""As a trunk may have delivered it before there was a rule."""
OTHERS = ("+821087654321", "01087654321", "+201012345678", "008201012345678", "+12025550123", "1001", None)
FOREIGN = ("+12025550123", "12025550123", "0012025550123")
ASKED = [
    *("+821012345678", "010-1234-5678", "01012345678", "821012345678", "00821012345678", "001 82 10 1234 5678"),
    *("\u200e010\u00a01234\u20115678", "\uff10\uff11\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18"),
    *("tel:+82-10-1234-5678", "tel:01012345678;phone-context=+82"),
]


async def test_given_tickets_of_before_then_the_history_of_a_number_has_them_all_and_nobody_else_s(
    tmp_path: Path, database_url: str
) -> None:
    """The last ticket is in memory alone."""
    async with (
        storage(tmp_path, database_url, tickets_at_rest=0) as parts,
        api_server(desk=parts.journal.desk, country="KR") as api,
    ):
        token, _ = await api.log_in()
        opened = {
            form: ticket_opened(customer_number=form, at=1_700_000_000.0 + at)
            for at, form in enumerate((*OTHERS, *FOREIGN[1:], *WRITTEN))
        }
        for form, ticket in opened.items():
            if form == WRITTEN[-1]:
                await parts.drained()
            parts.journal.record([ticket], {("call", ticket.call_id): None}, ticket.at)

        async def found(number: str) -> tuple[list[str], set[str]]:
            reply = await api.call("GET", f"/tickets?number={quote(number)}", token)
            assert reply.status == 200, reply.text
            return [one["ticket_id"] for one in reply.json], {one["customer_number"] for one in reply.json}

        own = [opened[form].ticket_id for form in reversed(WRITTEN)]
        for asked in ASKED:
            assert await found(asked) == (own, {CUSTOMER}), asked
        theirs = {opened[form].ticket_id for form in FOREIGN}
        for asked in FOREIGN:
            ids, shown = await found(asked)
            assert (set(ids), shown) == (theirs, {FOREIGN[0]}), asked
        assert await found("1001") == ([opened["1001"].ticket_id], {"1001"})
        both_ways = "008201012345678"
        assert await found(both_ways) == ([opened[both_ways].ticket_id], {both_ways}), "Korea, or Egypt"


@pytest.mark.parametrize(
    "number", ["a-sip-user-with-a-name-of-more-than-32-characters", "9" * 80, "*31#0101", "%00x"[3:]]
)
async def test_given_whatever_a_call_may_show_then_its_history_is_an_answer(number: str) -> None:
    async with api_server(country="KR") as api:
        token, _ = await api.log_in()
        ticket = api.desk.add(number=number)
        reply = await api.call("GET", f"/tickets?number={quote(number)}", token)
        assert (reply.status, [one["ticket_id"] for one in reply.json]) == (200, [ticket.id])
