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
STEP_ROOMS = [
    Room("after-talk", agents=1, steps=AFTER_TALK),
    duty("duty-taken"),
    duty("duty-busy"),
    duty("duty-mailbox", "confirm = true"),
    duty("duty-most", "most_s = 5"),
    *(duty(f"duty-{how}", "confirm = true") for how in ("ringing", "confirming", "talking")),
    Room("duty-agent", agents=2, steps=COLLEAGUE),
    *(Room(f"callback-{how}", outbound=True, steps=CALLBACK) for how in ("own", "star", "killed")),
]
