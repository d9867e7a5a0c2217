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
STEP_ROOMS = [
    *(Room(f"callback-{how}", outbound=True, steps=CALLBACK) for how in ("own", "star", "killed")),
]
