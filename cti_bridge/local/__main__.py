"""``make run``: a private Asterisk, an embedded Postgres and the bridge, on the sample configuration, until Ctrl-C.

Its state stands in ``var/`` (or ``CTI_BRIDGE_VAR``): the passwords made at the first start, the configuration that was
rendered from ``config/``, the database, the spool. A Postgres or a PBX that the environment names is used, and none
prepared in its place.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import socket
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import argon2

from cti_bridge.app import App
from cti_bridge.exit_codes import ExitCode
from cti_bridge.local.asterisk import Addresses, AgentPhone, AsteriskSettings, PrivateAsterisk
from cti_bridge.local.cache import REPOSITORY
from cti_bridge.local.errors import LocalServerError
from cti_bridge.local.farm import PROVIDER, TRUNK, Farm, start_farm
from cti_bridge.local.given import Given
from cti_bridge.local.postgres import EmbeddedPostgres
from cti_bridge.local.secrets import LocalSecrets, local_secrets
from cti_bridge.log import configure_logging
from cti_bridge.log_sink import standard_error
from cti_bridge.running import run_until_over
from cti_bridge.settings import ConfigurationError, Settings, load_settings
from cti_bridge.terminal import OutputFailed, complain, end_output, say

API_PORT, SIP_PORT, HTTP_PORT = 8080, 5060, 8088
RTP_PORTS = 1000
PANEL_AGENT = "a2"
"""The agent of the sample whose phone is in the panel; the others show the two other ways to answer."""
ANY = "0.0.0.0"
PRIVATE_NETWORKS = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
"""RFC 1918, section 3."""
YOURS = "yours, as the environment names it"


_NO_SOURCE = (
    "This runs in the source tree of cti-bridge only, as `make run`. An installed bridge is started with "
    "`cti-bridge run`, and `cti-bridge files` says where the sample configuration and the PBX's files are."
)


def main() -> int:
    arguments = _arguments()
    if arguments.farm and (fault := _no_farm(arguments)):
        complain(fault)
        return ExitCode.WRONG_USE
    if not all((REPOSITORY / part).is_dir() for part in ("config", "asterisk")):
        complain(_NO_SOURCE)
        return ExitCode.WRONG_USE
    arguments.var.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        return asyncio.run(_run(arguments))
    except (ConfigurationError, LocalServerError, OutputFailed, OSError) as error:
        complain(str(error))
        return 1
    except KeyboardInterrupt:
        return 0


def _no_farm(arguments: argparse.Namespace) -> str:
    """Say why there can be no farm; empty: there can."""
    if not arguments.bind.startswith("127."):
        return "FARM=1 is on loopback alone: PBXs, phones and trunk need addresses of their own, which no BIND gives."
    given = Given.by(os.environ)
    if given.postgres or given.pbx:
        return "FARM=1 prepares Postgres and PBXs of its own, and the environment names one."
    return ""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--bind", default="127.0.0.1", help="the address for phones and panel")
    parser.add_argument("--farm", action="store_true", help="two PBXs behind an edge (docs/farm.md), on loopback")
    parser.add_argument("--var", type=Path, default=Path(os.environ.get("CTI_BRIDGE_VAR", REPOSITORY / "var")))
    arguments = parser.parse_args()
    arguments.var = arguments.var.resolve()
    return arguments


async def _run(arguments: argparse.Namespace) -> int:
    var: Path = arguments.var
    given = Given.by(os.environ)
    sample = load_settings(REPOSITORY / "config" / "cti_bridge.toml", _sample_environment())
    passwords = local_secrets(
        var / "secrets.json", [a.cti_number for a in sample.agents], [a.cti_id for a in sample.agents]
    )
    in_panel = {} if given.pbx else _in_panel(arguments.bind, sample)
    environment = {
        "CTI_BRIDGE_SPOOL__PATH": str(var / "spool.db"),
        "CTI_BRIDGE_API__LISTEN": f"{arguments.bind}:{_free_port(arguments.bind, API_PORT)}",
        **given.settings,
    }
    async with AsyncExitStack() as parts:
        sink = parts.enter_context(standard_error())
        postgres = asterisk = farm = None
        if not given.postgres:
            _tell("Preparing Postgres ...")
            postgres = await parts.enter_async_context(EmbeddedPostgres(var / "postgres"))
            environment["CTI_BRIDGE_DATABASE__URL"] = postgres.url
        if arguments.farm:
            assert postgres is not None
            _tell("Preparing two Asterisks and Kamailio ...")
            phones = _phones(sample, passwords, in_panel)
            farm = await start_farm(
                parts, var, postgres.url, phones, passwords.ari, _free_port, partial(_free_port, kind=socket.SOCK_DGRAM)
            )
            environment |= farm.variables | _browser_phone(farm.pbxs["main"], in_panel)
        elif not given.pbx:
            _tell("Preparing Asterisk ...")
            asterisk = await parts.enter_async_context(_private_asterisk(arguments, sample, passwords, in_panel))
            environment |= _pbx_variables(asterisk, in_panel)

        # Once: another hash of the same password is another password to a reload, and logs everybody out.
        hasher = argon2.PasswordHasher()
        hashes = {cti_id: hasher.hash(password) for cti_id, password in passwords.logins.items()}

        def load() -> Settings:
            path = _render_config(var, hashes, passwords, in_panel)
            more = path.parent / "conf.d" / "98-farm.toml"
            _write_private(more, farm.configuration if farm else "")
            return load_settings(path, environment, sounds=True)

        settings = load()
        configure_logging(stream=sink.stream)
        app = await parts.enter_async_context(App(settings, sink, load=load))
        _say_where(settings, app, asterisk, postgres, passwords, farm)
        return await run_until_over(app)


def _phones(sample: Settings, passwords: LocalSecrets, in_panel: Mapping[str, str]) -> list[AgentPhone]:
    return [
        AgentPhone(agent.cti_number, passwords.phones[agent.cti_number], browser=agent.cti_id in in_panel)
        for agent in sample.agents
    ]


def _private_asterisk(
    arguments: argparse.Namespace, sample: Settings, passwords: LocalSecrets, in_panel: Mapping[str, str]
) -> PrivateAsterisk:
    phones = _phones(sample, passwords, in_panel)
    return PrivateAsterisk(
        AsteriskSettings(agents=phones, systemname="main", trunk_match=_customers(arguments.bind)),
        directory=arguments.var / "asterisk",
        addresses=_addresses(arguments.bind),
        ari_password=passwords.ari,
    )


def _pbx_variables(asterisk: PrivateAsterisk, in_panel: Mapping[str, str]) -> dict[str, str]:
    return {
        "CTI_BRIDGE_ASTERISK__MAIN__URL": asterisk.ari_url,
        "CTI_BRIDGE_ASTERISK__MAIN__USERNAME": asterisk.ari_username,
        "CTI_BRIDGE_ASTERISK__MAIN__PASSWORD": asterisk.ari_password,
        **_browser_phone(asterisk, in_panel),
    }


def _browser_phone(asterisk: PrivateAsterisk, in_panel: Mapping[str, str]) -> dict[str, str]:
    return {"CTI_BRIDGE_BROWSER_PHONE__URL": asterisk.browser_phone_url} if in_panel else {}


def _sample_environment() -> dict[str, str]:
    """Return the environment of the sample, with the PBX's password, which the sample itself lacks."""
    return {"CTI_BRIDGE_ASTERISK__MAIN__PASSWORD": "unused"}


def _customers(bind: str) -> str:
    """Return the networks from which callers need no password: this machine, and with ``--bind`` the network of that
    address."""
    if bind.startswith("127."):
        return "127.0.0.0/8"
    return f"127.0.0.0/8,{PRIVATE_NETWORKS}" if bind == ANY else f"127.0.0.0/8,{bind}/24"


def _addresses(bind: str) -> Addresses:
    sip, http = _free_port(bind, SIP_PORT, socket.SOCK_DGRAM), _free_port("127.0.0.1", HTTP_PORT)
    return Addresses(bind, http, sip, 10_000, 10_000 + RTP_PORTS)


def _free_port(address: str, wanted: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """Return the port that people expect, else the next free one."""
    for port in range(wanted, wanted + 200):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port from {wanted} on at {address}")


def _in_panel(bind: str, sample: Settings) -> dict[str, str]:
    """Return the agents whose phone is in the panel: CTI ID → CTI number. A browser gives no microphone to a page of
    another machine without https."""
    here = bind.startswith("127.")
    return {agent.cti_id: agent.cti_number for agent in sample.agents if here and agent.cti_id == PANEL_AGENT}


def _render_config(var: Path, hashes: Mapping[str, str], passwords: LocalSecrets, in_panel: Mapping[str, str]) -> Path:
    """Render the sample configuration, with the agents' passwords of this installation in a file of its own. Return its
    path."""
    directory = var / "config"
    shutil.copytree(REPOSITORY / "config", directory, dirs_exist_ok=True)
    agents = {
        cti_id: f'[[agents]]\ncti_id = "{cti_id}"\npassword_hash = "{password_hash}"\n'
        for cti_id, password_hash in hashes.items()
    }
    for cti_id, cti_number in in_panel.items():
        secret = directory / f"{cti_id}.sip-password"
        _write_private(secret, passwords.phones[cti_number])
        agents[cti_id] += f'answer = "browser"\nsip_password_file = "{secret.name}"\n'
    _write_private(directory / "conf.d" / "99-local.toml", "\n".join(agents.values()))
    return directory / "cti_bridge.toml"


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def _say_where(
    settings: Settings,
    app: App,
    asterisk: PrivateAsterisk | None,
    postgres: EmbeddedPostgres | None,
    passwords: LocalSecrets,
    farm: Farm | None,
) -> None:
    """Print the addresses. None: the environment names the server, and its address may hold a password."""
    host, port = app.address
    _tell(f"\nPanel     http://{host}:{port}/widget/")
    _tell(f"API       http://{host}:{port}/api/v1   (ready: http://{host}:{port}/readyz)")
    _tell(f"Postgres  psql '{postgres.url}'   (schema cti)" if postgres else f"Postgres  {YOURS}")
    if farm is not None:
        _say_farm(settings, farm, passwords)
    elif asterisk is None:
        _tell(f"PBX       {YOURS}\n")
        _say_logins(settings, passwords)
    else:
        _tell(f"SIP       {asterisk.sip_host}:{asterisk.sip_port} UDP\n")
        _say_phones(settings, f"{asterisk.sip_host}:{asterisk.sip_port}", passwords)
        _say_calls_out(asterisk.settings.trunk_contact.removeprefix("sip:"))
    _tell("\nCtrl-C ends everything.\n")


def _say_logins(settings: Settings, passwords: LocalSecrets) -> None:
    _tell("Agents: log in with CTI ID and password; the phones are those that your PBX knows by the CTI numbers")
    for agent in settings.agents:
        login = passwords.logins.get(agent.cti_id, "your own")
        _tell(f"  {agent.cti_id:8} password {login:10}  phone {agent.cti_number:6} {agent.answer}")


def _say_farm(settings: Settings, farm: Farm, passwords: LocalSecrets) -> None:
    for name, pbx in farm.pbxs.items():
        _tell(f"PBX       {name}, ARI {pbx.ari_url}, SIP {pbx.sip_host}:{pbx.sip_port} UDP, for the edge alone")
    _tell(f"Edge      {farm.edge.address} UDP: phones register there, and customers call there from {PROVIDER}\n")
    _say_phones(settings, farm.edge.address, passwords)
    _say_calls_out(TRUNK)
    _tell(f"\nLook at the edge, kill it, drain a PBX: docs/farm.md. Its files are in {farm.edge.log.parent}.")


def _say_phones(settings: Settings, registrar: str, passwords: LocalSecrets) -> None:
    _tell("Agents: log in with CTI ID and password; register a softphone with CTI number and phone password")
    for agent in settings.agents:
        login, phone = passwords.logins[agent.cti_id], f"password {passwords.phones[agent.cti_number]:14}"
        phone = f"{'is in the panel':23}" if agent.answer == "browser" else phone
        _tell(f"  {agent.cti_id:8} password {login:10}  phone {agent.cti_number:6} {phone}  {agent.answer}")
    _tell("\nCustomers: call one of these from any softphone, without registration")
    for number in (number for scenario in settings.scenarios for number in scenario.called):
        _tell(f"  sip:{number}@{registrar}")


def _say_calls_out(trunk: str) -> None:
    """Say how to try a call out: the trunk is whatever listens where the PBX sends it."""
    host, _, port = trunk.partition(":")
    _tell(f"\nCalls out: the trunk is whatever listens at {trunk} UDP. A softphone on that port rings for each")
    _tell("number that is dialled, if it takes calls for any user (else call its user as the number);")
    _tell("or, from Debian's sip-tester, one that answers at once and is silent:")
    _tell(f"  sipp -sn uas -i {host} -p {port}")
    _tell("Then log in, register the agent's phone, and Dial up +82 2-555-0000 in the panel.")


def _tell(line: str) -> None:
    """Print at once: nobody wants to wait for a buffer. Raises OutputFailed."""
    say(line)
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(end_output(main()))
