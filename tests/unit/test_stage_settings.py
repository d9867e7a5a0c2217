"""Stages of queues in the configuration: taken over as they stand, refused with the line of what is wrong."""

from pathlib import Path

import pytest

from cti_bridge.config.directory import directory
from cti_bridge.domain.model.plan import Need, Overflow
from cti_bridge.settings import load_settings
from tests.support.configuration import BASE, ENVIRONMENT, configuration, problems

QUEUES = """[[queues]]
id = "support"
service = "acme"
needs = [{ skills = { english = 5 } }, { after_s = 60, skills = { english = 1 } }]
overflow = [{ after_s = 90, queues = ["sales"] }, { after_s = 300, priority = 5 }]
[[queues]]
id = "sales"
service = "acme"
"""
SKILLED = BASE["agents"] + "skills = { english = 7 }\n"


def with_(queues: str = QUEUES, agents: str = SKILLED) -> str:
    return "".join({**BASE, "queues": queues, "agents": agents}.values())


def test_stages_are_taken_over_as_they_stand(tmp_path: Path) -> None:
    agents = SKILLED.replace('queues = ["support"]', "queues = { support = 0, sales = 45 }")
    settings = load_settings(configuration(tmp_path, base=with_(agents=agents)) / "cti_bridge.toml", ENVIRONMENT)
    house = directory(settings)
    assert house.queues["support"].needs == (Need(0, {"english": 5}), Need(60, {"english": 1}))
    assert house.queues["support"].overflow == (Overflow(90, ("sales",)), Overflow(300, (), 5))
    (agent,) = house.agents.values()
    assert (agent.queues, agent.skills, agent.backup) == (("support", "sales"), {"english": 7}, {"sales": 45})
    assert house.plans["support"].thresholds == (45, 60, 90, 300) and house.plans["sales"].thresholds == (45,)


def test_the_last_agent_is_taken_over_and_a_wait_without_an_end_is_warned_of(tmp_path: Path) -> None:
    given = "last_agent_s = 15\nlast_agent_days = 30\n"
    path = configuration(tmp_path, base=with_(QUEUES + given)) / "cti_bridge.toml"
    house = directory(load_settings(path, ENVIRONMENT))
    assert [(one.last_agent_s, one.last_agent_days) for one in house.queues.values()] == [(0, 7), (15, 30)]
    assert [each.text for each in problems(path.parent) if "last" in each.text and "agent" in each.text] == []
    (tmp_path / "other").mkdir()
    for wrong, told in (
        ("last_agent_days = 30\n", '"last_agent_days" does nothing'),
        ("last_agent_s = 60\nlongest_wait_s = 60\n", "given to nobody else within longest_wait_s (60)"),
        ("last_agent_s = -1\n", '"last_agent_s" must be at least 0, not -1'),
        ("last_agent_s = 5\nlast_agent_days = 0\n", '"last_agent_days" must be at least 1, not 0'),
    ):
        base = with_(QUEUES + wrong)
        problem = next(one for one in problems(configuration(tmp_path / "other", base=base)) if told in one.text)
        assert problem.place.line is not None
        assert base.splitlines()[problem.place.line - 1].startswith("last_agent"), problem


def in_queues(before: str, now: str) -> tuple[str, str, str]:
    """The queues with a mistake, the agents, and the beginning of the line that holds it."""
    assert before in QUEUES
    line = next(line for line in QUEUES.splitlines() if before in line)
    return QUEUES.replace(before, now), SKILLED, line[:6]


def in_agents(before: str, now: str, line: str = "queues") -> tuple[str, str, str]:
    assert before in SKILLED
    return QUEUES, SKILLED.replace(before, now), line


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (in_queues('["sales"]', '["sale"]'), 'there is no queue "sale"; did you mean "sales"?'),
        (in_queues('["sales"]', '["support"]'), 'queue "support" cannot help itself out'),
        (in_queues("after_s = 60", "after_s = 0"), "the stages stand in the order of after_s"),
        (in_queues("after_s = 300", "after_s = 20"), "the stages stand in the order of after_s"),
        (in_queues("{ skills = { english = 5 } }", "{ after_s = 5, skills = { english = 5 } }"), "begin with after_s"),
        (in_queues('queues = ["sales"]', "queues = []"), "this stage changes nothing"),
        (in_queues("english = 1", "english = 6"), 'this asks for more of "english"'),
        (in_queues("english = 1", "english = 0"), '"english" must be at least 1, not 0'),
        (
            in_agents("skills = { english = 7 }", "", "needs"),
            'no agent of the queue has the skill "english" at level 5',
        ),
        (in_agents("7", "3", "needs"), "the highest level is 3"),
        (in_agents("english = 7", "englisch = 7", "needs"), 'did you mean "englisch"?'),
        (in_agents('["support"]', '"support"'), '"queues" must be a list, not a text'),
        (in_agents('["support"]', "{ suport = 5 }"), 'there is no queue "suport"'),
        (in_agents('["support"]', "{ support = -1 }"), '"support" must be at least 0, not -1'),
        (in_agents('["support"]', '["sup port"]'), "letters, digits and _ . @ - only"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, written: tuple[str, str, str], text: str) -> None:
    queues, agents, line = written
    base = with_(queues, agents)
    problem = next(each for each in problems(configuration(tmp_path, base=base)) if text in each.text)
    assert problem.place.line is not None
    assert base.splitlines()[problem.place.line - 1].startswith(line), problem


def test_a_queue_that_starves_behind_another_is_warned_of(tmp_path: Path) -> None:
    queues = QUEUES.replace(", { after_s = 300, priority = 5 }", "") + "priority = 9\n"
    agents = SKILLED.replace('["support"]', '["support", "sales"]')
    found = [each.text for each in problems(configuration(tmp_path, base=with_(queues, agents)))]
    assert [text for text in found if 'as long as calls wait in "sales"' in text]
    kept = problems(configuration(tmp_path, base=with_(QUEUES + "priority = 9\n", agents)))
    assert not [each for each in kept if "as long as calls wait" in each.text]
