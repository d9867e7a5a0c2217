"""What panels are given of the configuration, and that the secrets among it show nowhere."""

from pathlib import Path

import pytest

from cti_bridge.api.own_session import PanelConfig
from cti_bridge.panel_config import panel_config
from cti_bridge.settings import Settings, load_settings
from tests.support.configuration import ENVIRONMENT, agent, configuration

SECRET, TURN = "sip-secret", "turn-secret"
PHONE = '[browser_phone]\nurl = "wss://pbx.example.com:8089/ws"\n'


def load(directory: Path, more: str, **environ: str) -> Settings:
    return load_settings(configuration(directory, more) / "cti_bridge.toml", {**ENVIRONMENT, **environ})


def test_given_nothing_of_it_then_english_own_tickets_and_no_phone(tmp_path: Path) -> None:
    assert panel_config(load(tmp_path, "")) == PanelConfig()


def test_given_all_of_it_then_the_panels_have_it_with_the_secrets_out_of_files(tmp_path: Path) -> None:
    (tmp_path / "1002").write_text(SECRET + "\n")
    (tmp_path / "turn").write_text(TURN + "\n")
    servers = '[[browser_phone.ice_servers]]\nurls = ["stun:stun.example.com"]\n'
    servers += '[[browser_phone.ice_servers]]\nurls = ["turn:t:3478"]\nusername = "u"\ncredential_file = "turn"\n'
    panel = '[panel]\nlanguage = "ko"\nhost_dial = "off"\nticket_url = "https://crm/{ticket_id}?n={customer_number}&c={call_id}"\n'
    more = agent("a2", "1002", 'answer = "browser"\nsip_password_file = "1002"\n') + agent("a3", "1003")
    settings = load(tmp_path, panel + PHONE + servers + more)
    config = panel_config(settings)
    assert [problem for problem in settings.warnings if "password" in problem.text] == []
    assert (config.language, config.host_dial, config.ticket_url[:12]) == ("ko", "off", "https://crm/")
    assert config.phone is not None
    assert (config.phone.origin, config.phone.domain) == ("wss://pbx.example.com:8089", "pbx.example.com")
    assert config.phone.passwords == {"a2": SECRET}
    assert list(config.phone.ice_servers) == [
        {"urls": ["stun:stun.example.com"]},
        {"urls": ["turn:t:3478"], "username": "u", "credential": TURN},
    ]
    assert SECRET not in repr(settings) + str(settings) + repr(config)
    assert TURN not in repr(settings) + repr(config)


@pytest.mark.parametrize(
    ("more", "domain"),
    [('domain = "sip.example.com"\n', "sip.example.com"), ("", "pbx.example.com")],
)
def test_given_a_domain_then_it_else_the_host_of_the_url(more: str, domain: str, tmp_path: Path) -> None:
    phone = panel_config(load(tmp_path, PHONE + more)).phone
    assert phone is not None
    assert phone.domain == domain


def test_given_an_ipv6_host_then_the_sip_domain_has_its_brackets(tmp_path: Path) -> None:
    phone = panel_config(load(tmp_path, '[browser_phone]\nurl = "ws://[::1]:8088/ws"\n')).phone
    assert phone is not None
    assert (phone.domain, phone.origin) == ("[::1]", "ws://[::1]:8088")


def test_given_the_environment_then_it_sets_phone_and_passwords_too(tmp_path: Path) -> None:
    environ = {
        "CTI_BRIDGE_BROWSER_PHONE__URL": "ws://127.0.0.1:8088/ws",
        "CTI_BRIDGE_AGENTS": '[{"cti_id": "a1", "answer": "browser", "sip_password": "' + SECRET + '"}]',
        "CTI_BRIDGE_PANEL__LANGUAGE": "ko",
    }
    settings = load(tmp_path, "", **environ)
    config = panel_config(settings)
    assert settings.warnings == []
    assert config.language == "ko"
    assert config.phone is not None
    assert config.phone.passwords == {"a1": SECRET}
