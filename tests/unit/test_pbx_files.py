"""``cti-bridge pbx-config``: the PBX's files from the configuration. Passwords are kept, and shown to nobody."""

import stat
from pathlib import Path

import pytest

from cti_bridge.__main__ import main
from cti_bridge.exit_codes import ExitCode
from cti_bridge.pbx_files.passwords import passwords_in
from cti_bridge.pbx_files.reloading import RESTART, commands
from cti_bridge.pbx_files.templates import escaped
from tests.support.configuration import BASE, ENVIRONMENT, PASSWORD, agent, configuration, problems

PHONE_PASSWORD = 'a;b\\;c#"d = e'
TRUNK = """
[asterisk.main.pbx_config]
trunk_contact = "sip:192.0.2.20:5060"
trunk_match = ["192.0.2.20", "sip.provider.example"]
trunk_username = "acme"
trunk_password_file = "trunk.password"
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """The directory of Asterisk's configuration."""
    made = tmp_path / "etc"
    made.mkdir(mode=0o750)
    return made


def write(directory: Path, etc: Path, *options: str) -> int:
    return main(["pbx-config", f"--config={directory / 'cti_bridge.toml'}", f"--to={etc}", *options])


def browser(directory: Path) -> str:
    (directory / "1002.password").write_text(f"{PHONE_PASSWORD}\n")
    return agent("a2", "1002", 'answer = "browser"\nsip_password_file = "1002.password"\n') + (
        '[browser_phone]\nurl = "wss://pbx.example.com:8089/ws"\n'
    )


def test_phones_are_written_with_passwords_given_or_made_and_those_that_are_there_are_kept(
    tmp_path: Path, etc: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = configuration(tmp_path, browser(tmp_path))
    assert write(directory, etc) == ExitCode.OK
    text = (etc / "cti" / "agents.conf").read_text()
    first = passwords_in(text)
    assert first["1002"] == PHONE_PASSWORD
    assert len(first["1001"]) > 20
    assert "[1001](cti-agent)" in text and "[1002](cti-browser-agent)" in text
    shown = capsys.readouterr()
    assert "phone 1001 of a1: a password was made" in shown.out
    assert all(secret not in shown.out + shown.err for secret in (PASSWORD, *first.values()))
    configuration(tmp_path, browser(tmp_path) + agent("a3", "1003"))
    assert write(directory, etc) == ExitCode.OK
    second = passwords_in((etc / "cti" / "agents.conf").read_text())
    assert {number: second[number] for number in first} == first
    assert set(second) == {"1001", "1002", "1003"}
    assert "module reload res_pjsip.so" in capsys.readouterr().out


def test_what_is_written_can_be_read_by_its_group_alone_and_a_second_run_writes_nothing(
    tmp_path: Path, etc: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = configuration(tmp_path)
    assert write(directory, etc, "--whole") == ExitCode.OK
    written = [path for path in etc.rglob("*") if path.is_file()]
    assert {"pjsip.conf", "extensions.conf", "ari.conf", "modules.conf", "trunk.conf"} <= {p.name for p in written}
    assert not (etc / "asterisk.conf").exists()
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o640}
    assert stat.S_IMODE((etc / "cti").stat().st_mode) == 0o750
    capsys.readouterr()
    assert write(directory, etc, "--whole") == ExitCode.OK
    assert capsys.readouterr().out == f"{etc}: nothing has changed\n"
    (etc / "cti" / "agents.conf").chmod(0o644)
    assert write(directory, etc, "--diff") == ExitCode.FAILED
    assert "its mode is to be 0640" in capsys.readouterr().out


def test_the_difference_is_shown_without_secrets_and_nothing_is_written(
    tmp_path: Path, etc: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = configuration(tmp_path)
    write(directory, etc)
    assert write(directory, etc, "--diff") == ExitCode.OK
    before = {path: path.read_text() for path in etc.rglob("*.conf")}
    capsys.readouterr()
    configuration(tmp_path, agent("a2", "1002"))
    monkeypatch.setenv("CTI_BRIDGE_ASTERISK__MAIN__PASSWORD", "another-secret")
    assert write(directory, etc, "--diff") == ExitCode.FAILED
    shown = capsys.readouterr().out
    assert "+[1002](cti-agent)" in shown
    assert "+password = (hidden, a new one)" in shown and "-password = (hidden)" in shown
    assert "another-secret" not in shown and PASSWORD not in shown
    assert {path: path.read_text() for path in etc.rglob("*.conf")} == before


def test_the_trunk_is_written_when_it_is_configured_and_else_left_as_it_is(tmp_path: Path, etc: Path) -> None:
    directory = configuration(tmp_path)
    write(directory, etc)
    trunk = etc / "cti" / "trunk.conf"
    assert all(line.startswith(";") for line in trunk.read_text().splitlines())
    trunk.write_text("[trunk](cti-trunk)\n; mine\n")
    write(directory, etc)
    assert "mine" in trunk.read_text()
    (tmp_path / "trunk.password").write_text("secret;\n")
    configuration(tmp_path, TRUNK)
    write(directory, etc)
    text = trunk.read_text()
    assert "contact = sip:192.0.2.20:5060" in text
    assert "match = 192.0.2.20,sip.provider.example\n" in text
    assert "outbound_auth = trunk-password" in text and "password = secret\\;" in text


def test_emergency_numbers_music_and_lines_of_ones_own_are_the_configurations(tmp_path: Path, etc: Path) -> None:
    more = '[asterisk.main.pbx_config]\nmore = { "rtp.conf" = "turnaddr = turn.example.com" }\n'
    directory = configuration(tmp_path, '[policy]\nemergency_numbers = ["112", "119"]\n' + more)
    configuration(
        tmp_path / "more",
        base=(directory / "cti_bridge.toml")
        .read_text()
        .replace('id = "support"\n', 'id = "support"\nmusic = "jazz"\n'),
    )
    assert write(tmp_path / "more", etc) == ExitCode.OK
    emergency = (etc / "cti" / "emergency.conf").read_text()
    assert [line.split(",")[0] for line in emergency.splitlines() if line.startswith("exten")] == [
        "exten => 112",
        "exten => 119",
    ]
    music = (etc / "cti" / "music.conf").read_text()
    assert "[default]" in music and "directory = /var/lib/asterisk/moh/jazz" in music
    assert (etc / "cti" / "rtp.conf").read_text().endswith("\nturnaddr = turn.example.com\n")


def test_of_several_pbxs_one_is_named_and_has_its_own_phones(
    tmp_path: Path, etc: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CTI_BRIDGE_ASTERISK__SECOND__PASSWORD", PASSWORD)
    more = '[asterisk.second]\nurl = "http://127.0.0.2:8088/ari"\n' + agent("a2", "1002", 'node = "second"\n')
    directory = configuration(tmp_path, more)
    assert write(directory, etc) == ExitCode.WRONG_USE
    assert "--pbx: main, second" in capsys.readouterr().err
    assert write(directory, etc, "--pbx=second") == ExitCode.OK
    assert set(passwords_in((etc / "cti" / "agents.conf").read_text())) == {"1001", "1002"}
    assert write(directory, etc, "--pbx=main") == ExitCode.OK
    assert set(passwords_in((etc / "cti" / "agents.conf").read_text())) == {"1001"}


def test_a_pbx_that_the_files_cannot_describe_is_refused(
    tmp_path: Path, etc: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asterisk = BASE["asterisk"] + 'agent_endpoint = "PJSIP/{cti_number}@edge"\n'
    directory = configuration(tmp_path, base="".join({**BASE, "asterisk": asterisk}.values()))
    assert write(directory, etc) == ExitCode.WRONG_USE
    assert 'agent_endpoint is "PJSIP/{cti_number}@edge"' in capsys.readouterr().err
    assert list(etc.iterdir()) == []


@pytest.mark.parametrize(
    ("table", "more", "said"),
    [
        ("agents", agent("a2", "trunk"), 'a CTI number is "trunk", which is a section of pjsip.conf already'),
        ("agents", agent("a2", "cti-agent"), 'a CTI number is "cti-agent"'),
        ("agents", agent("a2", "transport-ws"), 'a CTI number is "transport-ws"'),
        ("queues", 'music = "general"\n', 'a queue\'s music is "general", which is a section of musiconhold.conf'),
        ("asterisk", 'username = "general"\n', 'ARI\'s username is "general", which is a section of ari.conf'),
    ],
)
@pytest.mark.parametrize("trunk", ["", TRUNK])
def test_a_name_that_a_section_of_the_pbx_has_already_is_refused_for_asterisk_would_read_none_of_the_file(
    table: str, more: str, said: str, trunk: str, tmp_path: Path, etc: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trunk.password").write_text("x\n")
    base = "".join({**BASE, table: BASE[table] + more}.values())
    assert write(configuration(tmp_path, trunk, base=base), etc) == ExitCode.WRONG_USE
    assert said in capsys.readouterr().err
    assert list(etc.iterdir()) == []


def test_a_directory_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert write(configuration(tmp_path), tmp_path / "nowhere") == ExitCode.FAILED
    assert "--to" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('trunk_contact = "sip:192.0.2.1"', '"trunk_contact" needs "trunk_match"'),
        ('https_listen = "0.0.0.0:8089"', '"https_listen" needs "https_cert"'),
        ("rtp_first = 20000", '"rtp_last" must be greater'),
        ('fallback = "PJSIP/1001;x"', "without a semicolon"),
        ('music_directory = "moh"', "an absolute path"),
        ('trunk_match = ["0.0.0.0/0"]', "everybody"),
        ('nonsense = "x"', 'unknown key "nonsense"'),
    ],
)
def test_what_is_wrong_is_said_with_its_line(line: str, text: str, tmp_path: Path) -> None:
    found = problems(configuration(tmp_path, f"[asterisk.main.pbx_config]\n{line}\n"))
    assert any(text in str(problem) for problem in found), found


def test_a_trunk_at_the_address_of_a_proxy_for_browsers_is_warned_of(tmp_path: Path) -> None:
    pbx = '[asterisk.main.pbx_config]\ntrunk_contact = "sip:127.0.0.1"\ntrunk_match = ["127.0.0.0/8"]\n'
    assert problems(configuration(tmp_path, pbx)) == []
    (found,) = problems(configuration(tmp_path, pbx + browser(tmp_path)))
    assert "taken for the trunk" in str(found) and found.severity == "warning"


def test_encrypted_audio_without_tls_is_warned_of(tmp_path: Path) -> None:
    (found,) = problems(configuration(tmp_path, '[asterisk.main.pbx_config]\nphone_audio = "encrypted"\n'))
    assert "keys of the audio" in str(found) and found.severity == "warning"


def test_the_commands_for_what_has_changed_are_named_once() -> None:
    assert commands(["cti/agents.conf", "cti/trunk.conf", "cti/music.conf"]) == [
        "module reload res_pjsip.so",
        "module reload res_musiconhold.so",
    ]
    assert commands(["cti/agents.conf", "cti/transport.conf"]) == [RESTART]
    assert commands([]) == []


@pytest.mark.parametrize("password", [PHONE_PASSWORD, ";", "plain", "\\;", "a\\"])
def test_a_password_is_read_back_as_it_was_written(password: str) -> None:
    assert passwords_in(f"[1](x)\nusername = 1\npassword = {escaped(password)}\n") == {"1": password}
