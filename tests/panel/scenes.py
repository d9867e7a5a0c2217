"""Every state of the panel, each as a recorded bridge and what is done until it is on the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from cti_bridge.api.errors import Problem
from tests.panel import recorded
from tests.panel.pages import Panel
from tests.panel.recorded import Json
from tests.panel.recorded_bridge import RecordedBridge, recorded_bridge
from tests.panel.stage import Stage

Steps = Callable[[Panel, RecordedBridge], Awaitable[None]]


@dataclass(frozen=True)
class Scene:
    """``make`` gives the bridge; ``steps`` are done on the open panel."""

    name: str
    make: Callable[[], RecordedBridge]
    steps: Steps
    query: str = ""

    @asynccontextmanager
    async def on(self, panel: Panel) -> AsyncIterator[RecordedBridge]:
        """The scene on a page that is empty so far."""
        async with recorded_bridge(self.make()) as bridge:
            await panel.open(bridge.origin, self.query)
            await self.steps(panel, bridge)
            yield bridge
            # A phone that is registered would miss its registrar.
            await panel.page.goto("about:blank")

    @asynccontextmanager
    async def on_stage(self, stage: Stage) -> AsyncIterator[None]:
        """The scene on a page that stays."""
        bridge = self.make()
        async with stage.shows(bridge) as panel:
            await self.steps(panel, bridge)
            yield


def shown(name: str, agent: Json, steps: Steps | None = None, **bridge: Any) -> Scene:
    """An agent who is logged in already."""

    async def label_then(panel: Panel, made: RecordedBridge) -> None:
        await panel.label(agent["label"])
        if steps is not None:
            await steps(panel, made)

    return Scene(name, lambda: RecordedBridge(agent=agent, **bridge), label_then)


# ---- what is done


async def _login_form(panel: Panel, _: RecordedBridge) -> None:
    await panel.button("Login").wait_for()


async def _login_refused(panel: Panel, _: RecordedBridge) -> None:
    await panel.log_in("mina", "a wrong password")
    await panel.page.get_by_role("alert").get_by_text("wrong").wait_for()


async def _business_menu(panel: Panel, _: RecordedBridge) -> None:
    await panel.press("Business")
    await panel.page.get_by_text("Meeting", exact=True).wait_for()


async def _rest_menu(panel: Panel, _: RecordedBridge) -> None:
    await panel.press("Rest")
    await panel.page.get_by_text("Meal", exact=True).wait_for()


async def _why(panel: Panel, _: RecordedBridge) -> None:
    await panel.click(panel.page.locator(".why summary"))


async def _keypad(panel: Panel, _: RecordedBridge) -> None:
    await panel.choose("More", "Keypad")
    await panel.press("5", within=panel.dialog())


async def _colleagues(panel: Panel, _: RecordedBridge) -> None:
    await panel.press("Dial up")
    await panel.tab("Colleagues")
    await panel.button("Call: Juno Lee").wait_for()


async def _force_disconnect(panel: Panel, _: RecordedBridge) -> None:
    await panel.choose("More", "Force Disconnect")
    await panel.dialog().wait_for()


async def _transfer(panel: Panel, _: RecordedBridge) -> None:
    await panel.press("Transfer")
    await panel.dialog().get_by_label("Transfer number").wait_for()


async def _transfer_emergency(panel: Panel, bridge: RecordedBridge) -> None:
    await _transfer(panel, bridge)
    await panel.fill("Transfer number", "112")
    await panel.press("Consultation Call", within=panel.dialog())
    await panel.button("Call 112").wait_for()


def _tab(name: str, shows: str) -> Steps:
    async def steps(panel: Panel, bridge: RecordedBridge) -> None:
        await _transfer(panel, bridge)
        await panel.tab(name)
        await panel.dialog().get_by_text(shows).wait_for()

    return steps


async def _add_frequent(panel: Panel, bridge: RecordedBridge) -> None:
    await _tab("Frequently Used", "Warehouse")(panel, bridge)
    await panel.press("Add", within=panel.dialog())


async def _messages(panel: Panel, _: RecordedBridge) -> None:
    await panel.choose("Menu", "Messages")
    await panel.dialog().get_by_role("button", name="Mark done").first.wait_for()


async def _help(panel: Panel, _: RecordedBridge) -> None:
    await panel.choose("Menu", "Keyboard shortcuts")
    await panel.dialog().wait_for()


async def _dial_up(panel: Panel, _: RecordedBridge) -> None:
    await panel.press("Dial up")
    await panel.dialog().wait_for()


async def _dial_emergency(panel: Panel, bridge: RecordedBridge) -> None:
    await _dial_up(panel, bridge)
    await panel.fill("Customer number", "112")
    await panel.press("Confirm", within=panel.dialog())
    await panel.button("Call 112").wait_for()


async def _ticket(panel: Panel, bridge: RecordedBridge) -> None:
    await bridge.listened_to()
    await bridge.tell("ticket.opened", ticket=recorded.ticket_line())
    await panel.sees("Inbound call; ticket opened")


async def _player(panel: Panel, bridge: RecordedBridge) -> None:
    await _ticket(panel, bridge)
    await panel.click(panel.page.locator(".recordings summary"))
    await panel.button("Listen").wait_for()


async def _erase(panel: Panel, bridge: RecordedBridge) -> None:
    await _player(panel, bridge)
    await panel.press("Erase")
    await panel.sees("Erase this recording for ever?")


async def _other_ticket(panel: Panel, bridge: RecordedBridge) -> None:
    await _ticket(panel, bridge)
    await panel.tab("Tickets")
    await panel.click(panel.region("My tickets").get_by_role("button").filter(has_text="Resolved"))
    await panel.sees("Not the ticket of this call")


async def _warn(panel: Panel, bridge: RecordedBridge) -> None:
    await _ticket(panel, bridge)
    await panel.choose("More", "Warn the customer")
    await panel.dialog().wait_for()


async def _warning_plays(panel: Panel, bridge: RecordedBridge) -> None:
    await _warn(panel, bridge)
    await bridge.show(recorded.warning())
    await panel.sees("The warning plays")


async def _more(panel: Panel, _: RecordedBridge) -> None:
    await panel.press("More")
    await panel.sees("Force Disconnect")


async def _work(panel: Panel, bridge: RecordedBridge) -> None:
    await bridge.listened_to()
    await bridge.work(4, 3)
    await panel.page.get_by_text("4 wait in your queues").wait_for()
    await panel.press("Menu")


async def _menu(panel: Panel, _: RecordedBridge) -> None:
    await panel.press("Menu")
    await panel.sees("Logout")


async def _notices(panel: Panel, bridge: RecordedBridge) -> None:
    await _ticket(panel, bridge)
    for seconds in (120, 240, 360):
        text = f"The customer has been on hold for {seconds} seconds."
        await bridge.tell("notice", code="hold_reminder", text=text)
    await panel.sees("360 seconds")


async def _call_again(panel: Panel, bridge: RecordedBridge) -> None:
    await _ticket(panel, bridge)
    await bridge.tell("call.ended", call_id=recorded.CALL, outcome="completed", ended_by="customer")
    await bridge.show(_IN_TICKET)
    await panel.press("Call this number again")
    await panel.dialog().wait_for()


async def _my_day(panel: Panel, _: RecordedBridge) -> None:
    await panel.tab("My day")
    await panel.region("My day").get_by_text("Calls out").wait_for()


async def _own_tickets(panel: Panel, _: RecordedBridge) -> None:
    await panel.tab("Tickets")
    await panel.region("My tickets").get_by_text("Resolved").wait_for()


async def _storage_away(panel: Panel, bridge: RecordedBridge) -> None:
    await _ticket(panel, bridge)
    await panel.tab("Tickets")
    await panel.sees("The storage cannot be reached.")
    await panel.sees("Not known at the moment.")


async def _ended(panel: Panel, bridge: RecordedBridge) -> None:
    await bridge.listened_to()
    await bridge.tell("call.ended", call_id=recorded.CALL, outcome="completed", ended_by="customer")


async def _pause_ends(panel: Panel, bridge: RecordedBridge) -> None:
    await bridge.listened_to()
    await bridge.tell("notice", code="recording_pause_ends", text="The recording goes on in 20 seconds.")
    await panel.button("Pause longer").wait_for()


async def _record_on_demand(panel: Panel, _: RecordedBridge) -> None:
    await panel.press("More")
    await panel.sees("Record the call")


async def _signed(panel: Panel, bridge: RecordedBridge) -> None:
    await panel.page.locator(".rec").wait_for()


async def _reminder(panel: Panel, bridge: RecordedBridge) -> None:
    await bridge.listened_to()
    await bridge.tell("notice", code="hold_reminder", text="The customer has been on hold for 120 seconds.")
    await panel.sees("120 seconds")


async def _phone_ready(panel: Panel, _: RecordedBridge) -> None:
    await panel.sees("Phone ready")


async def _phone_refused(panel: Panel, _: RecordedBridge) -> None:
    await panel.button("Try again").wait_for()


async def _moved(panel: Panel, bridge: RecordedBridge) -> None:
    await bridge.listened_to()
    bridge.logged_in = False
    await bridge.close_sockets(4001, "session moved")
    await panel.sees("You logged in elsewhere")


async def _reconnecting(panel: Panel, bridge: RecordedBridge) -> None:
    await bridge.listened_to()
    bridge.is_away = True
    await bridge.close_sockets(1011)
    await panel.sees("Reconnecting …")


# ---- the scenes

_IN_TICKET = recorded.business("ticket_processing", "Ticket Processing", since=recorded.at(64))
_UNREACHABLE: Json = {"phone": "unreachable", "no_calls": ["phone_unreachable"], "allowed_actions": []}
_BLOCKED = recorded.agent(**_UNREACHABLE)
_FAILED = {"last_result": {"target": "1002", "target_name": "Juno Lee", "reason": "busy"}}
_MARKED = {"marks": {"count": 2, "last_reason": "threat", "last_at": recorded.at(6 * 86_400)}}
_VALUES: Json = {"category": "contract/gold", "data": {"contract": "123456", "pin": "****", "look.tier": "gold"}}
_AWAY = Problem(503, "storage_unavailable", "The storage cannot be reached.")
_ASK = {**recorded.SETTINGS, "after_call": "ask"}
_BREAKS = {**recorded.SETTINGS, "rest_reasons": ["break", "meal"]}


async def _monitored(panel: Panel, _: RecordedBridge) -> None:
    await panel.page.get_by_text("Sora Choi").first.wait_for()


_HEARS = {**recorded.SETTINGS, "rights": ["download", "erase", "recordings"]}
_HOSTILE_TICKET = recorded.ticket(comments=[recorded.comment(recorded.HOSTILE)])
_EARLIER = recorded.ticket_line("T-1987", "resolved", 4 * 86_400, call_id="of-last-week")
_ENDING_PAUSE = recorded.recorded_talk("paused", pause_ends_at=recorded.at(-18))
_CONSULT_CUT = recorded.recording("paused", reasons=["consult"], paused_by=None, pause_ends_at=None)
_LONG = "The Honourable Maximiliana Featherstonehaugh-Cholmondeley of Llanfairpwllgwyngyll"

SCENES = [
    Scene("login", lambda: RecordedBridge(logged_in=False), _login_form),
    Scene("login-refused", lambda: RecordedBridge(logged_in=False), _login_refused),
    shown("ready", recorded.agent()),
    shown("work", recorded.agent(), _work),
    shown("rest", recorded.agent(status="rest", label="Rest", no_calls=["not_ready"])),
    shown("rest-reason", recorded.rest("meal", "Meal"), _rest_menu, settings=_BREAKS),
    shown("business", recorded.business("meeting", "Meeting"), _business_menu),
    shown("missed", recorded.missed(), _why),
    shown("no-calls", _BLOCKED, _why),
    shown("incoming", recorded.ringing()),
    shown("incoming-answer", recorded.ringing("auto", **_MARKED)),
    shown("incoming-values", recorded.ringing(**_VALUES)),
    shown("talking", recorded.talking(), _ticket),
    shown("talking-warned", recorded.warned(), _ticket),
    shown(
        "other-ticket", recorded.talking(), _other_ticket, others={_EARLIER["ticket_id"]: recorded.ticket(**_EARLIER)}
    ),
    shown("keypad", recorded.talking(), _keypad),
    shown("force-disconnect", recorded.talking(), _force_disconnect),
    shown("warn", recorded.warned(), _warn),
    shown("warning", recorded.warned(), _warning_plays),
    shown("more", recorded.warned(), _more),
    shown("menu", recorded.talking(), _menu),
    shown("notices", recorded.talking(), _notices),
    shown("call-again", recorded.talking(), _call_again),
    shown("talking-in-page", recorded.talking(answer="browser"), _ticket),
    shown("accepted", recorded.accepted()),
    shown("on-hold", recorded.on_hold(), _reminder),
    shown("on-hold-phone", recorded.on_hold(held_by=["phone"])),
    shown("far-hold", recorded.talking(holding=["customer"])),
    shown("consult-far-hold", recorded.consulting("talking", holding=["target"])),
    shown("transfer", recorded.talking(), _transfer),
    shown("transfer-frequent", recorded.talking(), _tab("Frequently Used", "Warehouse")),
    shown("transfer-queues", recorded.talking(), _tab("Queues", "night-desk")),
    shown("transfer-agents", recorded.talking(), _tab("Available Agents", "Juno Lee")),
    shown("transfer-add", recorded.talking(), _add_frequent),
    shown("transfer-emergency", recorded.talking(), _transfer_emergency),
    shown("consult-ringing", recorded.consulting("ringing")),
    shown("consult-talking", recorded.consulting("talking")),
    shown("consult-swapped", recorded.consulting("held")),
    shown("consult-alone", recorded.consulting("alone")),
    shown("three-together", recorded.three()),
    shown("monitored", recorded.monitored(), _monitored),
    shown("monitoring", recorded.monitoring()),
    shown("recording", recorded.recorded_talk(), _signed),
    shown("recording-paused", _ENDING_PAUSE, _pause_ends),
    shown("recording-still", recorded.recorded_talk(not_paused=True), _signed),
    shown("recording-failed", recorded.recorded_talk("failed"), _signed),
    shown("recording-on-demand", recorded.recorded_talk("off", "start"), _record_on_demand),
    shown("recording-consult", recorded.consulting("talking", recording=_CONSULT_CUT), _signed),
    shown("recording-asked", recorded.consulted("joined", recording=recorded.recording()), _signed),
    shown("player", recorded.talking(), _player, settings=_HEARS),
    shown("player-erase", recorded.talking(), _erase, settings=_HEARS),
    shown("internal", recorded.internal()),
    shown("internal-incoming", recorded.internal("ringing", asked=True)),
    shown("colleagues", recorded.agent(), _colleagues),
    shown("three-asked", recorded.consulted("joined")),
    shown("consult-failed", recorded.on_hold(**_FAILED)),
    shown("consulted", recorded.consulted()),
    shown("transfer-sent", {**_IN_TICKET, "allowed_actions": ["dial", "recall"]}),
    shown("phone-lost", recorded.lost()),
    shown("dial-up", recorded.agent(), _dial_up),
    shown("dial-emergency", recorded.agent(), _dial_emergency),
    shown("dialing-agent", recorded.dialing("dialing_agent")),
    shown("dialing", recorded.dialing()),
    shown("after-call", _IN_TICKET, _ended),
    shown("after-call-ask", {**_IN_TICKET, "prompt": "after_call"}, _ended, settings=_ASK),
    shown("phone-in-page", recorded.agent(answer="browser"), _phone_ready),
    shown("phone-refused", recorded.agent(answer="browser", **_UNREACHABLE), _phone_refused, registers=False),
    shown("tickets", recorded.agent(), _own_tickets),
    shown("my-day", recorded.agent(), _my_day),
    shown("my-day-talking", recorded.talking(), _my_day, day=recorded.day(states=[], reasons=[], not_taken=[])),
    shown("storage-away", recorded.talking(), _storage_away, refusals={"tickets": _AWAY}),
    shown("shortcuts", recorded.agent(), _help),
    shown("messages", recorded.agent(), _messages),
    shown("session-moved", recorded.agent(), _moved),
    shown("reconnecting", recorded.talking(), _reconnecting),
    shown("hostile", recorded.talking(customer_name=recorded.HOSTILE), _ticket, ticket=_HOSTILE_TICKET),
    shown("long-names", recorded.talking(customer_name=_LONG), _ticket),
]
