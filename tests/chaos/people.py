"""Callers, agents' phones and customers who are called: SIPp, one process for each habit.

A caller stays as long as their patience, and hangs up then. An agent's phone answers and ends the call after a while,
or leaves the end to others where the caller's number says so; others decline, ring for ever, or hang up at once.
"""

from __future__ import annotations

import itertools
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from benchmarks.sipp import LOOPBACK, SCENARIOS, find_sipp
from cti_bridge.local.processes import Process, start_child, stop_child
from tests.chaos.house import BOX_NUMBER, KEPT_NUMBER, MENU_NUMBER, NUMBER

TALK_S = 4.0
HASTY_S = 0.05
PORTS, PHONES, APART = 1000, 40, 4
"""SIP ports, with as many above them for media. The first ones are those of phones. Callers take the others in a
circle: by the time that one comes again its callers have gone. SIPp takes some ports above its media port for video and
others."""
LEFT_TO_OTHERS = "+821031"
"""With callers whose number begins so an agent's phone stays until the PBX ends the call."""
ENDED_BY_PHONE = "+821021"

_TALKS = '  <recv request="INVITE" optional="true" next="updated"/>\n'
_LEAVES = """
  <label id="leaves"/>
  <send retrans="500">
    <![CDATA[
      BYE sip:[field1]@[remote_ip]:[remote_port] SIP/2.0
      [routes]
      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]c[call_number]
      To: <sip:[field1]@[remote_ip]:[remote_port]>[peer_tag_param]
      Call-ID: [call_id]
      CSeq: 9 BYE
      Max-Forwards: 70
      Content-Length: 0
    ]]>
  </send>
  <recv response="200"/>
"""
_REFUSES = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="declines">
  <recv request="INVITE"/>
  <send retrans="500">
    <![CDATA[
      SIP/2.0 486 Busy Here
      [last_Via:]
      [last_From:]
      [last_To:];tag=[pid]d[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Content-Length: 0
    ]]>
  </send>
  <recv request="ACK"/>
</scenario>
"""
_RINGS = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="rings">
  <recv request="INVITE">
    <action>
      <ereg regexp=".*" search_in="hdr" header="Via:" assign_to="via"/>
      <ereg regexp=".*" search_in="hdr" header="CSeq:" assign_to="cseq"/>
    </action>
  </recv>
  <send>
    <![CDATA[
      SIP/2.0 180 Ringing
      [last_Via:]
      [last_From:]
      [last_To:];tag=[pid]r[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Contact: <sip:agent@[local_ip]:[local_port]>
      Content-Length: 0
    ]]>
  </send>
  <recv request="CANCEL"/>
  <send>
    <![CDATA[
      SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:];tag=[pid]r[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Content-Length: 0
    ]]>
  </send>
  <send retrans="500">
    <![CDATA[
      SIP/2.0 487 Request Terminated
      Via:[$via]
      [last_From:]
      [last_To:];tag=[pid]r[call_number]
      [last_Call-ID:]
      CSeq:[$cseq]
      Content-Length: 0
    ]]>
  </send>
  <recv request="ACK"/>
</scenario>
"""


@dataclass(frozen=True, slots=True)
class Callers:
    """Callers of one habit. ``share`` of all calls of the run."""

    name: str
    share: float
    dialled: str
    prefix: str
    patience_s: float


CALLERS = (
    Callers("served", 0.3, NUMBER, ENDED_BY_PHONE, 40),
    Callers("kept", 0.15, KEPT_NUMBER, ENDED_BY_PHONE, 40),
    Callers("stays", 0.2, NUMBER, LEFT_TO_OTHERS, 25),
    Callers("box", 0.05, BOX_NUMBER, LEFT_TO_OTHERS, 12),
    Callers("menu", 0.1, MENU_NUMBER, ENDED_BY_PHONE, 40),
    Callers("hurried", 0.1, NUMBER, LEFT_TO_OTHERS, 2),
    Callers("fleeting", 0.1, NUMBER, LEFT_TO_OTHERS, 0.2),
)


class People:
    """SIPp's processes, within ``async with``. Each has a SIP port and a port for media."""

    def __init__(self, directory: Path, first_port: int) -> None:
        self._directory = directory / "people"
        self._directory.mkdir()
        self._phones_ports = iter(range(first_port, first_port + PHONES, APART))
        self._ports = itertools.cycle(range(first_port + PHONES, first_port + PORTS, APART))
        self._running: list[Process] = []
        self._phones: dict[str, tuple[list[str], Process]] = {}
        self._called = itertools.count(1)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in self._running:
            await stop_child(process, signal.SIGKILL, timeout_s=5)

    def phones(self, habit: str) -> int:
        """Start the phones of agents with one habit: answers, hasty, declines, rings; or far_end. Return their
        port."""
        text = {
            "answers": (SCENARIOS / "agent.xml").read_text(),
            "hasty": (SCENARIOS / "agent.xml").read_text().replace("[34]", "9"),
            "declines": _REFUSES,
            "rings": _RINGS,
            "far_end": (SCENARIOS / "far_end.xml").read_text(),
        }[habit]
        seconds = HASTY_S if habit == "hasty" else TALK_S
        port = next(self._phones_ports)
        self._phones[habit] = self._start(habit, port, text, ["-d", str(int(seconds * 1000))])
        return port

    async def restart(self, habit: str) -> None:
        """These phones lose power, and start again without a memory of their calls."""
        command, process = self._phones[habit]
        await stop_child(process, signal.SIGKILL, timeout_s=5)
        self._phones[habit] = command, self._begin(command, self._directory / f"{habit}.screen")

    def call(self, callers: Callers, count: int, rate: float, target: str) -> None:
        """Have so many call at this rate a second."""
        text = (SCENARIOS / "caller.xml").read_text()
        # SIPp takes the time of the first of several messages that may come.
        patience = f'optional="true" timeout="{int(callers.patience_s * 1000)}" ontimeout="leaves"'
        end = text.index('  <label id="end"/>')
        text = (
            text[:end].replace(_TALKS, _TALKS.replace('optional="true"', patience))
            + '  <nop hide="true" next="end"/>\n'
            + _LEAVES
            + text[end:]
        )
        who = [self._number(callers.prefix) for _ in range(count)]
        name = f"{callers.name}-{who[0][1:]}"
        people = self._directory / f"{name}.csv"
        people.write_text("SEQUENTIAL\n" + "".join(f"{number};{callers.dialled}\n" for number in who))
        options = ["-inf", str(people), "-m", str(count), "-r", str(rate), "-l", str(max(count, 1)), target]
        self._start(name, next(self._ports), text, options)

    def _number(self, prefix: str) -> str:
        """Return a mobile number of Korea in E.164, another one for each call."""
        digits = len("+821012345678") - len(prefix)
        return f"{prefix}{next(self._called):0{digits}}"

    def _start(self, name: str, port: int, scenario: str, options: Sequence[str]) -> tuple[list[str], Process]:
        file, log = self._directory / f"{name}.xml", self._directory / f"{name}.log"
        file.write_text(scenario)
        log.touch()
        command = [find_sipp(), "-sf", str(file), "-i", LOOPBACK, "-p", str(port), "-mi", LOOPBACK]
        command += ["-mp", str(port + PORTS), "-nostdin", "-trace_logs", "-log_file", str(log), *options]
        return command, self._begin(command, log.with_suffix(".screen"))

    def _begin(self, command: list[str], screen: Path) -> Process:
        process = start_child(command, directory=self._directory, log=screen)
        self._running.append(process)
        return process
