"""``cti-bridge edge-config``: the edge's files from the configuration, and what PBXs behind it get."""

import stat
from pathlib import Path

import pytest

from cti_bridge.__main__ import main
from cti_bridge.edge_files.of_settings import ha1, passwords_in
from cti_bridge.exit_codes import ExitCode
from tests.support.configuration import BASE, ENVIRONMENT, agent, configuration, problems

EDGE = """
[edge]
listen = "192.0.2.10:5060"
trunk = "sip.provider.example:5060"
trunk_match = ["192.0.2.20", "198.51.100.0/28"]
agent_nets = ["10.0.0.0/8"]
database_url_file = "edge.database"
"""
SECOND = '[asterisk.second]\nurl = "http://127.0.0.2:8088/ari"\nsip_address = "192.0.2.12:5060"\npassword = "x"\n'
BEHIND = BASE["asterisk"] + 'sip_address = "192.0.2.11:5060"\n'
REST = "".join(text for name, text in BASE.items() if name != "asterisk")
DATABASE = "postgres://edge:secret-of-postgres@127.0.0.1:5432/cti_bridge"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "edge.database").write_text(f"{DATABASE}\n")


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    made = tmp_path / "etc"
    made.mkdir(mode=0o750)
    return made


def house(directory: Path, more: str = "", *, second: str = SECOND) -> Path:
    return configuration(directory, more, base=BEHIND + second + EDGE + REST)


def write(directory: Path, etc: Path, *options: str, command: str = "edge-config") -> int:
    return main([command, f"--config={directory / 'cti_bridge.toml'}", f"--to={etc}", *options])


def test_the_files_say_where_pbxs_phones_and_trunk_are_and_hold_no_password_but_hashes(
    tmp_path: Path, etc: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = house(tmp_path)
    assert write(directory, etc) == ExitCode.OK
    text = {path.name: path.read_text() for path in etc.rglob("*") if path.is_file()}
    assert text["dispatcher.list"] == ("1 sip:192.0.2.11:5060 0 0 duid=main\n1 sip:192.0.2.12:5060 0 0 duid=second\n")
    assert text["address.list"] == "1 192.0.2.20 32\n1 198.51.100.0 28\n2 10.0.0.0 8\n"
    assert "listen = udp:192.0.2.10:5060\n" in text["edge.cfg"] and DATABASE in text["edge.cfg"]
    password = passwords_in(text["phones.passwords"])["1001"]
    assert ha1("1001", "cti", password) in text["phones"]
    assert not any(password in content for name, content in text.items() if name != "phones.passwords")
    shown = capsys.readouterr().out
    assert "phone 1001: a password was made" in shown and password not in shown and "secret-of" not in shown
    assert "systemctl restart kamailio" in shown
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in etc.rglob("*") if path.is_file()}
    assert modes.pop("phones.passwords") == 0o600
    assert set(modes.values()) == {0o640}


def test_a_second_run_changes_nothing_and_a_pbx_or_a_phone_more_takes_a_reload_alone(
    tmp_path: Path, etc: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = house(tmp_path, second="")
    write(directory, etc)
    first = {path: path.read_text() for path in etc.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert write(directory, etc) == ExitCode.OK
    assert capsys.readouterr().out == f"{etc}: nothing has changed\n"
    house(tmp_path, agent("a2", "1002"))
    assert write(directory, etc, "--diff") == ExitCode.FAILED
    shown = capsys.readouterr().out
    assert "+1 sip:192.0.2.12:5060" in shown and f"{etc / 'cti/phones'}: another one, hidden" in shown
    assert {path: path.read_text() for path in etc.rglob("*") if path.is_file()} == first
    assert write(directory, etc) == ExitCode.OK
    shown = capsys.readouterr().out
    assert "kamcmd dispatcher.reload" in shown and "kamcmd htable.reload phones" in shown and "restart" not in shown
    kept = first[etc / "cti/phones"].splitlines()
    assert set(kept) < set((etc / "cti/phones").read_text().splitlines())
    assert (etc / "cti/edge.cfg").read_text() == first[etc / "cti/edge.cfg"]


def test_a_pbx_that_drains_gets_no_calls(tmp_path: Path, etc: Path) -> None:
    write(house(tmp_path, second=f"{SECOND}drain = true\n"), etc)
    assert (etc / "cti/dispatcher.list").read_text().splitlines()[1].startswith("1 sip:192.0.2.12:5060 4 0 ")


def test_pbxs_behind_the_edge_have_phones_without_a_password_that_the_edge_alone_may_name(
    tmp_path: Path, etc: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = house(tmp_path)
    assert write(directory, etc, "--pbx", "second", command="pbx-config") == ExitCode.OK
    phones, trunk = ((etc / "cti" / name).read_text() for name in ("agents.conf", "trunk.conf"))
    assert "[1001](cti-edge-agent)" in phones and "contact = sip:1001@192.0.2.10:5060\n" in phones
    assert "permit = 192.0.2.10\n" in phones and "match_header" not in phones
    assert "password =" not in phones and "auth =" not in phones
    assert "contact = sip:192.0.2.10:5060\\;to=trunk\n" in trunk and "match = 192.0.2.10\n" in trunk
    assert "context = from-edge" in trunk
    assert "a password was made" not in capsys.readouterr().out


def test_a_phone_in_the_page_registers_with_a_pbx_beside_the_edge(tmp_path: Path, etc: Path) -> None:
    (tmp_path / "1002.password").write_text("of the page\n")
    in_page = agent("a2", "1002", 'answer = "browser"\nsip_password_file = "1002.password"\n')
    url = '[browser_phone]\nurl = "wss://pbx.example.com:8089/ws"\n'
    directory = house(tmp_path, in_page + url)
    assert write(directory, etc, "--pbx", "main", command="pbx-config") == ExitCode.OK
    phones = (etc / "cti/agents.conf").read_text()
    assert "[1002](cti-browser-agent)" in phones and "password = of the page" in phones
    assert "[1001](cti-edge-agent)" in phones
    assert write(directory, etc) == ExitCode.OK
    assert "1002" not in (etc / "cti/phones").read_text()
    assert any("beside the edge" in problem.text for problem in problems(directory))


@pytest.mark.parametrize(
    ("base", "says"),
    [
        (BASE["asterisk"] + EDGE, "needs its sip_address"),
        (BEHIND + EDGE.replace("192.0.2.10:5060", "0.0.0.0:5060"), "name one address"),
        (BEHIND + EDGE.replace("192.0.2.10:5060", "edge.example.com:5060"), "name the address itself"),
        (BEHIND + EDGE.replace('"192.0.2.20", "198.51.100.0/28"', '"0.0.0.0/0"'), "everybody"),
        (
            BEHIND + '[asterisk.main.pbx_config]\ntrunk_contact = "sip:192.0.2.20:5060"\n'
            'trunk_match = ["192.0.2.20"]\n' + EDGE,
            'this is "trunk" of [edge]',
        ),
        (BEHIND + EDGE + agent("a2", "1002", 'node = "main"\n'), "every PBX reaches every phone"),
    ],
)
def test_what_cannot_be_meant_is_said(tmp_path: Path, base: str, says: str) -> None:
    directory = configuration(tmp_path, base=base + REST)
    assert any(says in problem.text for problem in problems(directory))


def test_without_an_edge_or_its_database_nothing_is_written(
    tmp_path: Path, etc: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write(configuration(tmp_path), etc) == ExitCode.WRONG_USE
    assert "there is no [edge]" in capsys.readouterr().err
    without = EDGE.replace('database_url_file = "edge.database"\n', "")
    configuration(tmp_path, base=BEHIND + without + REST)
    assert write(tmp_path, etc) == ExitCode.WRONG_USE
    assert "needs a database_url" in capsys.readouterr().err
    assert not list(etc.iterdir())
