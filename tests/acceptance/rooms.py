"""Which rooms the acceptance tests work in. A room is used by one scenario at a time."""

from tests.support.rooms import Room

SHORT_S = 1.5
"""A pickup time that is over soon, and still long enough to answer within."""

RACES = [Room(f"race{index}") for index in range(5)]

OUTBOUND = [
    "out-answered",
    "out-early",
    "out-busy",
    "out-failed",
    "out-agent-away",
    "out-cancelled",
    "out-numbers",
    "out-keypad",
    "out-frequent",
    "out-digits",
]
CONVERSATIONS = [
    "hold",
    "hold-key",
    "hold-customer-leaves",
    "hold-agent-leaves",
    "hold-out",
    "consult",
    "consult-outside",
    "consult-cancel",
    "consult-fails",
    "consult-target-leaves",
    "consult-customer-leaves",
    "consult-agent-leaves",
    "consult-late",
    "consult-ringing",
    "consult-ringing-2",
    "consult-ringing-3",
    "consult-refused",
    "consult-out",
    "transfer",
    "transfer-outside",
    "transfer-fails",
    "transfer-gone",
    "transfer-recall",
    "transfer-customer-leaves",
    "transfer-out-fails",
    "transfer-refused",
    "forced",
    "forced-held",
    "forced-out",
    "forced-twice",
]
LOST = ["lost", "lost-over", "lost-customer-leaves", "lost-out"]
RACING = [f"{name}-{index}" for name in ("race-connect", "race-cancel", "race-hang-up", "race-key") for index in (1, 2)]

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
    *(Room(name, agents=1, outbound=True) for name in OUTBOUND),
    Room("out-on-dial", outbound=True, outbound_ticket="on_dial"),
    Room("out-auto", answer="auto", outbound=True),
    Room("out-off"),
    *(Room(name, agents=3, outbound=True, return_queue=True, pickup_time_s=3) for name in CONVERSATIONS),
    *(Room(name, agents=2, outbound=True, return_queue=True, mortal=True) for name in LOST),
    *(Room(name, agents=2, outbound=True, return_queue=True) for name in RACING),
    Room("killed-states", agents=16, outbound=True, return_queue=True, pickup_time_s=30, mortal=True),
    Room("killed-queue", agents=1),
]
