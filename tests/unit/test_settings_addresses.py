"""Addresses in the configuration that nothing could ever use are refused, in words that hold no secret."""

from pathlib import Path

import pytest

from tests.support.configuration import configuration, problems

UNREADABLE = [
    "cti:Sup3rSecret/x@db.example/cti",
    "cti:Sup3r#Secret@db.example/cti",
    "cti:Sup3rSecret?x@db.example/cti",
    "cti:123/Sup3rSecret@db.example/cti",
    "cti:123?x=Sup3rSecret@db.example/cti",
    "cti:Sup3r@Secret@db.example/cti",
    "cti:Sup3r[Secret@db.example/cti",
    "cti:Sup3rSecret\u2100x@db.example/cti",
    "cti:Sup3rSecret@db.example/cti#",
    "cti:Sup3rSecret@db.example/cti?sslmode",
    "cti:Sup3rSecret@db.example:54x2/cti",
    "cti:Sup3rSecret@db.example:65536/cti",
    "cti:Sup3rSecret@db.example:0/cti",
    "cti:Sup3rSecret@a:5432,b:99999/cti",
    "cti:Sup3rSecret@/cti?host=a&port=54x2",
    "cti:Sup3rSecret@[::1/cti",
]
READABLE = [
    "",
    "postgresql://db.example",
    "postgres://cti@db.example:5432/cti",
    "postgresql://cti:a%2Fb%23c%3Fd%40e@db.example/cti?sslmode=require&application_name=",
    "postgresql://cti:with space:and=colon@db.example/cti",
    "postgresql://cti:x@[2001:db8::1]:5433/cti",
    "postgresql://cti@a:5432,b,[::1]:5434/cti?target_session_attrs=read-write",
    "postgresql://cti@/cti?host=/run/postgresql&port=5433",
    "postgresql:///cti?host=/run/postgresql&user=me@tenant&password=p@ss",
    "postgresql://cti@%2Frun%2Fpostgresql/cti",
    "postgresql:///cti",
]


def in_file(section: str, line: str, directory: Path) -> list[str]:
    return [problem.text for problem in problems(configuration(directory, f"[{section}]\n{line}\n"))]


@pytest.mark.parametrize("address", UNREADABLE)
def test_a_database_address_that_the_driver_cannot_read_is_refused_without_a_part_of_it(
    address: str, tmp_path: Path
) -> None:
    found = in_file("database", f"url = 'postgresql://{address}'", tmp_path)
    assert len(found) == 1
    assert "the address cannot be read" in found[0] and '"%2F" for "/"' in found[0]
    assert not any(part in found[0] for part in ("Sup3r", "Secret", "db.example"))


@pytest.mark.parametrize("address", READABLE)
def test_a_database_address_that_the_driver_can_read_is_taken(address: str, tmp_path: Path) -> None:
    assert in_file("database", f"url = '{address}'", tmp_path) == []


@pytest.mark.parametrize(
    ("origin", "written"),
    [
        ("https://CRM.Example.com", "https://crm.example.com"),
        ("HTTPS://crm.example.com", "https://crm.example.com"),
        ("https://crm.example.com:443", "https://crm.example.com"),
        ("http://crm.example.com:80", "http://crm.example.com"),
        ("https://CRM.example.com:8443", "https://crm.example.com:8443"),
        ("https://crm.example.com:", "https://crm.example.com"),
        ("http://[::1]:80", "http://[::1]"),
        ("https://bücher.example", "xn--"),
    ],
)
def test_an_origin_that_no_browser_sends_is_refused_and_the_right_one_is_shown(
    origin: str, written: str, tmp_path: Path
) -> None:
    found = in_file("api", f"allowed_origins = ['{origin}']", tmp_path)
    assert len(found) == 1
    assert "a browser writes" in found[0] and written in found[0] and f'not "{origin}"' in found[0]


@pytest.mark.parametrize("name", ["allowed_origins", "api_origins"])
@pytest.mark.parametrize("origin", ["https://crm.example.com", "http://crm.example.com:443", "http://[::1]:8080"])
def test_an_origin_as_a_browser_sends_it_is_taken(origin: str, name: str, tmp_path: Path) -> None:
    assert in_file("api", f"{name} = ['{origin}']", tmp_path) == []
    assert "twice" in in_file("api", f"{name} = ['{origin}', '{origin}']", tmp_path)[0]


@pytest.mark.parametrize("origin", ["https://crm.example.com:99999", "https://crm.example.com:x", "https://[::1"])
def test_an_origin_that_cannot_be_is_refused(origin: str, tmp_path: Path) -> None:
    assert len(in_file("api", f"allowed_origins = ['{origin}']", tmp_path)) == 1


@pytest.mark.parametrize(
    "proxy", ["127.0.0.1", "127.0.0.0/8", "::1", "2001:db8::/32', '127.0.0.1", "10.0.0.0/8', '::1"]
)
def test_a_proxy_that_can_be_is_taken(proxy: str, tmp_path: Path) -> None:
    assert in_file("api", f"trusted_proxies = ['{proxy}']", tmp_path) == []


def test_proxies_may_stand_in_the_environment(tmp_path: Path) -> None:
    good, bad = '["127.0.0.1"]', '["127.0.0.1/8"]'
    assert problems(configuration(tmp_path), CTI_BRIDGE_API__TRUSTED_PROXIES=good) == []
    (problem,) = problems(configuration(tmp_path), CTI_BRIDGE_API__TRUSTED_PROXIES=bad)
    assert str(problem.place) == "CTI_BRIDGE_API__TRUSTED_PROXIES"
