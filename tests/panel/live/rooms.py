"""Which rooms the panel's tests work in. A room is used by one scenario at a time."""

from tests.support.rooms import Room

AT_ONCE = 4
"""Scenarios side by side: each is a page of its own."""

SHORT_S = 2.0
"""A pickup time that is over soon."""

CALLS = [
    "login",
    "status",
    "hold",
    "hold-phone",
    "keypad",
    "forced",
    "keyboard",
    "hostile",
    "ticket",
    "draft",
    "reload",
    "tabs",
    "cut",
    "moved",
    "unreachable",
    "secrets",
    "korean",
]
TOGETHER = [
    "transfer-direct",
    "transfer-frequent",
    "transfer-agents",
    "transfer-queues",
    "consult",
    "consult-busy",
    "consult-leaves",
    "handed-over",
]
MUTED = ["mute-reload", "mute-tab", "mute-network", "mute-unknown"]
OUT = ["day", "my-day", "out", "out-busy", "embedded", "embedded-far", "embedded-not"]

ROOMS = [
    *(Room(name) for name in CALLS),
    *(Room(name, agents=2, outbound=True, return_queue=True) for name in TOGETHER),
    *(Room(name, outbound=True) for name in OUT),
    Room("headed", agents=2, heads=1),
    Room("answer", answer="auto"),
    Room("browser", answer="browser", pickup_time_s=20),
    Room("browser-out", answer="browser", outbound=True),
    *(Room(name, answer="browser", pickup_time_s=20) for name in MUTED),
    Room("decline"),
    Room("missed", pickup_time_s=SHORT_S),
    Room("caller-leaves"),
]
