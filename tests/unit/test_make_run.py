"""`make run` is of the source tree: an installed package has neither the sample nor the PBX's files."""

import sys
from pathlib import Path

import pytest

from cti_bridge.exit_codes import ExitCode
from cti_bridge.local import __main__ as local


def test_given_an_installed_package_then_it_is_refused_in_a_sentence_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(local, "REPOSITORY", tmp_path)
    monkeypatch.setattr(sys, "argv", ["make run"])
    monkeypatch.delenv("CTI_BRIDGE_VAR", raising=False)
    assert local.main() == ExitCode.WRONG_USE
    assert "source tree" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
