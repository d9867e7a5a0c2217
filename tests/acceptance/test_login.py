"""Who gets in: permission, CTI ID, password (requirements A2, A4, B1)."""

import pytest

from tests.support.agent_client import Refused
from tests.support.stack import Desk, Stack


async def refusal(desk: Desk, **who: str) -> Refused:
    """How the API refuses this login."""
    client = desk.client(**who)
    try:
        with pytest.raises(Refused) as refused:
            await client.log_in()
        return refused.value
    finally:
        await client.close()


async def test_given_no_phone_permission_then_the_login_is_refused_and_nothing_is_written(stack: Stack) -> None:
    desk = Desk(stack, stack.rooms["no-permission"])
    refused = await refusal(desk)
    assert (refused.status, refused.code) == (403, "no_phone_permission")
    assert await desk.rows.changes(desk.furnished.seats[0].cti_id) == []


async def test_given_an_unknown_cti_id_then_the_answer_is_the_same_as_for_a_wrong_password(stack: Stack) -> None:
    desk = Desk(stack, stack.rooms["late"])
    unknown = await refusal(desk, cti_id="nobody")
    wrong = await refusal(desk, password="not the password")
    assert (unknown.status, unknown.code) == (401, "wrong_credentials")
    assert str(unknown) == str(wrong)


async def test_given_a_login_elsewhere_then_the_old_panel_is_closed_with_4001_and_its_token_is_worth_nothing(
    stack: Stack,
) -> None:
    async with stack.desk("nobody", ready=False) as desk:
        elsewhere = desk.client()
        try:
            await elsewhere.log_in()
            assert await desk.agent.client.closed() == 4001
            with pytest.raises(Refused) as refused:
                await desk.agent.client.me()
            assert (refused.value.status, refused.value.code) == (401, "unauthenticated")
        finally:
            await elsewhere.close()
