"""The attributes of the session cookie, by how the bridge is reached and who may embed the panel."""

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from cti_bridge.api.cookie import SessionCookie
from cti_bridge.api.origin import Origins

OWN, CRM = "https://cti.example.com", "https://crm.example.com"
STRICT = "SameSite=Strict"
EMBEDDED = "SameSite=None; Secure; Partitioned"

CASES = {
    "loopback": ((), False, STRICT),
    "no TLS, a CRM": ((CRM,), False, STRICT),
    "TLS": ((), True, f"{STRICT}; Secure"),
    "TLS and a CRM": ((CRM,), True, EMBEDDED),
    "TLS, only its own origin": ((OWN,), True, f"{STRICT}; Secure"),
    "a proxy with TLS": ((OWN,), False, f"{STRICT}; Secure"),
    "a proxy with TLS, and a CRM": ((OWN, CRM), False, EMBEDDED),
}


def name_of(scope: str) -> str:
    """Browsers keep ``__Host-`` of this very host and by TLS alone."""
    return "__Host-cti_session" if "Secure" in scope else "cti_session"


def cookie(token: str, origins: tuple[str, ...], with_tls: bool) -> str:
    request = make_mocked_request("POST", "/api/v1/login", headers={"Host": "cti.example.com"})
    response = web.Response()
    SessionCookie(Origins(origins), with_tls=with_tls).set(request, response, token)
    return response.headers["Set-Cookie"]


@pytest.mark.parametrize("case", CASES)
def test_the_cookie_is_as_narrow_as_the_use_allows(case: str) -> None:
    origins, with_tls, scope = CASES[case]
    assert cookie("t0ken", origins, with_tls) == f"{name_of(scope)}=t0ken; Path=/; HttpOnly; {scope}"


@pytest.mark.parametrize("case", CASES)
def test_the_cookie_is_taken_away_within_the_scope_that_it_was_set_in(case: str) -> None:
    origins, with_tls, scope = CASES[case]
    assert cookie("", origins, with_tls) == f"{name_of(scope)}=; Max-Age=0; Path=/; HttpOnly; {scope}"


def test_given_a_page_of_another_site_that_may_use_the_api_then_browsers_send_it_the_cookie_there() -> None:
    request = make_mocked_request("POST", "/api/v1/login", headers={"Host": "cti.example.com"})
    response = web.Response()
    SessionCookie(Origins((), (CRM,)), with_tls=True).set(request, response, "t0ken")
    assert response.headers["Set-Cookie"].endswith(EMBEDDED)


@pytest.mark.parametrize(("name", "found"), [("__Host-cti_session", "t0ken"), ("cti_session", "")])
def test_given_tls_then_a_cookie_that_another_host_of_the_domain_can_set_does_not_count(name: str, found: str) -> None:
    headers = {"Host": "cti.example.com", "Cookie": f"{name}=t0ken"}
    request = make_mocked_request("GET", "/api/v1/me", headers=headers)
    assert SessionCookie(Origins(), with_tls=True).token(request) == found
    assert SessionCookie(Origins((OWN,)), with_tls=False).token(request) == found
    assert SessionCookie(Origins(), with_tls=False).token(request) == ("" if found else "t0ken")
