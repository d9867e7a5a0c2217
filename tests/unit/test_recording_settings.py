"""The recording of conversations in the configuration: a queue before its service, and who is told (K1, K2)."""

from pathlib import Path

import pytest

from cti_bridge.config.at_start import at_start, needs_restart
from cti_bridge.config.problems import Place, Problem
from cti_bridge.domain.model.words import Record
from cti_bridge.settings import Settings, load_settings
from tests.support.configuration import BASE, ENVIRONMENT, configuration, problems


def written(tmp_path: Path, service: str = "", queue: str = "", more: str = "") -> Path:
    tables = BASE | {"services": BASE["services"] + service, "queues": BASE["queues"] + queue, "more": more}
    return configuration(tmp_path, base="".join(tables.values()))


def loaded(tmp_path: Path, service: str = "", queue: str = "", more: str = "") -> Settings:
    return load_settings(written(tmp_path, service, queue, more) / "cti_bridge.toml", ENVIRONMENT)


def told(tmp_path: Path, service: str = "", queue: str = "") -> list[Problem]:
    return [one for one in problems(written(tmp_path, service, queue)) if "record" in one.text]


def test_without_a_word_nothing_is_recorded(tmp_path: Path) -> None:
    directory = loaded(tmp_path).directory()
    service = directory.services["acme"]
    assert (service.record, service.record_must, service.record_notice) == (Record.OFF, False, "")
    assert service.record_pause_most_s == 300
    assert directory.queues["support"].record is None


def test_all_of_it_reaches_the_core_and_the_notice_the_check_of_the_pbx(tmp_path: Path) -> None:
    of_service = (
        'record = "always"\nrecord_must = true\nrecord_notice = "sound:acme/recorded"\nrecord_pause_most_s = 60\n'
    )
    settings = loaded(tmp_path, of_service, 'record = "on_demand"\n')
    service = settings.directory().services["acme"]
    assert (service.record, service.record_must, service.record_pause_most_s) == (Record.ALWAYS, True, 60)
    assert service.record_notice == "sound:acme/recorded" and "sound:acme/recorded" in settings.media()
    assert settings.directory().queues["support"].record is Record.ON_DEMAND


@pytest.mark.parametrize(("of_service", "kept"), [("", 30), ("retention_days = 0\n", 0), ("retention_days = 90\n", 90)])
def test_the_service_says_how_long_its_recordings_are_kept_else_the_house(
    tmp_path: Path, of_service: str, kept: int
) -> None:
    settings = loaded(tmp_path, of_service)
    assert (settings.retention_days("acme"), settings.retention_days("unknown")) == (kept, 30)


@pytest.mark.parametrize("wrong", ['record = "sometimes"\n', "record_pause_most_s = 5\n", "retention_days = -1\n"])
def test_a_value_that_means_nothing_is_refused(tmp_path: Path, wrong: str) -> None:
    found = problems(written(tmp_path, wrong))
    assert [one.severity for one in found if one.severity == "error"] == ["error"]


@pytest.mark.parametrize(
    ("service", "queue", "text"),
    [
        ('record = "always"\n', "", "nobody is told that calls are recorded"),
        ("", 'record = "on_demand"\n', "nobody is told that calls are recorded"),
        ('record_notice = "sound:a/b"\n', "", 'no call of the service is recorded, and "record_notice" does nothing'),
        ("record_pause_most_s = 60\n", "", '"record_pause_most_s" does nothing'),
        (
            'record = "on_demand"\nrecord_must = true\nrecord_notice = "sound:a/b"\n',
            "",
            '"record_must" concerns calls that are always recorded',
        ),
    ],
)
def test_what_is_most_likely_a_mistake_is_warned_of(tmp_path: Path, service: str, queue: str, text: str) -> None:
    (found,) = told(tmp_path, service, queue)
    assert found.severity == "warning" and text in found.text and found.place.line


@pytest.mark.parametrize("queue", ["", 'record = "off"\n', 'record = "on_demand"\n'])
def test_what_is_right_is_not_told_of(tmp_path: Path, queue: str) -> None:
    service = 'record = "always"\nrecord_notice = "sound:a/b"\nrecord_must = true\n'
    assert told(tmp_path, service, queue) == []


# ------------------------------------------------------------------------------- storage


OBJECTS = '[recordings.s3]\nbucket = "recordings"\nendpoint = "https://s3.example.com/"\naccess_key_id = "AKIA1"\n'


def test_a_storage_with_its_secret_from_a_file_which_nothing_shows(tmp_path: Path) -> None:
    directory = written(tmp_path, more=OBJECTS + 'secret_access_key_file = "s3.secret"\nprefix = "cti/talks"\n')
    (directory / "s3.secret").write_text("very-secret\n")
    settings = load_settings(directory / "cti_bridge.toml", ENVIRONMENT)
    at = settings.objects_at()
    assert at is not None and (at.secret_access_key, at.endpoint) == ("very-secret", "https://s3.example.com")
    assert (at.bucket, at.region, at.prefix, at.access_key_id) == ("recordings", "us-east-1", "cti/talks", "AKIA1")
    assert "very-secret" not in repr(settings) + repr(at)
    assert loaded(tmp_path).objects_at() is None


def test_a_storage_with_its_secret_from_the_environment(tmp_path: Path) -> None:
    environment = {**ENVIRONMENT, "CTI_BRIDGE_RECORDINGS__S3__SECRET_ACCESS_KEY": "from-outside"}
    at = load_settings(written(tmp_path, more=OBJECTS) / "cti_bridge.toml", environment).objects_at()
    assert at is not None and at.secret_access_key == "from-outside"


@pytest.mark.parametrize(
    ("more", "severity", "text"),
    [
        (OBJECTS, "error", "this storage has no secret"),
        (OBJECTS + 'secret_access_key = "here"\n', "warning", "better kept in a secret_access_key_file"),
        (OBJECTS + 'secret_access_key_file = "nowhere"\n', "error", "nowhere"),
        (OBJECTS.replace("https://", "https://me:secret@"), "error", "write it as in"),
        (OBJECTS.replace(".com/", ".com/recordings"), "error", "without bucket and key"),
        (OBJECTS + 'prefix = "../up/"\nsecret_access_key = "x"\n', "error", "prefix"),
        (OBJECTS.replace("bucket", "buckett") + 'secret_access_key = "x"\n', "error", "buckett"),
    ],
)
def test_what_is_wrong_with_a_storage_is_said(tmp_path: Path, more: str, severity: str, text: str) -> None:
    found = problems(written(tmp_path, more=more))
    assert [one.text for one in found if one.severity == severity and text in one.text] != [], found


def test_another_storage_takes_a_restart_and_the_refusal_shows_no_secret(tmp_path: Path) -> None:
    before = loaded(tmp_path)
    now = loaded(tmp_path, more=OBJECTS + 'secret_access_key = "very-secret"\n')
    (refused,) = needs_restart(before, now, dict.fromkeys(at_start(now), Place("here")))
    assert "recordings.s3" in refused.text and "very-secret" not in refused.text
