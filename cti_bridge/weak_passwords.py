"""Passwords that are guessed first."""

import re

LEAST_DIFFERENT = 5
"""The least different characters of a password."""
_ROWS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_RUN = 4
"""The characters in a row of keys or letters that count as one."""
_LEAST_WITHOUT_RUNS = 6
_WORDS = re.compile(
    r"passw[o0]rd|passwort|welcome|willkommen|letmein|admin|administrator|login|changeme|secret|default|master|"
    r"iloveyou|monkey|dragon|football|sunshine|princess|callcenter|callcentre|asterisk|cti.?bridge|agent"
)
"""Words of which passwords are made that are tried first; with digits and signs around them they are no better."""


def weakness_of(password: str) -> str | None:
    """Return the weakness in words, or None."""
    lower = password.lower()
    if len(set(lower)) < LEAST_DIFFERENT:
        return f"This password is guessed at once: it has fewer than {LEAST_DIFFERENT} different characters."
    if _without_runs(lower) < _LEAST_WITHOUT_RUNS:
        return "This password is guessed at once: it is mostly a row of keys, letters or digits."
    rest = _WORDS.sub("", lower)
    if len(re.sub(r"[^a-z]", "", rest)) < 3 and rest != lower:
        return "This password is guessed at once: it is a word that is tried first. Better: several unrelated words."
    return None


def _without_runs(text: str) -> int:
    """Return the length of the text, each run of neighbours counted as one character."""
    length, at = 0, 0
    while at < len(text):
        at += _run(text[at:])
        length += 1
    return length


def _run(text: str) -> int:
    """Return the length of the run at the beginning of the text; 1 when there is none."""
    for row in _ROWS:
        for line in (row * 2, row[::-1] * 2):
            most = next((size for size in range(min(len(text), len(row)), _RUN - 1, -1) if text[:size] in line), 0)
            if most:
                return most
    return 1
