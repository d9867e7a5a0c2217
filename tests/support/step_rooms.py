"""Rooms whose first number leads through the steps of a scenario, as they stand in a configuration."""

from tests.support.house import ADDRESS
from tests.support.rooms import HOLIDAYS_FILE, HOUSE_FILE, THESE_DAYS, Room

BYE = """
[scenarios.steps.bye]
do = "hangup"
sound = "sound:tests/all-busy"
"""
ALL_WEEK = "[hours.week]\n" + "\n".join(
    f'{day} = ["00:00-24:00"]' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
)
CALLBACK = f"""
[scenarios.steps.wait]
do = "queue"
queue = "FIRST"
keys = {{ 1 = "call-me" }}
longest_wait = "bye"
[scenarios.steps.call-me]
do = "callback"
wait_s = 3
next = "bye"
otherwise = "wait"
{BYE}"""
AFTER_TALK = f"""
[scenarios.steps.wait]
do = "queue"
queue = "FIRST"
longest_wait = "bye"
after_talk = "rate"
[scenarios.steps.rate]
do = "menu"
sound = "sound:tests/greeting"
keys = {{ 1 = "bye" }}
wait_s = 3
tries = 1
otherwise = "bye"
{BYE}"""


def duty(name: str, *settings: str) -> Room:
    """A step transfers to a number of the room's own, and else the caller waits in the queue."""
    lines = "\n".join(settings)
    steps = f"""
[scenarios.steps.duty]
do = "transfer"
number = "{DUTY[name]}"
failed = "wait"
{lines}
[scenarios.steps.wait]
do = "queue"
queue = "FIRST"
longest_wait = "bye"
{BYE}"""
    return Room(name, outbound=True, steps=steps)


DUTY = {
    f"duty-{how}": f"+82106000000{number}"
    for number, how in enumerate(("taken", "busy", "mailbox", "most", "ringing", "confirming", "talking"))
}
"""The numbers to which rooms transfer."""
COLLEAGUE = f"""
[scenarios.steps.duty]
do = "transfer"
agent = "duty-agent-2"
ring_s = 5
failed = "wait"
[scenarios.steps.wait]
do = "queue"
queue = "FIRST"
longest_wait = "bye"
{BYE}"""
IVR = """
[tests-ivr]
exten => s,1,Playback(tests/warning)
 same => n,Goto(cti-back,sales,1)
exten => slow,1,Playback(tests/warning&tests/warning&tests/warning&tests/warning)
 same => n,Goto(cti-back,sales,1)
exten => T,1,Goto(cti-back,time,1)
"""
"""A context of the house's own."""


def dialplan(name: str, *settings: str) -> Room:
    """A step hands the call to the dialplan. The word sales leads to the queue, anything else to an end."""
    lines = "\n".join(settings)
    steps = f"""
[scenarios.steps.old]
do = "dialplan"
context = "tests-ivr"
cases = {{ sales = "wait" }}
next = "bye"
{lines}
[scenarios.steps.wait]
do = "queue"
queue = "FIRST"
longest_wait = "bye"
{BYE}"""
    return Room(name, steps=steps)


WAYS = f"""
[scenarios.steps.open]
do = "hours"
hours = "always"
open = "holiday"
closed = "bye"
[scenarios.steps.holiday]
do = "hours"
hours = "holidays"
open = "bye"
closed = "bye"
holiday = "go"
[scenarios.steps.go]
do = "goto"
scenario = "ways-further"
{BYE}
[[scenarios]]
id = "ways-further"
service = "SERVICE"
start = "ask"
[scenarios.steps.ask]
do = "collect"
sound = "sound:tests/greeting"
name = "contract"
digits = [2, 4]
wait_s = 1
tries = 1
next = "bye"
otherwise = "look"
[scenarios.steps.look]
do = "lookup"
url = "{ADDRESS}"
secret_file = "{HOUSE_FILE}"
found = "bye"
none = "which"
error = "bye"
[scenarios.steps.which]
do = "branch"
on = "look.tier"
cases = {{ gold = "bye" }}
otherwise = "leave"
[scenarios.steps.leave]
do = "voicemail"
sound = "sound:tests/warning"
queue = "FIRST"
next = "bye"
otherwise = "shut"
[scenarios.steps.shut]
do = "hours"
hours = "closed"
open = "bye"
closed = "bye"
{BYE}
[[hours]]
id = "always"
timezone = "UTC"
{ALL_WEEK}
[[hours]]
id = "holidays"
timezone = "UTC"
holiday_files = ["{HOLIDAYS_FILE}"]
{ALL_WEEK}
[[hours]]
id = "closed"
timezone = "UTC"
{ALL_WEEK}
[[hours.exceptions]]
name = "these days"
from = "{THESE_DAYS[0]}"
till = "{THESE_DAYS[-1]}"
sound = "sound:tests/forced"
"""
"""The steps through which no other room leads, and those exits of others that nobody takes there."""
KEYS = f"""
[scenarios.steps.hello]
do = "play"
sound = "sound:tests/greeting"
next = "before"
[scenarios.steps.before]
do = "menu"
sound = "sound:tests/warning"
keys = {{ 1 = "during" }}
otherwise = "bye"
[scenarios.steps.during]
do = "menu"
sound = "sound:tests/sentence"
keys = {{ 2 = "after" }}
otherwise = "bye"
[scenarios.steps.after]
do = "menu"
sound = "sound:tests/forced"
keys = {{ 3 = "silence" }}
tries = 2
otherwise = "bye"
[scenarios.steps.silence]
do = "menu"
sound = "sound:tests/greeting"
keys = {{ 4 = "during" }}
wait_s = 2
tries = 2
otherwise = "bye"
{BYE}"""
"""Menus, one for each moment at which a key may come."""
LONG = f"""
[scenarios.steps.one]
do = "menu"
sound = "sound:tests/sentence"
keys = {{ 2 = "two" }}
otherwise = "bye"
[scenarios.steps.two]
do = "menu"
sound = "sound:tests/warning"
keys = {{ 1 = "bye" }}
otherwise = "bye"
{BYE}"""
"""A menu whose message nobody hears to its end."""

STEP_ROOMS = [
    Room("ways", steps=WAYS),
    Room("keys", steps=KEYS),
    Room("killed-after-talk", agents=1, steps=AFTER_TALK.replace("wait_s = 3", "wait_s = 30")),
    *(dialplan(f"dialplan-{how}") for how in ("word", "left")),
    dialplan("dialplan-time", 'extension = "slow"', "most_s = 5"),
    *(dialplan(f"dialplan-{how}", 'extension = "slow"') for how in ("killed", "away")),
    Room("after-talk", agents=1, steps=AFTER_TALK),
    duty("duty-taken"),
    duty("duty-busy"),
    duty("duty-mailbox", "confirm = true"),
    duty("duty-most", "most_s = 5"),
    *(duty(f"duty-{how}", "confirm = true") for how in ("ringing", "confirming", "talking")),
    Room("duty-agent", agents=2, steps=COLLEAGUE),
    *(Room(f"callback-{how}", outbound=True, steps=CALLBACK) for how in ("own", "star", "killed")),
]
