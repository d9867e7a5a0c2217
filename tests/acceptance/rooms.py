"""Which rooms the acceptance tests work in. A room is used by one scenario at a time."""

from tests.support.rooms import Room

SHORT_S = 1.5
"""A pickup time that is over soon, and still long enough to answer within."""

RACES = [Room(f"race{index}") for index in range(5)]

ROOMS = [
    Room("answered", greeting=True),
    Room("auto", answer="auto"),
    Room("missed", agents=2, pickup_time_s=SHORT_S),
    Room("declined", agents=2),
    Room("nobody", agents=1),
    Room("left-waiting"),
    Room("left-ringing"),
    *RACES,
    Room("unregistered", agents=2),
    Room("busy", agents=2),
    Room("refusing", agents=2),
    Room("dropping", agents=2),
    Room("idle", agents=3),
    Room("priorities", priorities=(0, 10)),
    Room("crowd", agents=5),
    Room("longest-wait", longest_wait_s=SHORT_S),
    Room("music", agents=1),
    Room("off", inbound=False),
    Room("hostile"),
    Room("no-permission", permission=False),
    Room("late"),
    Room("killed", agents=3),
    Room("killed-ringing", agents=2, pickup_time_s=4),
    Room("postgres"),
    Room("cut", agents=2),
    Room("silent", agents=2),
    Room("second"),
]
