"""Every secret of the configuration can be changed, and the operator's pages say how."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, SecretStr

from cti_bridge.config.at_start import at_start, needs_restart
from cti_bridge.config.problems import Place
from cti_bridge.config.schema.whole import Schema
from cti_bridge.panel_config import panel_config
from cti_bridge.settings import Settings, load_settings
from tests.support.configuration import BASE, ENVIRONMENT, HASH, agent, configuration

OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"
BY_RELOAD = {"agents.password_hash", "agents.sip_password", "browser_phone.ice_servers.credential"}
BY_RESTART = {"database.url", "asterisk.password", "recordings.s3.secret_access_key"}
BY_PBX_CONFIG = {"asterisk.pbx_config.trunk_password", "edge.database_url"}
"""The bridge itself does not use it."""


def secrets(model: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        for kind in kinds(field.annotation):
            if kind is SecretStr:
                yield f"{path}{name}"
            elif isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from secrets(kind, f"{path}{name}.")


def kinds(annotation: Any) -> Iterator[Any]:
    arguments = get_args(annotation)
    if not arguments:
        yield annotation
    for one in arguments:
        yield from kinds(one)


def test_each_secret_is_known_here_and_its_change_is_told() -> None:
    found = set(secrets(Schema))
    assert found == BY_RELOAD | BY_RESTART | BY_PBX_CONFIG
    section = re.split(r"^## ", OPERATING.read_text(), flags=re.MULTILINE)
    (told,) = [text for text in section if text.startswith("Secrets")]
    assert [name for name in found if f"`{name}`" not in told] == []


PHONE = """[browser_phone]
url = "wss://pbx.example.com:8089/ws"
[[browser_phone.ice_servers]]
urls = ["turn:t:3478"]
username = "cti"
credential = "TURN"
[recordings.s3]
bucket = "recordings"
access_key_id = "AKIA"
secret_access_key = "S3"
"""
HOUSE = {**BASE, "agents": agent("a1", "1001", 'queues = ["support"]\nanswer = "browser"\nsip_password = "SIP"\n')}
OTHERS = {
    "agents.password_hash": (HASH, HASH.replace("Zvo50Ic1ywUagFzCn2MCpw", "Zvo50Ic1ywUagFzCn2MCpg")),
    "agents.sip_password": ('"SIP"', '"OTHER"'),
    "browser_phone.ice_servers.credential": ('"TURN"', '"OTHER"'),
    "database.url": ("postgresql://cti:one@h/d", "postgresql://cti:two@h/d"),
    "asterisk.password": ("", ""),
    "recordings.s3.secret_access_key": ('"S3"', '"two"'),
}


def settings(directory: Path, replaced: tuple[str, str] = ("", ""), password: str = "one") -> Settings:
    text = "".join(HOUSE.values()) + PHONE + '[database]\nurl = "postgresql://cti:one@h/d"\n'
    path = configuration(directory, base=text.replace(*replaced)) / "cti_bridge.toml"
    return load_settings(path, {**ENVIRONMENT, "CTI_BRIDGE_ASTERISK__MAIN__PASSWORD": password})


@pytest.mark.parametrize("name", sorted(BY_RELOAD | BY_RESTART))
def test_another_secret_is_taken_by_the_reload_or_refused_with_the_word_restart(name: str, tmp_path: Path) -> None:
    before = settings(tmp_path)
    now = settings(tmp_path, OTHERS[name], "two" if name == "asterisk.password" else "one")
    refused = needs_restart(before, now, dict.fromkeys(at_start(now), Place("here")))
    assert ["restart" in problem.text and "two" not in problem.text for problem in refused] == [True] * (
        name in BY_RESTART
    )
    if name in BY_RELOAD:
        taken = [(one.directory().agents, panel_config(one)) for one in (before, now)]
        assert taken[0] != taken[1]
