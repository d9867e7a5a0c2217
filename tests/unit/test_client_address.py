"""Where a request comes from: a proxy that is trusted is believed, and nobody else."""

from types import SimpleNamespace
from typing import Any

import pytest
from multidict import CIMultiDict

from cti_bridge.api.client_address import MOST_TOLD, ClientAddresses, counted_as

PROXY, SECOND, V6_PROXY = "192.0.2.1", "10.1.2.3", "2001:db8:1::1"
TRUSTED = (PROXY, "10.0.0.0/8", "2001:db8:1::/48")
CLIENT, V6_CLIENT = "203.0.113.9", "2001:db8:9::9"


def address(peer: str | None, *headers: tuple[str, str], trusted: tuple[str, ...] = TRUSTED) -> str:
    request: Any = SimpleNamespace(remote=peer, headers=CIMultiDict(headers))
    return ClientAddresses(trusted).of(request)


def listed(*values: str) -> tuple[tuple[str, str], ...]:
    return tuple(("X-Forwarded-For", value) for value in values)


def standard(*values: str) -> tuple[tuple[str, str], ...]:
    return tuple(("Forwarded", value) for value in values)


@pytest.mark.parametrize(
    ("peer", "headers", "expected"),
    [
        (CLIENT, (), CLIENT),
        (PROXY, (), PROXY),
        (PROXY, listed(CLIENT), CLIENT),
        (PROXY, listed(V6_CLIENT), V6_CLIENT),
        (V6_PROXY, listed(V6_CLIENT), V6_CLIENT),
        (V6_PROXY, listed(CLIENT), CLIENT),
        (PROXY, standard(f"for={CLIENT}"), CLIENT),
        (PROXY, standard(f'for="[{V6_CLIENT}]:4711";proto=https;by=192.0.2.1'), V6_CLIENT),
        (PROXY, standard(f"proto=https; FOR={CLIENT}"), CLIENT),
    ],
)
def test_a_trusted_proxy_names_the_client(peer: str, headers: tuple[tuple[str, str], ...], expected: str) -> None:
    assert address(peer, *headers) == expected


@pytest.mark.parametrize("headers", [listed("198.51.100.1"), standard("for=198.51.100.1")])
@pytest.mark.parametrize("peer", [CLIENT, V6_CLIENT, "127.0.0.1"])
def test_nobody_else_is_believed(peer: str, headers: tuple[tuple[str, str], ...]) -> None:
    assert address(peer, *headers) == peer
    assert address(peer, *headers, trusted=()) == peer


@pytest.mark.parametrize(
    "headers",
    [
        listed(f"198.51.100.1, {CLIENT}"),
        listed(f"127.0.0.1,{CLIENT}, {SECOND}"),
        listed("198.51.100.1", CLIENT),
        listed(f"{PROXY}, {CLIENT}, {SECOND}, {V6_PROXY}"),
        listed(f"rubbish, {CLIENT}"),
        listed(", ".join(["198.51.100.1"] * 500 + [CLIENT])),
        standard(f"for=198.51.100.1, for={CLIENT}"),
        standard("for=198.51.100.1", f"for={CLIENT};proto=http"),
        standard(f'for="198.51.100.1, for=198.51.100.2", for={CLIENT}'),
    ],
)
def test_what_the_client_itself_wrote_is_not_believed(headers: tuple[tuple[str, str], ...]) -> None:
    assert address(PROXY, *headers) == CLIENT


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (f"{CLIENT}:4711", CLIENT),
        (f"[{V6_CLIENT}]:4711", V6_CLIENT),
        (f"[{V6_CLIENT}]", V6_CLIENT),
        (f"::ffff:{CLIENT}", CLIENT),
        (f"  {CLIENT}  ", CLIENT),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_the_forms_of_an_address(entry: str, expected: str) -> None:
    assert address(PROXY, *listed(entry)) == expected


@pytest.mark.parametrize(
    "headers",
    [
        *map(
            listed,
            ["", " ", ",", "unknown", "_hidden", "203.0.113", "1.2.3.4.5", "'", "x" * 8000, "203.0.113.9;", "\xff"],
        ),
        *map(
            standard,
            [
                "",
                "for",
                "for=",
                "for=unknown",
                'for="_gazonk"',
                "proto=https",
                'for="unclosed',
                "for=1.2.3.4 for=5.6.7.8",
                "=;,=",
            ],
        ),
    ],
)
def test_what_cannot_be_read_counts_as_the_proxys_own(headers: tuple[tuple[str, str], ...]) -> None:
    assert address(PROXY, *headers) == PROXY


def test_an_entry_that_cannot_be_read_counts_as_that_of_the_proxy_that_passed_it_on() -> None:
    assert address(PROXY, *listed(f"unknown, {SECOND}")) == SECOND


def test_all_are_proxies_then_the_first_of_them() -> None:
    assert address(PROXY, *listed(f"10.9.9.9, {SECOND}")) == "10.9.9.9"


def test_given_both_headers_then_they_must_agree_for_a_proxy_passes_one_of_them_on_as_it_came() -> None:
    assert address(PROXY, *listed(CLIENT), *standard(f"for={CLIENT}")) == CLIENT
    assert address(PROXY, *listed(CLIENT), *standard("for=198.51.100.1")) == PROXY
    assert address(PROXY, *listed("198.51.100.1"), *standard(f"for={CLIENT}")) == PROXY


@pytest.mark.parametrize("peer", ["::ffff:192.0.2.1", "::ffff:c000:201"])
@pytest.mark.parametrize("trusted", [PROXY, "::ffff:192.0.2.0/120"])
def test_an_ipv4_proxy_on_a_socket_for_both_is_the_same_proxy(peer: str, trusted: str) -> None:
    assert address(peer, *listed(CLIENT), trusted=(trusted,)) == CLIENT


@pytest.mark.parametrize("peer", [None, "", "not an address"])
def test_a_socket_without_addresses(peer: str | None) -> None:
    assert address(peer, *listed(CLIENT)) == (peer or "")


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("203.0.113.9", "203.0.113.10", False),
        ("2001:db8:9:1::1", "2001:db8:9:1:ffff::2", True),
        ("2001:db8:9:1::1", "2001:db8:9:2::1", False),
        ("::ffff:203.0.113.9", "203.0.113.9", True),
        ("::ffff:203.0.113.9", "::ffff:203.0.113.10", False),
        ("", "", True),
    ],
)
def test_an_ipv6_client_counts_by_its_64(one: str, other: str, together: bool) -> None:
    assert (counted_as(one) == counted_as(other)) is together


def test_a_forgotten_proxy_is_told_of_once_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(ClientAddresses, "_tell", lambda _, peer: told.append(peer))
    address(CLIENT, *listed("198.51.100.1"))
    assert told == [CLIENT]
    monkeypatch.undo()
    addresses = ClientAddresses(())
    for number in range(2 * MOST_TOLD):
        request: Any = SimpleNamespace(remote=f"10.0.0.{number}", headers=CIMultiDict(listed(CLIENT)))
        addresses.of(request)
    assert len(addresses._told) == MOST_TOLD
