"""One SIGKILL with one call in every state at once: no conversation is cut, and every agent goes on from there."""

from tests.acceptance.agents_phone import mortal
from tests.acceptance.every_state import Scene, all_go_on
from tests.support.stack import Stack


async def test_given_a_call_in_every_state_when_the_bridge_is_killed_then_nobody_is_cut_and_all_go_on(
    stack: Stack,
) -> None:
    async with (
        stack.desk("killed-states", ready=False) as desk,
        stack.desk("killed-queue", ready=False) as queue,
        mortal(desk, -1) as phone,
    ):
        scene = Scene(desk, queue)

        async def killed_and_started() -> None:
            await stack.bridge.kill()
            await scene.talking.phone.listen(0.5)
            await stack.bridge.start()

        await all_go_on(scene, phone, killed_and_started)
