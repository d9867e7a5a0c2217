"""Rooms whose first number leads through the steps of a scenario, as they stand in a configuration."""

from tests.support.rooms import Room

BYE = """
[scenarios.steps.bye]
do = "hangup"
sound = "sound:tests/all-busy"
"""
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


STEP_ROOMS = [
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
