"""Who works there, what is configured, and which numbers are called."""

import re
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from cti_bridge.domain.model.announcement import Announcement, Say
from cti_bridge.domain.model.directory import CallingNumber, Directory, Policy, Queue, Service
from cti_bridge.domain.model.number_list import number_list
from cti_bridge.domain.model.numbering import AsTheyCome
from cti_bridge.domain.model.plan import Need, Overflow
from cti_bridge.domain.model.scenario import (
    AskCallback,
    AskLookup,
    Branch,
    Collect,
    Dialplan,
    Enqueue,
    Goto,
    HangUp,
    Menu,
    Play,
    Scenario,
    SetValues,
    Step,
    Transfer,
    Voicemail,
    short_form,
)
from cti_bridge.domain.model.words import Record
from tests.unit.floor import CALLING, NUMBER, agent_entry, directory
from tests.unit.simulation.figures import short_day

REJECTED = "+8225557777"
CALLERS = ("+821012345678", "+821012345679", "+82212345678")
OUTSIDE = ("+82212345678", "+82212345679", "+82212345680")
BAD_NUMBERS = ("+449012345678", "+8210&PJSIP/1002", "911", "")
SALES, OFF, UNKNOWN, MENU = "+8225550001", "+8225550002", "+8225559999", "+8225550003"


class Korean(AsTheyCome):
    """Numbers are what they look like, and those that callers enter are of Korea."""

    def dialed(self, number: str, near: str) -> str | None:
        return f"+82{number[1:]}" if number.startswith("0") else number


def with_menus(rng: Random, queues: Sequence[str]) -> Scenario:
    """Two menus that lead to these queues, and sometimes a message before them; whoever waits too long begins again.
    Some ways lead over steps that carry values."""
    steps = (
        Play("hello", {"next": "one"}, "sound:hello"),
        Menu(
            "one",
            {"1": "first", "2": "two", "9": "leave", "#": "call-me", "0": "duty", "8": "old", "otherwise": "bye"},
            "sound:one",
            wait_s=3,
            tries=2,
            invalid="sound:no",
        ),
        Menu("two", {"1": "ask", "*": "again", "9": "leave", "otherwise": "full"}, "sound:two", wait_s=3, tries=1),
        Goto("again", {"next": "menus/one"}, "menus"),
        *_values(rng, queues),
        Enqueue(
            "first",
            {"2": "call-me", "after_talk": "one", "longest_wait": rng.choice(["one", "look"])},
            queues[0],
        ),
        Enqueue("second", {"longest_wait": "leave"}, queues[-1]),
        Voicemail("leave", {"next": "bye", "otherwise": "one"}, rng.choice(["", "sound:leave"]), 20.0),
        Transfer("duty", {"failed": rng.choice(["first", "colleague"])}, OUTSIDE[0], "", 20, rng.random() < 0.5, 60),
        Transfer("colleague", {"failed": "second"}, "", "a4", 15, only_ready=rng.random() < 0.5),
        Dialplan("old", {"next": "one", "sales": "second"}, "acme-ivr", "s", 30),
        AskCallback("call-me", {"next": rng.choice(["bye", "second"]), "otherwise": "first"}, "", 3, 2),
        HangUp("bye", {}, "sound:bye"),
    )
    kept = {step.name: step for step in steps}
    start = rng.choice(
        ["hello", "one", "two", "first", "ask", "ask", "pin", "leave", "call-me", "duty", "colleague", "old"]
    )
    for name in ("hello", "two", "gold"):
        if name != start and rng.random() < 0.3:
            del kept[name]
    return Scenario("menus", "acme", (MENU,), start, kept)


def _values(rng: Random, queues: Sequence[str]) -> tuple[Step, ...]:
    """Digits, one of them secret, a lookup, and branches by what it says, by the number and by a queue."""
    number = Collect("ask", {"next": "pin", "otherwise": "full"}, "sound:ask", "contract", 1, 3, 3, 2, 2)
    return (
        replace(number, confirm=rng.random() < 0.3),
        Collect("pin", {"next": "look", "otherwise": "who"}, "sound:pin", "pin", 2, 2, 3, 2, 2, secret=True),
        AskLookup("look", {"found": "rank", "none": "who", "error": "who"}, rng.choice([0.1, 1.5, 3.0])),
        Branch("rank", {"gold": "gold", "otherwise": "full"}, "look.tier", ("gold",)),
        SetValues("gold", {"next": "second"}, 7, {}, "gold", "en", {"origin": "look"}),
        Branch("who", {"vip": "gold", "otherwise": "marked"}, "number", ("vip",)),
        Branch("marked", {"any": "bye", "otherwise": "second"}, "mark", ("any",)),
        Branch("full", {"1": "second", "otherwise": "first"}, "queue.waiting", ("1",), queues[0]),
    )


LISTS = {
    "vip": number_list("vip", ["+82212345678"], priority=3),
    "nobody": number_list("nobody", ["+81*"], refuses=True),
}


def with_stages(rng: Random, house: Directory) -> Directory:
    """On some days agents need skills, queues help each other out, waits raise the priority, and there are backups."""
    if rng.random() < 0.5:
        return house
    after_s = rng.choice([5, 20, 40])
    support = replace(
        house.queues["support"],
        needs=rng.choice([(), (Need(0, {"english": 5}), Need(after_s, {"english": 1}), Need(60, {}))]),
        overflow=rng.choice([(), (Overflow(after_s, ("sales",)), Overflow(50, (), 9))]),
    )
    levels = {cti_id: rng.choice([{}, {"english": 1}, {"english": 5}]) for cti_id in house.agents}
    backups = {cti_id: rng.choice([{}, {}, {entry.queues[0]: 30.0}]) for cti_id, entry in house.agents.items()}
    agents = {
        cti_id: replace(entry, skills=levels[cti_id], backup=backups[cti_id]) for cti_id, entry in house.agents.items()
    }
    return replace(house, queues={**house.queues, "support": support}, agents=agents)


def with_announcements(rng: Random, house: Directory) -> Directory:
    """Callers of these queues are told their place, and how long they will wait."""
    told = (
        Announcement(at_s=3, say=(Say.POSITION, Say.WAIT)),
        Announcement(every_s=10, say=(Say.WAIT, Say.POSITION), sounds=("sound:patience",)),
    )
    queues = {
        name: replace(queue, announce=rng.choice([(), told, told]), handle_time_s=rng.choice([0, 20, 90]))
        for name, queue in house.queues.items()
    }
    return replace(house, queues=queues)


def _chance(*of: object) -> Random:
    """Chance that follows from what is configured, and not from where functions lie in memory."""
    return Random(re.sub(r" at 0x[0-9a-f]+", "", repr(of)))


def with_last_agents(house: Directory) -> Directory:
    """On some days queues ask first who has talked with the number before. Which days these are follows from what the
    house is otherwise, so all other days stay as they were."""
    rng = _chance(house.policy, house.queues)
    if rng.random() < 0.5:
        return house
    seconds = {name: rng.choice([0, 3, 20, 40]) for name in house.queues}
    queues = {name: replace(queue, last_agent_s=seconds[name]) for name, queue in house.queues.items()}
    return replace(house, queues=queues)


def with_recordings(house: Directory) -> Directory:
    """On some days conversations are recorded. As above these follow from what the house is otherwise."""
    rng = Random(repr((house.policy, sorted(house.services), house.queues)))
    if rng.random() < 0.5:
        return house
    services = {
        name: replace(
            one, record=rng.choice([Record.ALWAYS, Record.ALWAYS, Record.ON_DEMAND]), record_must=rng.random() < 0.3,
            record_notice=rng.choice(["", "sound:notice"]),
            record_pause_most_s=rng.choice([15, 60]),
        )
        for name, one in house.services.items()
    }  # fmt: skip
    modes = {name: rng.choice([None, None, Record.ON_DEMAND]) for name in house.queues}
    queues = {name: replace(queue, record=modes[name]) for name, queue in house.queues.items()}
    return replace(house, services=services, queues=queues)


def all_recorded(house: Directory) -> Directory:
    """All conversations of the house are recorded, at some of its services from their beginning or not at all."""
    rng = _chance(house.policy, house.services, 2)
    services = {
        name: replace(
            one,
            record=Record.ALWAYS,
            record_must=rng.random() < 0.2,
            record_notice=rng.choice(["", "", "sound:notice"]),
            record_pause_most_s=rng.choice([15, 60]),
        )
        for name, one in house.services.items()
    }
    queues = {name: replace(queue, record=None) for name, queue in house.queues.items()}
    policy = replace(house.policy, cancel_resumes=rng.random() < 0.7)
    return replace(house, services=services, queues=queues, policy=policy)


def random_directory(rng: Random) -> Directory:
    """Five agents in two queues, in all answer modes; the policy differs from day to day."""
    both = ("support", "sales")
    service = Service(
        "acme",
        days=short_day,
        allowed_prefixes=("+82",),
        max_outbound_calls=4,
        outbound_ticket=rng.choice(["on_answer", "on_dial"]),
        return_queue=rng.choice([None, "support"]),
        force_disconnect_message=rng.choice(["", "sound:forced"]),
        force_disconnect_warning=rng.choice(["", "sound:warning", "sound:warning"]),
        force_disconnect_mark_days=rng.choice([0, 0.001, 90]),
        force_disconnect_block_s=rng.choice([0, 0, 60]),
    )
    plain = directory(
        agent_entry(1),
        agent_entry(2),
        agent_entry(3, queues=both, answer="auto"),
        agent_entry(4, queues=both, answer="browser"),
        agent_entry(5, queues=("sales",), answer="browser"),
        policy=Policy(
            after_call=rng.choice(["ticket", "ready", "ask"]),
            after_missed=rng.choice(["business", "ready", "rest"]),
            ticket_processing_limit_s=rng.choice([0, 30]),
            open_ticket=rng.choice(["connect", "ring"]),
            cancel_resumes=rng.random() < 0.3,
            hold_reminder_s=rng.choice([0, 15]),
            force_disconnect_reasons=("threat",),
        ),
        services=(service, Service("shut", days=short_day, inbound=False)),
        queues=(
            Queue("support", "acme", longest_wait_s=90, most_open=rng.choice([2, 200])),
            Queue("sales", "acme", priority=5, pickup_time_s=12),
        ),
        scenarios=(
            short_form(NUMBER, "acme", "support", on_longest_wait="sound:all-busy"),
            short_form(SALES, "acme", "sales", greeting="sound:welcome"),
            short_form(OFF, "shut", "support"),
            with_menus(rng, both),
        ),
    )
    plain = with_recordings(with_last_agents(with_announcements(rng, with_stages(rng, plain))))
    rejected = CallingNumber(REJECTED, "acme", "rejected")
    confirmed = CallingNumber(CALLING, "acme", "confirmed")
    plain = replace(plain, number_lists=LISTS if rng.random() < 0.5 else {})
    return replace(plain, calling_numbers={REJECTED: rejected, CALLING: confirmed}, numbering=Korean())
