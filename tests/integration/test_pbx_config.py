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
from tests.support.certificates import make_certificate
from tests.support.configuration import BASE, agent, configuration
from tests.support.phones import Phones, Registrar
from tests.support.sip_peer import SipPeer

PBX = """
[asterisk.main]
url = "{pbx.ari_url}"
[asterisk.main.pbx_config]
sip_listen = "127.0.0.1:{pbx.sip_port}"
sip_tls_listen = "127.0.0.1:{tls}"
sip_tls_cert = "{music}/cert.pem"
sip_tls_key = "{music}/key.pem"
phone_audio = "encrypted"
agent_nets = ["127.0.0.0/8"]
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
extra_modules = ["res_clioriginate"]
more = {{ "emergency.conf" = "[tried]\\nexten => 1,1,Answer()\\n same => n,Echo()" }}
music_directory = "{music}"
"""


def tls_port(pbx: PrivateAsterisk) -> int:
    return pbx.addresses.rtp_last


def written(directory: Path, pbx: PrivateAsterisk, more: str = "") -> Path:
    """The configuration of a bridge with this PBX."""
    (directory / "trunk.password").write_text("with;semicolon\n")
    music = directory / "music"
    if not music.exists():
        music.mkdir()
        make_certificate(music, "127.0.0.1")
        (music / "default").symlink_to(SOURCE / "sounds" / "moh")
    addresses = pbx.addresses
    ports = {
        "http": addresses.http_port,
        "first": addresses.rtp_first,
        "last": addresses.rtp_last - 1,
        "tls": tls_port(pbx),
    }
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
        assert await register(registrar, etc, "1001") == 200
        assert "trunk-password/acme" in await pbx.command("pjsip show auths")
        assert "with;semicolon" in await pbx.command("pjsip show auth trunk-password")
        path = written(tmp_path, pbx, agent("a2", "1002"))
        changed = await asyncio.to_thread(main, ["pbx-config", f"--config={path}", "--reload", f"--to={etc}"])
        assert changed == ExitCode.OK
        assert await register(registrar, etc, "1002") == 200
        await encrypted_call(pbx, etc)
        path.write_text(path.read_text().replace('agent_nets = ["127.', 'agent_nets = ["10.'))
        command = ["pbx-config", f"--config={path}", "--reload", f"--to={etc}"]
        assert await asyncio.to_thread(main, command) == ExitCode.OK
        assert await register(registrar, etc, "1002") == 401


async def encrypted_call(pbx: PrivateAsterisk, etc: Path) -> None:
    """A phone by TLS that takes no call without SRTP hears itself; one that does not encrypt gets no call."""
    passwords = passwords_in((etc / "cti" / "agents.conf").read_text())
    async with Phones(Registrar(pbx.sip_host, pbx.sip_port)) as phones:
        phone = await phones.phone("1001", passwords["1001"], tls_port=tls_port(pbx), encrypts=True)
        phone.answers_at_once = True
        await pbx.command("channel originate PJSIP/1001 extension 1@tried")
        call = await phone.incoming()
        await call.established()
        await call.hears(call.tone_hz, for_s=0.1)
        await call.hang_up()
        plain = await phones.phone("1002", passwords["1002"])
        refused = await plain.dial("112")
        await refused.ended()
        assert refused.final_code == 488


async def register(registrar: Registrar, etc: Path, number: str) -> int:
    """Register with the password that stands in the file, and return the answer."""
    password = passwords_in((etc / "cti" / "agents.conf").read_text())[number]
    async with SipPeer.open() as phone:
        phone.server = (registrar.host, registrar.port)
        return await phone.register(number, password)
