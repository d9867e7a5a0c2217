"""Logs: one event a line, numbers masked and secrets hidden wherever they come from."""

import io
import json
import logging
from typing import Any

import pytest
import structlog

from cti_bridge.log import Format, Level, configure_logging, mask_text

NUMBER = "+8225551234"


def stream(form: Format | None = "json", level: Level = "info") -> io.StringIO:
    out = io.StringIO()
    configure_logging(form, level, out)
    return out


def only(out: io.StringIO) -> dict[str, Any]:
    (line,) = out.getvalue().splitlines()
    event: dict[str, Any] = json.loads(line)
    return event


def test_an_event_is_one_line_of_json_with_its_ids() -> None:
    out = stream()
    structlog.get_logger("x").info("call_arrived", call_id="0193-25", cti_number="1001", waited_s=1.5, node=None)
    event = only(out)
    assert event.pop("at").endswith("Z")
    assert event == {
        "event": "call_arrived",
        "level": "info",
        "call_id": "0193-25",
        "cti_number": "1001",
        "waited_s": 1.5,
        "node": None,
    }


def test_numbers_are_masked_at_any_depth() -> None:
    out = stream()
    fact = {"caller_number": "025551234", "more": [("x", f"to {NUMBER}")], "caller_name": "Kim"}
    structlog.get_logger().warning("odd_fact", customer_number=NUMBER, fact=fact, number="821012345678")
    text = out.getvalue()
    assert "5551" not in text
    assert "1012345" not in text
    assert only(out)["customer_number"] == "+82•••••234"


def test_a_callers_name_that_is_a_number_is_masked_and_any_other_is_not() -> None:
    out = stream()
    structlog.get_logger().warning("odd", legs=[{"caller_name": "0212345678"}], caller_name="Studio 54")
    event = only(out)
    assert (event["legs"], event["caller_name"]) == ([{"caller_name": "021••••678"}], "Studio 54")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"PJSIP/{NUMBER}@trunk", "PJSIP/+82•••••234@trunk"),
        ("sip:821012345678@10.0.0.1", "sip:821••••••678@10.0.0.1"),
        ("postgresql://cti:top-secret@db/cti", "postgresql://cti:[hidden]@db/cti"),
        ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer [hidden]"),
        ("at 2026-11-21T03:00:00.123456Z on 10.0.0.1:8088", "at 2026-11-21T03:00:00.123456Z on 10.0.0.1:8088"),
        ("cti-01932f6e-0000-7000-8000-000000000001-bridge", "cti-01932f6e-0000-7000-8000-000000000001-bridge"),
    ],
)
def test_what_is_private_in_a_text_is_masked_and_nothing_else(text: str, expected: str) -> None:
    assert mask_text(text) == expected


def test_secrets_are_hidden_by_their_name() -> None:
    out = stream()
    structlog.get_logger().info("login", password="top", body={"token": "secret-token", "cti_id": "a1"})
    event = only(out)
    assert event["password"] == "[hidden]"
    assert event["body"] == {"token": "[hidden]", "cti_id": "a1"}


def test_a_traceback_is_masked_and_shows_no_local_variables() -> None:
    out = stream()
    password = "local-secret"
    try:
        raise ValueError(f"bad caller {NUMBER}" + password[:0])
    except ValueError:
        structlog.get_logger().exception("fault")
    text = only(out)["exception"]
    assert "bad caller +82•••••234" in text
    assert "Traceback" in text
    assert "= 'local-secret'" not in text


def test_a_library_writes_in_the_same_form_and_is_masked_too() -> None:
    out = stream()
    logging.getLogger("aiohttp.server").error("no route for %s", NUMBER)
    logging.getLogger("aiohttp.access").info("too much")
    event = only(out)
    assert event["event"] == "no route for +82•••••234"
    assert event["logger"] == "aiohttp.server"
    assert event["level"] == "error"


def test_what_is_below_the_level_is_left_out() -> None:
    out = stream(level="warning")
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    assert only(out)["event"] == "loud"


def test_the_console_is_for_people_and_is_masked_as_well() -> None:
    out = stream("console")
    structlog.get_logger().info("call_arrived", customer_number=NUMBER)
    assert "call_arrived" in out.getvalue()
    assert "customer_number=+82•••••234" in out.getvalue()
    with pytest.raises(json.JSONDecodeError):
        only(out)


def test_without_a_form_what_is_no_terminal_gets_json() -> None:
    out = stream(None)
    structlog.get_logger().info("started")
    assert only(out)["event"] == "started"


def test_an_event_of_many_lines_stays_one_line() -> None:
    out = stream()
    structlog.get_logger().info("odd", name="a\nb\x1b[31m", other=object)
    assert only(out)["name"] == "a\nb\x1b[31m"
