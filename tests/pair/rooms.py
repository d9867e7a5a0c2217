"""The rooms of the tests of a pair."""

from tests.support.rooms import Room

POLICY = """
agent_lost_s = 20
hold_reminder_s = 1
"""

ROOMS = [
    Room("states", agents=16, outbound=True, return_queue=True, pickup_time_s=30, mortal=True),
    Room("queue", agents=1),
    Room("deadlines", agents=2, pickup_time_s=8),
    Room("stopped", agents=2, pickup_time_s=30),
    Room("orderly", agents=3),
    Room("cut"),
    Room("soak", agents=6),
]
