"""``cti-bridge pbx-config`` and a real Asterisk: it starts with what was written, and takes a new phone over while it
runs."""

import asyncio
from pathlib import Path

import pytest

from cti_bridge.__main__ import main
from cti_bridge.exit_codes import ExitCode
from cti_bridge.local import asterisk
from cti_bridge.local.asterisk import PrivateAsterisk
from cti_bridge.local.asterisk_config import SOURCE, render
from cti_bridge.pbx_files.passwords import passwords_in
from tests.support.configuration import BASE, agent, configuration
from tests.support.phones import Registrar
from tests.support.raw_sip import RawPhone

PBX = """
[asterisk.main]
url = "{pbx.ari_url}"
[asterisk.main.pbx_config]
sip_listen = "127.0.0.1:{pbx.sip_port}"
http_listen = "127.0.0.1:{http}"
rtp_first = {first}
rtp_last = {last}
trunk_contact = "sip:127.0.0.1:5070"
trunk_match = ["127.0.0.0/8"]
trunk_username = "acme"
trunk_password_file = "trunk.password"
trunk_qualify_s = 0
external_address = "192.0.2.1"
local_nets = ["127.0.0.0/8"]
tones = "kr"
music_directory = "{music}"
"""


def written(directory: Path, pbx: PrivateAsterisk, more: str = "") -> Path:
    """The configuration of a bridge with this PBX."""
    (directory / "trunk.password").write_text("with;semicolon\n")
    music = directory / "music"
    if not music.exists():
        music.mkdir()
        (music / "default").symlink_to(SOURCE / "sounds" / "moh")
    addresses = pbx.addresses
    ports = {"http": addresses.http_port, "first": addresses.rtp_first, "last": addresses.rtp_last}
    section = PBX.format(pbx=pbx, music=music, **ports)
    return configuration(directory, more, base="".join({**BASE, "asterisk": section}.values())) / "cti_bridge.toml"


async def test_asterisk_starts_with_what_was_written_and_takes_a_new_phone_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pbx = PrivateAsterisk(directory=tmp_path / "pbx")
    results: list[int] = []

    def over_it(*arguments: object) -> None:
        """The files of a private Asterisk, and the command's over them."""
        render(*arguments)  # type: ignore[arg-type]
        monkeypatch.setenv("CTI_BRIDGE_ASTERISK__MAIN__PASSWORD", pbx.ari_password)
        results.append(main(["pbx-config", f"--config={written(tmp_path, pbx)}", "--whole", f"--to={etc}"]))

    etc = tmp_path / "pbx" / "etc"
    monkeypatch.setattr(asterisk, "render", over_it)
    async with pbx:  # Would raise when Asterisk had logged an error.
        assert results == [ExitCode.OK]
        registrar = Registrar(pbx.sip_host, pbx.sip_port)
        await register(registrar, etc, "1001")
        assert "trunk-password/acme" in await pbx.command("pjsip show auths")
        assert "with;semicolon" in await pbx.command("pjsip show auth trunk-password")
        path = written(tmp_path, pbx, agent("a2", "1002"))
        changed = await asyncio.to_thread(main, ["pbx-config", f"--config={path}", "--reload", f"--to={etc}"])
        assert changed == ExitCode.OK
        await register(registrar, etc, "1002")


async def register(registrar: Registrar, etc: Path, number: str) -> None:
    """Register with the password that stands in the file. Raises when it is refused."""
    password = passwords_in((etc / "cti" / "agents.conf").read_text())[number]
    async with RawPhone(registrar, number, password, 480) as phone:
        await phone.register()
