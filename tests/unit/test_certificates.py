"""The API's certificate: an operator is told before it expires, and afterwards."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cti_bridge.config.certificates import EARLY_S, expires_at, warning
from cti_bridge.metrics import of_certificate
from tests.support.certificates import make_certificate
from tests.support.configuration import configuration, problems

NOW = datetime.now(UTC).replace(microsecond=0)


def configured(directory: Path, expires: datetime) -> Path:
    made = make_certificate(directory, "localhost", expires=expires)
    return configuration(directory, f'[api]\ntls_cert = "{made.cert.name}"\ntls_key = "{made.key.name}"\n')


@pytest.mark.parametrize(
    ("days", "said"),
    [(15, None), (13, "expires on"), (1, "expires on"), (-1, "has expired on"), (-400, "has expired on")],
)
def test_the_check_warns_fourteen_days_before_and_behind(days: int, said: str | None, tmp_path: Path) -> None:
    expires = NOW + timedelta(days=days)
    found = problems(configured(tmp_path, expires))
    assert [(problem.severity, said or "") for problem in found] == ([("warning", said)] if said else [])
    if said:
        assert f"{said} {expires:%Y-%m-%d}" in str(found[0])
        assert str(found[0].place).startswith(str(tmp_path / "cti_bridge.toml"))


def test_its_end_is_read_to_the_second_and_measured(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, "localhost", expires=NOW + timedelta(days=3))
    end = expires_at(made.cert, made.key)
    assert end == (NOW + timedelta(days=3)).timestamp()
    assert [measured.value for measured in of_certificate(end)] == [end]
    assert list(of_certificate(None)) == []


def test_what_is_no_certificate_has_no_end(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, "localhost")
    made.key.write_text("nonsense")
    assert expires_at(made.cert, made.key) is None
    assert warning(None, 0) is None


def test_the_last_moment_counts() -> None:
    assert warning(EARLY_S + 1.0, 0.0) is None
    assert "expires on" in str(warning(float(EARLY_S), 0.0))
    assert "has expired on" in str(warning(0.0, 0.0))
