"""Rights at a running bridge: a supervisor has what the own role and teams give, until a reload takes it away (L3)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tests.support.configuration import BASE, HASH, agent, configuration
from tests.support.running_bridge import SPOOL, Running, ask, running_bridge

PASSWORD = "correct battery"
QUICK = PasswordHasher(time_cost=5, memory_cost=7_168).hash(PASSWORD)
HOURS = """
[[hours]]
id = "own"
timezone = "Asia/Seoul"
[hours.week]
mon = ["00:00-24:00"]
[[hours]]
id = "shared"
timezone = "Asia/Seoul"
[hours.week]
mon = ["00:00-24:00"]
[[services]]
id = "other"
outbound = false
[[queues]]
id = "theirs"
service = "other"
hours = "shared"
[queues.exits]
closed = "hangup"
"""
EXITS = '[queues.exits]\nclosed = "hangup"\n'
QUEUES = (
    f'[[queues]]\nid = "support"\nservice = "acme"\nhours = "own"\n{EXITS}'
    f'[[queues]]\nid = "sales"\nservice = "acme"\nhours = "shared"\n{EXITS}'
)
DAY, NIGHT = (f'team = "{team}"\nqueues = ["support", "sales"]\n' for team in ("day", "night"))
HEAD = 'role = "supervisor"\nsupervises = ["day"]\n'


def write(directory: Path, head: str = HEAD) -> None:
    agents = agent("a1", "1001", DAY) + agent("a2", "1002", NIGHT) + agent("s1", "1901", head)
    base = {**BASE, "queues": QUEUES, "agents": agents.replace(HASH, QUICK)}
    configuration(directory, SPOOL + HOURS, base="".join(base.values()))


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[Running]:
    write(tmp_path)
    with running_bridge(tmp_path) as running:
        yield running


def token(bridge: Running, cti_id: str) -> str:
    status, answer = ask(bridge, "POST", "/login", body={"cti_id": cti_id, "password": PASSWORD})
    assert status == 200, answer
    return str(answer["token"])


def test_a_right_that_a_reload_takes_away_is_gone_for_the_session_that_is_open(bridge: Running) -> None:
    head = token(bridge, "s1")
    closed = {"state": "closed", "until": None}
    assert ask(bridge, "GET", "/agents/a1/why", head)[0] == 200
    assert ask(bridge, "GET", "/agents/a2/why", head)[1]["code"] == "not_found", "another team"
    status, answer = ask(bridge, "PUT", "/hours/own/override", head, closed)
    assert (status, answer["hours"]["override"]["by"]) == (200, "s1")
    assert ask(bridge, "PUT", "/hours/shared/override", head, closed)[1]["code"] == "others_concerned"

    write(bridge.directory, HEAD.replace("day", "night"))
    assert bridge.command().returncode == 0
    assert ask(bridge, "GET", "/agents/a1/why", head)[1]["code"] == "not_found"
    assert ask(bridge, "GET", "/agents/a2/why", head)[0] == 200

    write(bridge.directory, "")
    assert bridge.command().returncode == 0
    assert ask(bridge, "GET", "/me", head)[0] == 200, "the session goes on"
    assert ask(bridge, "GET", "/agents/a2/why", head)[1]["code"] == "wrong_role"
    assert ask(bridge, "DELETE", "/hours/own/override", head)[1]["code"] == "wrong_role"
