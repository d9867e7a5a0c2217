"""``check-config --connect`` on a real Postgres and a real PBX: it says what is wrong where, and changes nothing."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cti_bridge.config.connect import Finding, connect_checks
from cti_bridge.local import asterisk_config
from cti_bridge.local.asterisk import AgentPhone, AsteriskSettings, PrivateAsterisk
from cti_bridge.settings import load_settings
from cti_bridge.storage.database import Database, DatabaseUnavailable
from cti_bridge.storage.migrate import migrations
from tests.support.audio import tone, write_wav
from tests.support.configuration import agent
from tests.support.storage import fetch

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

RECORDED = """
[[scenarios]]
number = "+8225550001"
service = "acme"
queue = "support"
greeting = "file:menu.wav"
"""
GERMAN = """
[[scenarios]]
number = "+8225550001"
service = "acme"
queue = "support"
language = "de"
[sounds.languages.de]
on_pbx = true
"""


@pytest.fixture(scope="module")
async def pbx() -> AsyncIterator[PrivateAsterisk]:
    async with PrivateAsterisk() as asterisk:
        yield asterisk


async def findings(
    directory: Path,
    pbx: PrivateAsterisk,
    database_url: str,
    *,
    password: str = "",
    greeting: str = "cti/welcome",
    more: str = "",
) -> list[Finding]:
    path = directory / "cti_bridge.toml"
    path.write_text(CONFIG.format(url=pbx.ari_url, greeting=greeting) + more)
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
        f'PBX main: it lacks the sound "cti/welcme", which {tmp_path}/cti_bridge.toml:{line_of(tmp_path)} names'
    ]


def line_of(directory: Path) -> int:
    lines = (directory / "cti_bridge.toml").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if "welcme" in line)


async def test_a_language_that_the_pbx_is_said_to_have_and_lacks_is_named(
    tmp_path: Path, pbx: PrivateAsterisk, database_url: str
) -> None:
    found = bad(await findings(tmp_path, pbx, database_url, more=GERMAN))
    assert 'PBX main: it lacks the sound "cti/goodbye" in the language "de": callers would hear another one' in found
    assert all('in the language "de"' in text for text in found)


async def test_a_class_of_hold_music_that_the_pbx_lacks_is_named(
    tmp_path: Path, pbx: PrivateAsterisk, database_url: str
) -> None:
    more = '[[queues]]\nid = "jazz"\nservice = "acme"\nmusic = "jazz"\n'
    assert bad(await findings(tmp_path, pbx, database_url, more=more)) == [
        'PBX main: it lacks the class of hold music "jazz" in musiconhold.conf'
    ]
    assert await pbx.command("core show channels concise") == ""


async def test_modules_and_settings_that_harm_calls_where_they_are_missing_are_named(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PBX that was set up before they were wanted."""
    before = tmp_path / "asterisk"
    shutil.copytree(asterisk_config.SOURCE, before)
    unwanted = {
        "modules.conf": ("refer", "dlg_options", "t38", "http_media_cache", "bridge_media"),
        "ari.conf": ("channelvars",),
        "pjsip.conf": ("endpoint_identifier_order",),
    }
    for name, words in unwanted.items():
        lines = (before / "etc" / name).read_text().splitlines()
        wanted = [line for line in lines if not any(word in line.split(";")[0] for word in words)]
        (before / "etc" / name).write_text("\n".join(wanted))
    monkeypatch.setattr(asterisk_config, "SOURCE", before)
    async with PrivateAsterisk() as pbx:
        without = bad(await findings(tmp_path, pbx, database_url))
        write_wav(tmp_path / "menu.wav", tone(500, 0.2))
        found = bad(await findings(tmp_path, pbx, database_url, more=RECORDED))
    named = ("res_pjsip_refer.so", "res_pjsip_dlg_options.so", "res_pjsip_t38.so", "channelvars", "Replaces")
    assert without == found[: len(named)], "without recordings and texts nothing is fetched"
    everything = (*named, "res_http_media_cache.so", "chan_bridge_media.so")
    assert len(found) == len(everything)
    assert all(word in text for word, text in zip(everything, found, strict=True))


@pytest.mark.parametrize(
    ("ours", "changed"),
    [
        ("= header,username", "= username,header"),
        ("deny =", ";deny ="),
        ("match_header = Replaces", "match_header = X"),
    ],
)
async def test_a_pbx_that_refuses_replaces_only_in_part_is_named(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, ours: str, changed: str
) -> None:
    source = tmp_path / "asterisk"
    shutil.copytree(asterisk_config.SOURCE, source)
    settings = source / "etc" / "pjsip.conf"
    assert ours in settings.read_text()
    settings.write_text(settings.read_text().replace(ours, changed))
    monkeypatch.setattr(asterisk_config, "SOURCE", source)
    async with PrivateAsterisk() as pbx:
        (text,) = bad(await findings(tmp_path, pbx, database_url))
    assert "Replaces" in text and "restart" in text


async def test_an_agents_phone_is_looked_for_on_the_pbx(tmp_path: Path, database_url: str) -> None:
    async with PrivateAsterisk(AsteriskSettings(agents=(AgentPhone("1001"),))) as pbx:
        more = agent("a1", "1001") + agent("a2", "1002")
        (text,) = bad(await findings(tmp_path, pbx, database_url, more=more))
    assert text == 'agent a2: the phone "1002" is no endpoint of PBX main, so no call can reach it'


async def test_a_newer_database_that_works_all_the_same_is_said(
    tmp_path: Path, pbx: PrivateAsterisk, database_url: str
) -> None:
    await fetch(
        database_url,
        "insert into cti.migration (component, name, checksum, compatible) values ('bridge', '0090_x.sql', '', '0001')",
    )
    found = await findings(tmp_path, pbx, database_url)
    assert bad(found) == []
    assert "newer than this program, which works with it all the same: bridge/0090_x.sql" in "".join(map(str, found))


async def test_migrations_that_wait_are_said_and_not_applied(
    tmp_path: Path, pbx: PrivateAsterisk, empty_database_url: str
) -> None:
    found = await findings(tmp_path, pbx, empty_database_url)
    assert bad(found) == []
    (text,) = [finding.text for finding in found if finding.text.startswith("not migrated yet: ")]
    assert all(f"{migration.component}/{migration.name}" in text for migration in migrations())
    assert await fetch(empty_database_url, "select 1 from pg_namespace where nspname = 'cti'") == []


async def test_a_database_newer_than_the_program_is_said(
    tmp_path: Path, pbx: PrivateAsterisk, database_url: str
) -> None:
    await fetch(database_url, "insert into cti.migration values ('bridge', '0099_later.sql', '') returning name")
    (text,) = bad(await findings(tmp_path, pbx, database_url))
    assert text.startswith("database: it cannot be used: the database is newer than this program")


async def test_a_user_who_may_not_create_is_said_with_the_grants_and_a_bridge_could_not_use_the_database(
    tmp_path: Path, pbx: PrivateAsterisk, database_url: str
) -> None:
    name = urlsplit(database_url).path.removeprefix("/")
    role = f"reader_of_{name}"
    await fetch(database_url, f"create role {role} login")
    await fetch(database_url, f"grant usage on schema cti to {role}")
    await fetch(database_url, f"grant select, insert, update, delete on all tables in schema cti to {role}")
    as_role = database_url.replace("//cti@", f"//{role}@")
    needs = [f'grant create on database "{name}" to "{role}"', f'grant create on schema cti to "{role}"']
    found = bad(await findings(tmp_path, pbx, as_role))
    assert [text.rpartition(": ")[2] for text in found] == needs
    database = Database(as_role)
    with pytest.raises(DatabaseUnavailable, match="InsufficientPrivilege"):
        async with database.connection():
            pass
    for statement in needs:
        await fetch(database_url, statement)
    assert bad(await findings(tmp_path, pbx, as_role)) == []
    async with Database(as_role).connection() as connection:
        assert await connection.fetchval("select count(*) from cti.call") == 0


async def test_a_database_that_cannot_be_reached_is_said(tmp_path: Path, pbx: PrivateAsterisk) -> None:
    (text,) = bad(await findings(tmp_path, pbx, "postgresql://nobody@/none?host=/nowhere"))
    assert text.startswith("database: it cannot be used:")


@pytest.mark.parametrize(
    ("name", "said"), [("main", 'its systemname "main" is that of PBX main too'), ("second", None)]
)
async def test_of_two_pbxs_each_needs_a_systemname_of_its_own(
    tmp_path: Path, database_url: str, name: str, said: str | None
) -> None:
    first, second = (PrivateAsterisk(AsteriskSettings(systemname=own)) for own in ("main", name))
    async with first, second:
        more = f'[asterisk.second]\nurl = "{second.ari_url}"\npassword = "{second.ari_password}"\n'
        found = bad(await findings(tmp_path, first, database_url, more=more))
    assert [text.partition(";")[0] for text in found] == ([f"PBX second: {said}"] if said else [])


async def test_a_pbx_by_itself_needs_no_systemname(tmp_path: Path, pbx: PrivateAsterisk, database_url: str) -> None:
    assert pbx.settings.systemname == ""
    assert bad(await findings(tmp_path, pbx, database_url)) == []
