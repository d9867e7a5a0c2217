"""A day of one agent, played at a real panel: calls of every kind one after the other, and what has to be found of them
in the evening."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from playwright.async_api import Locator, expect

from cti_bridge.domain.model.words import Direction
from tests.panel.live.desks import PanelDesk
from tests.panel.pages import Panel
from tests.support.outside import RINGING

PROCESSING = "Business (Ticket Processing)"
PAGE = 50
_OLDER = """
insert into cti.ticket (id, service, call_id, status, owner, customer_number, created_at, version, epoch)
select gen_random_uuid(), $1, gen_random_uuid(), 'resolved', $2, $3, now() - interval '1 day' - n * interval '1 s', 1, 0
from generate_series(1, $4) as n
"""


@dataclass(frozen=True)
class Done:
    """A call that has left a ticket. ``number`` is None where it was withheld; ``words`` stand in its history."""

    number: str | None
    status: str
    words: Sequence[str] = ()

    @property
    def shown(self) -> str:
        """The customer, as lists show them."""
        return "Number withheld" if self.number is None else f"+82 10-{self.number[5:9]}-{self.number[9:]}"


@dataclass
class Day:
    """``done`` are the calls with tickets, oldest first. The regular customer calls again and again."""

    desk: PanelDesk
    regular: str
    done: list[Done] = field(default_factory=list)
    played: int = 0

    @property
    def panel(self) -> Panel:
        """The agent's."""
        return self.desk.panel

    async def with_earlier_tickets(self, count: int) -> None:
        """The regular customer has called the agent on earlier days."""
        service = self.desk.desk.furnished.service
        await self.desk.desk.rows.fetch(_OLDER, service, self.desk.agent.cti_id, self.regular, count)
        self.done += [Done(self.regular, "Resolved")] * count

    async def play(self, calls: int) -> None:
        """Take so many calls, of all kinds in turn."""
        for _ in range(calls):
            await _KINDS[self.played % len(_KINDS)](self)
            self.played += 1
            await self.panel.ready()

    async def talk(self, caller: str | None, *, status: str, agent_ends: bool, held: bool = False) -> None:
        """One inbound call with a comment, which gets a status."""
        panel, comment = self.panel, f"Said in call {self.played}."
        number = None if caller == "anonymous" else caller or self.desk.desk.stack.next_caller()
        customer = await self.desk.desk.call(caller=number or caller)
        await self.desk.agent.lift()
        await panel.label("Talking")
        if held:
            await panel.press("Hold")
            await panel.label("On Hold")
            await panel.press("Resume")
            await panel.label("Talking")
        await panel.fill("Add a Comment", comment)
        await panel.press("Add a Comment")
        await (panel.press("Hang up") if agent_ends else customer.call.hang_up())
        await panel.label(PROCESSING)
        how = "You hung up" if agent_ends else "The customer hung up"
        await self._leave(Done(number, status, ("Inbound call; ticket opened", comment, how)))

    async def dial(self) -> None:
        """A call out that is answered, and ended by the agent."""
        other = self.desk.desk.outside(RINGING)
        await self.desk.ring_out(other.number)
        await self.desk.agent.lift()
        far = await other.incoming()
        await far.answer()
        await self.panel.label("Talking")
        await self.panel.press("Hang up")
        await self.panel.label(PROCESSING)
        await self._leave(Done(other.number, "Resolved", ("Outbound call; ticket opened", "You hung up")))

    async def dial_busy(self) -> None:
        """A call out to somebody who is busy: no ticket."""
        other = self.desk.desk.outside(486)
        await self.desk.ring_out(other.number)
        await self.desk.agent.lift()
        await self.panel.sees("The customer is busy")

    async def missed_by_the_caller(self) -> None:
        """Who calls hangs up while it rings: no ticket."""
        customer = await self.desk.desk.call()
        rings = await self.desk.agent.phone.incoming()
        await self.panel.label("Ringing")
        await customer.call.hang_up()
        await rings.ended()
        await self.panel.label("Ready")

    async def forced(self) -> None:
        """A threat ends the call."""
        caller = self.desk.desk.stack.next_caller()
        await self.desk.desk.call(caller=caller)
        await self.desk.agent.lift()
        await self.panel.label("Talking")
        await self.panel.choose("More", "Force Disconnect")
        dialog = self.panel.dialog("Force Disconnect")
        await self.panel.click(dialog.locator("label").filter(has_text="Threat"))
        await self.panel.press("Disconnect", within=dialog)
        await self.panel.label(PROCESSING)
        await self._leave(Done(caller, "Pending", ("Force disconnected: Threat",)))

    async def _leave(self, done: Done) -> None:
        """Give the ticket its status. What it says of the call is true."""
        happened = self.panel.region("What happened")
        for words in done.words:
            await expect(happened).to_contain_text(words)
        for untrue in {"You hung up", "The customer hung up"} - set(done.words):
            await expect(happened).not_to_contain_text(untrue)
        if done.status != "Open":
            await self.panel.press(done.status)
            await expect(self.panel.button(done.status)).to_have_attribute("aria-pressed", "true")
        self.done.append(done)

    # ---- the evening

    async def check_lists(self) -> None:
        """Every ticket is in the list, in its place, with its customer and status; it is found by status and number."""
        panel = self.panel
        await panel.tab("Tickets")
        mine = panel.region("My tickets")
        await _holds(panel, mine, self.done)
        for status in ("Pending", "Open"):
            await panel.root.get_by_label("Status", exact=True).select_option(status)
            await _holds(panel, mine, [one for one in self.done if one.status == status])
        await panel.root.get_by_label("Status", exact=True).select_option("Any")
        await panel.fill("Number or ID", self.regular.replace("+82", "0"))
        await _holds(panel, mine, [one for one in self.done if one.number == self.regular])
        await panel.press("Close the list")

    async def check_tickets(self) -> None:
        """Every ticket of today opens from the list, and says what was said."""
        panel = self.panel
        today = [one for one in self.done if one.words]
        for index, one in enumerate(reversed(today)):
            await panel.tab("Tickets")
            rows = panel.region("My tickets").get_by_role("listitem")
            if index >= PAGE:
                await panel.press("Show more")
            await panel.click(rows.nth(index).get_by_role("button"))
            for words in one.words:
                await expect(panel.region("What happened")).to_contain_text(words)

    async def check_history(self) -> None:
        """The last call is the regular customer's, and all earlier ones stand below it."""
        await self.talk(self.regular, status="Open", agent_ends=False)
        earlier = self.panel.region("Earlier tickets of this number")
        others = [one for one in self.done if one.number == self.regular][:-1]
        await _all_pages(self.panel, earlier, len(others))
        await expect(earlier.get_by_role("listitem")).to_have_count(len(others))

    async def check_rows(self) -> None:
        """Postgres has a call for each that was played, and none without its end."""
        service = self.desk.desk.furnished.service
        query = "select direction, outcome, ended_at from cti.call where service = $1"
        rows = await self.desk.desk.rows.fetch(query, service)
        assert len(rows) == self.played and all(row["ended_at"] and row["outcome"] for row in rows)
        answered = [row for row in rows if row["outcome"] in ("completed", "force_disconnected")]
        assert len(answered) == sum(1 for one in self.done if one.words)
        assert {row["direction"] for row in rows} == set(Direction)


async def _holds(panel: Panel, region: Locator, done: Sequence[Done]) -> None:
    """The list has exactly these, newest first, and says how many it shows until it shows them all."""
    rows = region.get_by_role("listitem")
    await _all_pages(panel, region, len(done))
    await expect(rows).to_have_text([re.compile(f"^{re.escape(one.shown)}.*{one.status}$") for one in reversed(done)])


async def _all_pages(panel: Panel, region: Locator, count: int) -> None:
    for page in range(1, (count - 1) // PAGE + 1):
        await expect(region.get_by_text(re.compile(r"^The newest \d+ are shown"))).to_be_visible()
        await expect(region.get_by_role("listitem").nth(PAGE * page - 2)).to_be_visible()
        await panel.press("Show more", within=region)
        await expect(region.get_by_role("listitem").nth(PAGE * page)).to_be_visible()
    await expect(panel.button("Show more", within=region)).to_have_count(0)


_KINDS: Sequence[Callable[[Day], Awaitable[None]]] = (
    lambda day: day.talk(None, status="Pending", agent_ends=False),
    lambda day: day.dial(),
    lambda day: day.talk(day.regular, status="Resolved", agent_ends=True, held=True),
    lambda day: day.missed_by_the_caller(),
    lambda day: day.talk("anonymous", status="Open", agent_ends=True),
    lambda day: day.dial_busy(),
    lambda day: day.forced(),
    lambda day: day.talk(day.regular, status="Open", agent_ends=False),
)
