"""``check-config --connect`` on a real Postgres and a real PBX: it says what is wrong where, and changes nothing."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cti_bridge.config.connect import Finding, connect_checks
from cti_bridge.local.asterisk import PrivateAsterisk
from cti_bridge.settings import load_settings

CONFIG = """
[spool]
path = "spool.db"
[asterisk.main]
url = "{url}"
[[services]]
id = "acme"
[[queues]]
id = "support"
service = "acme"
[[scenarios]]
number = "+8225550000"
service = "acme"
queue = "support"
greeting = "sound:{greeting}"
"""


@pytest.fixture(scope="module")
async def pbx() -> AsyncIterator[PrivateAsterisk]:
    async with PrivateAsterisk() as asterisk:
        yield asterisk


async def findings(
    directory: Path, pbx: PrivateAsterisk, database_url: str, *, password: str = "", greeting: str = "cti/welcome"
) -> list[Finding]:
    path = directory / "cti_bridge.toml"
    path.write_text(CONFIG.format(url=pbx.ari_url, greeting=greeting))
    environment = {
        "CTI_BRIDGE_ASTERISK__MAIN__PASSWORD": password or pbx.ari_password,
        "CTI_BRIDGE_DATABASE__URL": database_url,
    }
    return await connect_checks(load_settings(path, environment))


def bad(found: list[Finding]) -> list[str]:
    return [str(finding) for finding in found if not finding.good]


async def test_when_all_is_well_it_names_the_versions(tmp_path: Path, pbx: PrivateAsterisk, database_url: str) -> None:
    found = await findings(tmp_path, pbx, database_url)
    assert bad(found) == []
    assert [finding.text.split()[0] for finding in found] == ["Postgres", "Asterisk"]


async def test_a_wrong_pbx_password_is_said(tmp_path: Path, pbx: PrivateAsterisk, database_url: str) -> None:
    (text,) = bad(await findings(tmp_path, pbx, database_url, password="not-the-password"))
    assert text.startswith("PBX main:")
    assert "password" in text
    assert "not-the-password" not in text


async def test_a_sound_that_the_pbx_lacks_is_named(tmp_path: Path, pbx: PrivateAsterisk, database_url: str) -> None:
    assert bad(await findings(tmp_path, pbx, database_url, greeting="cti/welcme")) == [
        'PBX main: it lacks the sound "cti/welcme"'
    ]


async def test_a_database_that_cannot_be_reached_is_said(tmp_path: Path, pbx: PrivateAsterisk) -> None:
    (text,) = bad(await findings(tmp_path, pbx, "postgresql://nobody@/none?host=/nowhere"))
    assert text.startswith("database: it cannot be used:")
