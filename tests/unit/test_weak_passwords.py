"""Passwords of which no hash is made, and such that look alike and are good."""

import pytest

from cti_bridge.weak_passwords import weakness_of

WEAK = [
    "aaaaaaaa", "11111111", "abababab", "12345678", "123456789012", "87654321", "qwertyuiop", "qwerty1234", "abcdefgh",
    "asdfghjkl1", "password", "Password1!", "passw0rd2024", "Welcome123", "admin1234", "cti-bridge1", "agent007!",
]  # fmt: skip
GOOD = ["correct horse", "Tr0ub4dor&3", "x7#Kp2!qLm", "여름비가 온다 구두", "my agent smith 1999", "1001-blue-kettle"]


@pytest.mark.parametrize("password", WEAK)
def test_what_is_tried_first_is_refused_with_the_reason(password: str) -> None:
    assert "guessed at once" in (weakness_of(password) or "")


@pytest.mark.parametrize("password", GOOD)
def test_what_is_not_is_taken(password: str) -> None:
    assert weakness_of(password) is None
