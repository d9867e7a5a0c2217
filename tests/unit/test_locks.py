"""The lock of an installation: a part of the tests' own lock, with what the program needs and nothing of the tests."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
BUILD_ONLY = {"setuptools"}


def pinned(name: str) -> dict[str, str]:
    found = re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE)
    return dict(found)


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=~! ]", requirement)[0] for requirement in requirements}


def test_an_installation_gets_the_versions_that_the_tests_had() -> None:
    ours, tested = pinned("requirements-install.lock"), pinned("requirements.lock")
    assert {name: version for name, version in ours.items() if tested.get(name) != version}.keys() <= BUILD_ONLY


def test_it_has_all_that_the_program_needs_and_nothing_of_the_tests() -> None:
    ours, optional = set(pinned("requirements-install.lock")), PROJECT["project"]["optional-dependencies"]
    assert names(PROJECT["project"]["dependencies"]) | {"uvloop", *BUILD_ONLY} <= ours
    assert not ours & names(optional["dev"] + optional["local"])


def test_every_package_has_hashes() -> None:
    text = (ROOT / "requirements-install.lock").read_text()
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=[a-z])", text) if "==" in entry)
