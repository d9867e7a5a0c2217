"""The panel: a real browser before a real bridge, Asterisk and SIP phone."""

import os
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import argon2
from playwright.async_api import Browser
from playwright.async_api import Error as BrowserError

from benchmarks.latency import Quantiles, quantiles
from benchmarks.panel.browser import running_chromium
from benchmarks.panel.calls import Ports, take_calls
from benchmarks.panel.opening import Opening, open_and_log_in
from benchmarks.panel.page import PanelFailed, new_page
from benchmarks.panel.shown import Delay, OnScreen
from benchmarks.panel.staying import heap_after
from benchmarks.panel.transferred import Kb
from benchmarks.processes import family_cpu_s, machine_cpu_s
from benchmarks.systems import Bridge, running_bridge
from cti_bridge.local.asterisk_config import AgentPhone
from cti_bridge.local.ports import claim_ports

IN_PAGE = "w0001"
ON_DESK, IN_THE_PAGE = "on the desk", "in the page"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Browsers and calls that are measured, and the events after which memory is looked at: the first number is when
    all that is bounded should have reached its bound."""

    samples: int
    events: tuple[int, int]


@dataclass(frozen=True, slots=True)
class PanelRun:
    """What one run gave."""

    asterisk: str
    browser: str
    opening_ms: dict[str, Quantiles | None]
    shown_ms: dict[str, Quantiles | None]
    """By what is shown, and by part of the way."""
    unseen: int
    clock_behind_ms: float
    """Of the page, against the system's."""
    files_kb: dict[str, Quantiles | None]
    """The panel itself, by where the phone is."""
    answers_kb: dict[str, Quantiles | None]
    """The API's answers meanwhile."""
    first_call_kb: Kb
    heap_mb: dict[int, float]
    """By events that have come."""
    others: float

    @property
    def growth_mb(self) -> float:
        """From the first look at the memory to the last."""
        first, *_, last = self.heap_mb.values()
        return last - first


async def run_panel(sizes: Sizes, directory: Path, say: Say) -> PanelRun:
    """Logs and configuration go to ``directory``. Raises ChromiumMissing, PanelFailed."""
    say(f"The panel: {sizes.samples} browsers and as many calls, {sizes.events[-1]} events")
    async with AsyncExitStack() as stack:
        # First, for without it nothing else need be started.
        browser = await stack.enter_async_context(running_chromium())
        claimed = claim_ports(200)
        stack.callback(claimed.release)
        first = claimed.first
        # Here people wait for the password to be checked, so it costs what it costs them.
        running = running_bridge(
            1,
            first,
            directory,
            claimed.last,
            in_page=[AgentPhone(IN_PAGE, browser=True)],
            hasher=argon2.PasswordHasher(),
        )
        system = await stack.enter_async_context(running)
        ports = Ports(first, first + 1, first + 10, first + 50)
        try:
            return await _Run(browser, system, sizes, directory, say).run(ports)
        except BrowserError as error:
            raise PanelFailed(f"The browser: {error}") from error


class _Run:
    def __init__(self, browser: Browser, system: Bridge, sizes: Sizes, directory: Path, say: Say) -> None:
        self._browser, self._system, self._sizes = browser, system, sizes
        self._directory, self._say = directory, say
        (self._cti_id,) = system.process.tokens

    async def run(self, ports: Ports) -> PanelRun:
        began, others = time.monotonic(), _others_s()
        openings = {
            ON_DESK: await self._openings(self._cti_id, phone=False),
            IN_THE_PAGE: await self._openings(IN_PAGE, phone=True),
        }
        self._say("  calls")
        origin, password = self._system.process.url, self._system.process.password
        async with new_page(self._browser, origin) as panel:
            await panel.open()
            await panel.log_in(self._cti_id, password)
            await panel.become_ready()
            seen, first_call = await take_calls(panel, self._system, self._sizes.samples, self._directory, ports)
            behind_ms = await panel.behind_ms()
            self._say("  events")
            heap = await heap_after(panel, origin, list(self._sizes.events))
        processors = os.cpu_count() or 1
        return PanelRun(
            asterisk=self._system.pbx.asterisk.version,
            browser=self._browser.version,
            opening_ms=opening_ms(openings[ON_DESK]),
            shown_ms=shown_ms(seen),
            unseen=seen.unseen,
            clock_behind_ms=behind_ms,
            files_kb={where: quantiles([one.kb.files for one in found]) for where, found in openings.items()},
            answers_kb={where: quantiles([one.kb.answers for one in found]) for where, found in openings.items()},
            first_call_kb=first_call,
            heap_mb=heap,
            others=max(0.0, _others_s() - others) / (time.monotonic() - began) / processors,
        )

    async def _openings(self, cti_id: str, *, phone: bool) -> list[Opening]:
        self._say(f"  opening and login, the phone {IN_THE_PAGE if phone else ON_DESK}")
        process = self._system.process
        found = []
        for _ in range(self._sizes.samples):
            found.append(await open_and_log_in(self._browser, process.url, cti_id, process.password, phone=phone))
        return found


def opening_ms(openings: Sequence[Opening]) -> dict[str, Quantiles | None]:
    """By what is waited for."""
    return {
        "login form, first opening": quantiles([one.cold_ms for one in openings]),
        "login form, opened again": quantiles([one.warm_ms for one in openings]),
        "click on Login to the agent's state": quantiles([one.login_ms for one in openings]),
    }


def shown_ms(seen: OnScreen) -> dict[str, Quantiles | None]:
    """All changes, each label, and the two parts of the way."""

    def of(text: str, part: Callable[[Delay], float], label: str | None = None) -> tuple[str, Quantiles | None]:
        return text, quantiles([part(one) for one in seen.delays if label in (None, one.label)])

    labels = dict.fromkeys(one.label for one in seen.delays)
    return dict(
        [
            of("all", lambda one: one.whole),
            *(of(label, lambda one: one.whole, label) for label in labels),
            of("of that: decision to page", lambda one: one.to_page),
            of("of that: page to screen", lambda one: one.in_page),
        ]
    )


def _others_s() -> float:
    """Processor time of what is no part of the benchmark, so far."""
    return machine_cpu_s() - family_cpu_s(os.getpid())
