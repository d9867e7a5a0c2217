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
STEP_ROOMS = [
    Room("after-talk", agents=1, steps=AFTER_TALK),
    *(Room(f"callback-{how}", outbound=True, steps=CALLBACK) for how in ("own", "star", "killed")),
]
