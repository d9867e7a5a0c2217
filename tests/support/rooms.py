"""Rooms: a service with queues, numbers and agents of its own, so that scenarios share one bridge and never meet.

A room is declared once and gets its names by its place in the list: the same rooms always have the same configuration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.support.house import ADDRESS, SECRET

MUSIC_HZ, GREETING_HZ, ALL_BUSY_HZ, FORCED_HZ, WARNING_HZ = 200, 250, 300, 350, 400
SENTENCE_HZ, SENTENCE_S = 3500, 6.6
"""What the house says to callers who wait: longer than anybody wants to hear."""
WORD_S = 0.5
SAID_HZ = {"position-1": 3350, "position-2": 3400, "wait-1-2": 3450, "wait-2-5": 3550}
"""Places and waits, as callers are told them, by the names of their sounds."""
PLACES_HZ, PLACE_S = tuple(range(600, 3300, 50)), 0.1
"""Music by which it is heard where it stands: so many tones, each for so long."""
STATES = ("rejected", "confirmed", "new")
PASSWORD = "a password for tests"


HOUSE_FILE = "house.secret"
HOLIDAYS_FILE = "holidays.ics"
THESE_DAYS = [datetime.now(UTC).date() + timedelta(days) for days in (-1, 0, 1, 2)]
"""Today, in whatever zone and however long the tests run."""
HOLIDAYS = "\r\n".join(
    (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:tests",
        *(f"BEGIN:VEVENT\r\nUID:{day}\r\nDTSTART;VALUE=DATE:{day:%Y%m%d}\r\nEND:VEVENT" for day in THESE_DAYS),
        "END:VCALENDAR\r\n",
    )
)
"""All of them are holidays."""


@dataclass(frozen=True)
class Room:
    """What a scenario needs. Priorities: one queue each, each with a number; every agent serves all of them."""

    name: str
    agents: int = 1
    priorities: tuple[int, ...] = (0,)
    answer: str = "phone"
    pickup_time_s: float = 15
    longest_wait_s: float = 60
    greeting: bool = False
    message: bool = False
    """The first number takes messages for the second queue."""
    menu: bool = False
    """Before the queues a menu: 1 leads to the first queue, 2 to the next menu, where 1 leads to the second."""
    values: bool = False
    """Before the first queue digits are asked for, and the house what it knows; who is gold goes first. Without an
    answer of the house a call goes to the second queue."""
    exits: str = ""
    """Settings of the queue, by lines. The number leads to it by a step, which keys leave: 1 to a message and back, 2
    to an end. Its exits are those of the queue; that for nobody at work only where ``no_agents_after_s`` is set, that
    for calls that no queue takes back only where there are calls out."""
    steps: str = ""
    """The steps of the first number, by lines (:mod:`tests.support.step_rooms`). FIRST, SECOND are the queues,
    SERVICE is the service."""
    music: str = "tone"
    inbound: bool = True
    permission: bool = True
    outbound: bool = False
    """CTI-OB, with calling numbers of each state; calls to +82 are allowed."""
    return_queue: bool = False
    """Calls out come back to the first queue."""
    outbound_ticket: str = "on_answer"
    max_outbound_calls: int = 20
    mortal: bool = False
    """Its phones die without a word, which is to be noticed soon."""
    watched: bool = False
    """The PBX looks every second whether its phones are there."""
    warning: bool = False
    """Played to both before a force disconnect."""
    block_s: float = 0
    """After a force disconnect."""
    helped_after_s: float = 0
    """Each agent serves one queue alone, by its place, and the first queue is helped out by the second after so long a
    wait. 0: every agent serves all."""
    english_s: float = 0
    """The first queue asks for English, which the first agent alone speaks, for so long. 0: it does not ask."""
    recorded: str = ""
    """Settings of the recording of conversations, by lines."""
    rights: tuple[str, ...] = ()
    """The rights of its agents."""
    heads: int = 0
    """So many of its agents, the last ones, are supervisors who may monitor."""
    emergency: str = ""
    """What callers hear while the emergency switch of the service is on."""
    last_agent_s: float = 0
    """The first queue waits so long for the agent who talked last with the number."""
    limits: str = ""
    """The settings of [queues.wallboard], as they stand in an inline table."""


@dataclass(frozen=True)
class Seat:
    """Where an agent of a room sits."""

    cti_id: str
    cti_number: str
    sip_password: str


@dataclass(frozen=True)
class Furnished:
    """A room with its names."""

    room: Room
    service: str
    queues: tuple[str, ...]
    numbers: tuple[str, ...]
    seats: tuple[Seat, ...]
    calling: dict[str, str]
    """Calling numbers by state; empty without CTI-OB."""

    @property
    def in_panel(self) -> bool:
        """The agents' phones are in their panels."""
        return self.room.answer == "browser"

    @property
    def calling_number(self) -> str:
        """The one that is confirmed."""
        return self.calling["confirmed"]

    @property
    def number(self) -> str:
        """The number of the first queue."""
        return self.numbers[0]


def furnish(rooms: Sequence[Room]) -> dict[str, Furnished]:
    """Give every room its names, by room."""
    furnished: dict[str, Furnished] = {}
    numbers, phones, calling = 25550000, 1001, 27000000
    for room in rooms:
        if room.name in furnished:
            raise ValueError(f"two rooms are called {room.name}")
        count = len(room.priorities)
        seats = tuple(
            Seat(f"{room.name}-{index + 1}", str(phones + index), f"sip-{room.name}-{index + 1}")
            for index in range(room.agents)
        )
        furnished[room.name] = Furnished(
            room,
            service=f"{room.name}-service",
            queues=tuple(f"{room.name}-queue-{index + 1}" for index in range(count)),
            numbers=tuple(f"+82{numbers + index}" for index in range(count)),
            seats=seats,
            calling={state: f"+82{calling + index}" for index, state in enumerate(STATES)} if room.outbound else {},
        )
        calling += len(STATES)
        numbers, phones = numbers + count, phones + room.agents
    return furnished


def phone_secrets(rooms: Sequence[Furnished]) -> dict[str, str]:
    """Files that the configuration names: the passwords of the phones in panels, the secret of the house, holidays."""
    in_panels = [furnished for furnished in rooms if furnished.in_panel]
    return {HOUSE_FILE: SECRET, HOLIDAYS_FILE: HOLIDAYS} | {
        f"{seat.cti_id}.sip": seat.sip_password for furnished in in_panels for seat in furnished.seats
    }


def to_toml(rooms: Sequence[Furnished], password_hash: str) -> str:
    """The tables of services, queues, scenarios and agents for these rooms."""
    return "\n".join(line for furnished in rooms for line in _tables(furnished, password_hash))


def _tables(furnished: Furnished, password_hash: str) -> list[str]:
    room = furnished.room
    inbound = str(room.inbound).lower()
    lines = ["[[services]]", f'id = "{furnished.service}"', f"inbound = {inbound}", *_outbound(furnished)]
    lines += ['force_disconnect_message = "sound:tests/forced"', f"force_disconnect_block_s = {room.block_s}"]
    lines += [f'force_disconnect_warning = "{"sound:tests/warning" if room.warning else ""}"']
    lines += room.recorded.splitlines()
    lines += ["[services.emergency]", f'message = "{room.emergency}"'] if room.emergency else []
    for state, number in furnished.calling.items():
        lines += ["[[calling_numbers]]", f'number = "{number}"', f'service = "{furnished.service}"']
        lines += [f'state = "{state}"']
    for queue, number, priority in zip(furnished.queues, furnished.numbers, room.priorities, strict=True):
        lines += ["[[queues]]", f'id = "{queue}"', f'service = "{furnished.service}"', f"priority = {priority}"]
        lines += [
            f"pickup_time_s = {room.pickup_time_s}",
            f"longest_wait_s = {room.longest_wait_s}",
            f'music = "{room.music}"',
        ]
        lines += _stages(furnished) if number == furnished.number else []
        lines += [f"wallboard = {{ {room.limits} }}"] if room.limits else []
        if room.exits:
            lines += _with_exits(furnished)
        if has_steps(room) and number == furnished.number:
            continue
        lines += ["[[scenarios]]", f'number = "{number}"', f'service = "{furnished.service}"', f'queue = "{queue}"']
        lines += [f'greeting = "{"sound:tests/greeting" if room.greeting else ""}"']
        lines += ['on_longest_wait = "sound:tests/all-busy"']
    lines += _menus(furnished) if room.menu else []
    lines += _values(furnished) if room.values else []
    lines += _message(furnished) if room.message else []
    lines += _steps(furnished) if room.steps else []
    for index, seat in enumerate(furnished.seats):
        own = furnished.queues[index : index + 1] if room.helped_after_s else furnished.queues
        queues = ", ".join(f'"{queue}"' for queue in own)
        lines += ["[[agents]]", f'cti_id = "{seat.cti_id}"', f'name = "Agent {seat.cti_id}"']
        lines += [f'cti_number = "{seat.cti_number}"', f'password_hash = "{password_hash}"']
        lines += [f'services = ["{furnished.service}"]', f"queues = [{queues}]", f'answer = "{room.answer}"']
        rights = (*room.rights, "monitor") if index >= room.agents - room.heads else room.rights
        lines += [f"rights = [{', '.join(f'{chr(34)}{right}{chr(34)}' for right in rights)}]"]
        lines += ['role = "supervisor"'] if index >= room.agents - room.heads else []
        lines += [f"phone_permission = {str(room.permission).lower()}"]
        lines += ["skills = { english = 5 }"] if room.english_s and not index else []
        lines += [f'sip_password_file = "{seat.cti_id}.sip"'] if furnished.in_panel else []
    return lines


def has_steps(room: Room) -> bool:
    """Whether the first number leads through steps."""
    return bool(room.menu or room.values or room.message or room.exits or room.steps)


def _steps(furnished: Furnished) -> list[str]:
    text = furnished.room.steps
    for word, queue in zip(("FIRST", "SECOND"), furnished.queues, strict=False):
        text = text.replace(word, queue)
    text = text.replace("SERVICE", furnished.service)
    start = text.partition("[scenarios.steps.")[2].partition("]")[0]
    return [*_scenario(furnished, start, {}), *text.splitlines()]


def _stages(furnished: Furnished) -> list[str]:
    room, lines = furnished.room, []
    if room.helped_after_s:
        lines.append(f'overflow = [{{ after_s = {room.helped_after_s}, queues = ["{furnished.queues[1]}"] }}]')
    if room.last_agent_s:
        lines.append(f"last_agent_s = {room.last_agent_s}")
    if room.english_s:
        lines.append(f"needs = [{{ skills = {{ english = 5 }} }}, {{ after_s = {room.english_s}, skills = {{}} }}]")
    return lines


def _menus(furnished: Furnished) -> list[str]:
    first, second = furnished.queues
    steps = {
        "one": ["menu", 'sound = "sound:tests/greeting"', 'keys = { 1 = "first", 2 = "two" }', "wait_s = 1"],
        "two": ["menu", 'sound = "sound:tests/warning"', 'keys = { 1 = "second" }', 'otherwise = "busy"'],
        "first": ["queue", f'queue = "{first}"', 'longest_wait = "busy"'],
        "second": ["queue", f'queue = "{second}"', 'longest_wait = "one"'],
        "busy": ["hangup", 'sound = "sound:tests/all-busy"'],
    }
    steps["one"] += ["tries = 2", 'otherwise = "busy"']
    return _scenario(furnished, "one", steps)


def _values(furnished: Furnished) -> list[str]:
    first, second = furnished.queues
    steps = {
        "ask": ["collect", 'sound = "sound:tests/greeting"', 'name = "contract"', "digits = [2, 4]", "wait_s = 3"],
        "pin": ["collect", 'sound = "sound:tests/warning"', 'name = "pin"', "digits = [8, 8]", "secret = true"],
        "look": ["lookup", f'url = "{ADDRESS}"', f'secret_file = "{HOUSE_FILE}"', 'found = "tier"', 'none = "first"'],
        "tier": ["branch", 'on = "look.tier"', 'cases = { gold = "gold" }', 'otherwise = "first"'],
        "gold": ["set", "priority = 10", 'category = "gold"', 'variables = { origin = "menu" }', 'next = "first"'],
        "first": ["queue", f'queue = "{first}"', 'longest_wait = "busy"'],
        "second": ["queue", f'queue = "{second}"', 'longest_wait = "busy"'],
        "busy": ["hangup", 'sound = "sound:tests/all-busy"'],
    }
    steps["ask"] += ["between_s = 1.5", "tries = 2", 'next = "pin"', 'otherwise = "busy"']
    steps["pin"] += ['next = "look"', 'otherwise = "busy"']
    steps["look"] += ['error = "second"']
    return _scenario(furnished, "ask", steps)


def _message(furnished: Furnished) -> list[str]:
    first, second = furnished.queues
    steps = {
        "leave": ["voicemail", 'sound = "sound:tests/greeting"', f'queue = "{second}"', "most_s = 30", 'next = "bye"'],
        "wait": ["queue", f'queue = "{first}"', 'longest_wait = "bye"'],
        "bye": ["hangup", 'sound = "sound:tests/all-busy"'],
    }
    steps["leave"] += ['otherwise = "wait"']
    return _scenario(furnished, "leave", steps)


def _scenario(furnished: Furnished, start: str, steps: dict[str, list[str]]) -> list[str]:
    name, number = furnished.room.name, furnished.number
    lines = ["[[scenarios]]", f'id = "{name}"', f'numbers = ["{number}"]', f'start = "{start}"']
    lines.append(f'service = "{furnished.service}"')
    for name, (do, *settings) in steps.items():
        lines += [f"[scenarios.steps.{name}]", f'do = "{do}"', *settings]
    return lines


def _with_exits(furnished: Furnished) -> list[str]:
    """The rest of the queue, its hours, and the scenario that leads to it."""
    name, days = furnished.room.name, ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    ends = {"full": "warning", "closed": "forced", "longest_wait": "all-busy"}
    if "no_agents_after_s" in furnished.room.exits:
        ends["no_agents"] = "all-busy"
    if furnished.room.outbound:
        ends["failed"] = "all-busy"
    lines = [*furnished.room.exits.splitlines(), f'hours = "{name}"', "[queues.exits]"]
    lines += [f'{exit_} = "{name}/{exit_.replace("_", "-")}"' for exit_ in ends]
    lines += ["[[hours]]", f'id = "{name}"', 'timezone = "UTC"', "[hours.week]"]
    lines += [f'{day} = ["00:00-24:00"]' for day in days]
    lines += ["[[scenarios]]", f'id = "{name}"', f'numbers = ["{furnished.number}"]', 'start = "wait"']
    lines += [f'service = "{furnished.service}"', "[scenarios.steps.wait]", 'do = "queue"']
    lines += [f'queue = "{furnished.queues[0]}"', 'keys = { 1 = "told", 2 = "full" }']
    lines += ["[scenarios.steps.told]", 'do = "play"', 'sound = "sound:tests/greeting"', 'next = "wait"']
    for exit_, sound in ends.items():
        lines += [f"[scenarios.steps.{exit_.replace('_', '-')}]", 'do = "hangup"', f'sound = "sound:tests/{sound}"']
    return lines


def _outbound(furnished: Furnished) -> list[str]:
    room = furnished.room
    if not room.outbound:
        return ["outbound = false"]
    lines = ["outbound = true", 'allowed_prefixes = ["+82"]', "max_outbound_per_minute = 1000"]
    lines += [f'outbound_ticket = "{room.outbound_ticket}"', f"max_outbound_calls = {room.max_outbound_calls}"]
    return lines + ([f'return_queue = "{furnished.queues[0]}"'] if room.return_queue else [])
