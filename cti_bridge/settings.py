"""The settings: ``config/cti_bridge.toml``, then ``conf.d/*.toml`` beside it, then the environment, each
above the one before.

:mod:`cti_bridge.config.schema` describes every setting. :mod:`cti_bridge.config.merge` merges the sources.
"""

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import PrivateAttr, ValidationError

from cti_bridge.ari.access import PbxAccess
from cti_bridge.config.at_start import at_start
from cti_bridge.config.checks import check
from cti_bridge.config.complaints import complain
from cti_bridge.config.directory import directory
from cti_bridge.config.environment import read_environment
from cti_bridge.config.files import read_files
from cti_bridge.config.lines import Path as KeyPath
from cti_bridge.config.lookups import lookups
from cti_bridge.config.merge import Merged, merge
from cti_bridge.config.number_lists import number_lists
from cti_bridge.config.opening_hours import opening_hours
from cti_bridge.config.problems import ConfigurationError, Place, Problem, Severity, in_order
from cti_bridge.config.resolve import resolve
from cti_bridge.config.schema.policy import PolicySettings
from cti_bridge.config.schema.process import ApiSettings, DatabaseSettings, NodeSettings, SpoolSettings
from cti_bridge.config.schema.queues import QueueSettings
from cti_bridge.config.schema.scenarios import ScenarioSettings
from cti_bridge.config.schema.services import AgentSettings, CallingNumberSettings, ServiceSettings
from cti_bridge.config.schema.whole import Schema
from cti_bridge.config.sounds import Wanted, make_sounds, provided, wanted_sounds
from cti_bridge.domain.model.directory import Directory
from cti_bridge.domain.model.hours import Hours
from cti_bridge.domain.model.number_list import NumberList
from cti_bridge.lookup.target import Targets
from cti_bridge.recordings.places import ObjectsAt
from cti_bridge.sounds.message import SOUND, sources
from cti_bridge.sounds.provided import Provided

__all__ = [
    "DEFAULT_PATH",
    "INSTALLED_PATH",
    "AgentSettings",
    "ApiSettings",
    "CallingNumberSettings",
    "ConfigurationError",
    "DatabaseSettings",
    "NodeSettings",
    "Place",
    "PolicySettings",
    "Problem",
    "QueueSettings",
    "ScenarioSettings",
    "ServiceSettings",
    "Settings",
    "SpoolSettings",
    "load_settings",
    "settings_path",
    "spool_path",
]

DEFAULT_PATH = Path("config/cti_bridge.toml")
"""The main file in the working directory."""
INSTALLED_PATH = Path("/etc/cti-bridge/cti_bridge.toml")
"""The main file of an installation."""


class Settings(Schema):
    """The whole configuration, checked. Secrets are SecretStr, so no repr and no log shows them."""

    _warnings: list[Problem] = PrivateAttr(default_factory=list)
    _at_start_places: dict[KeyPath, Place] = PrivateAttr(default_factory=dict)
    _sound_places: dict[str, Place] = PrivateAttr(default_factory=dict)
    _hours: dict[str, Hours] = PrivateAttr(default_factory=dict)
    _number_lists: dict[str, NumberList] = PrivateAttr(default_factory=dict)
    _lookups: Targets = PrivateAttr(default_factory=dict)
    _sounds: Wanted = PrivateAttr(default_factory=Wanted)

    @property
    def warnings(self) -> list[Problem]:
        """Settings that are not wrong, and yet hardly meant."""
        return self._warnings

    @property
    def sound_places(self) -> Mapping[str, Place]:
        """The first place of each message, by its name."""
        return self._sound_places

    @property
    def at_start_places(self) -> Mapping[KeyPath, Place]:
        """The places of the settings that count only at a start (:mod:`cti_bridge.config.at_start`)."""
        return self._at_start_places

    def directory(self) -> Directory:
        """Return the part of the configuration that the core knows."""
        return directory(self, self._hours, self._number_lists)

    def pbxs(self) -> list[PbxAccess]:
        """Return the access to each PBX. It holds the password: not for a log."""
        return [
            PbxAccess(
                name,
                node.url,
                node.password.get_secret_value(),
                node.username,
                node.app,
                node.agent_endpoint,
                node.trunk_endpoint,
            )
            for name, node in self.asterisk.items()
        ]

    def lookups(self) -> Targets:
        """Return whom the lookups of scenarios ask. It holds secrets: not for a log."""
        return dict(self._lookups)

    def password_hashes(self) -> dict[str, str]:
        """Return the argon2id hashes by CTI ID. Not for a log."""
        return {agent.cti_id: agent.password_hash.get_secret_value() for agent in self.agents}

    def objects_at(self) -> ObjectsAt | None:
        """Return where recordings are moved to; None: nowhere. It holds a secret: not for a log."""
        found = self.recordings.s3
        if found is None:
            return None
        return ObjectsAt(
            found.bucket,
            found.access_key_id,
            found.secret_access_key.get_secret_value(),
            found.endpoint,
            found.region,
            found.prefix,
        )

    def retention_days(self, service: str) -> int:
        """Return the days for which recordings of the service are kept; 0: for ever."""
        own = next((one.retention_days for one in self.services if one.id == service), None)
        return self.recordings.retention_days if own is None else own

    def media(self) -> set[str]:
        """Return all sounds that a PBX must have, e.g. ``sound:cti/welcome``; those of a certain language as
        ``sound:cti/welcome?ko``."""
        messages = [service.force_disconnect_message for service in self.services]
        messages += [service.force_disconnect_warning for service in self.services]
        messages += [service.record_notice for service in self.services]
        for scenario in self.scenarios:
            messages += scenario.media()
        messages += [one.sound for hours in self.hours for one in hours.exceptions]
        messages += [message for queue in self.queues for one in queue.announce for message in one.media()]
        named = {source for message in messages for source in sources(message).values()}
        return {source for source in named if source.startswith(SOUND)} | self._sounds.on_pbx

    def sounds_provided(self) -> Provided:
        """Return the sounds that the bridge provides to the PBXs."""
        return provided(self, self._sounds)


def settings_path(option: str | None, environ: Mapping[str, str]) -> Path:
    """Return the main file: the option ``--config``, else ``CTI_BRIDGE_CONFIG``, else :data:`DEFAULT_PATH` where there
    is one, else :data:`INSTALLED_PATH` where its directory exists."""
    if named := option or environ.get("CTI_BRIDGE_CONFIG"):
        return Path(named)
    # Not pathlib's exists(), which raises where a directory is closed to us.
    is_installed = INSTALLED_PATH.parent.is_dir() and not os.path.exists(DEFAULT_PATH)
    return INSTALLED_PATH if is_installed else DEFAULT_PATH


def spool_path(path: Path, environ: Mapping[str, str]) -> Path:
    """Where the bridge keeps its spool. A configuration that is wrong somewhere else says it, too."""
    sources, _ = read_files(path)
    overrides, _ = read_environment(environ)
    merged = merge([*sources, *overrides], str(path))
    resolve(merged, path.absolute().parent)
    spool = merged.values.get("spool")
    named = spool.get("path") if isinstance(spool, dict) else None
    return (
        Path(named) if isinstance(named, str) else path.absolute().parent / SpoolSettings.model_fields["path"].default
    )


def load_settings(
    path: Path = DEFAULT_PATH,
    environ: Mapping[str, str] | None = None,
    *,
    tests: Severity | None = None,
    sounds: bool = False,
    alone: bool = False,
) -> Settings:
    """Load and check the settings. Raises ConfigurationError with all errors. An unreadable file ends the check, for
    all its settings would seem to be missing. ``environ`` is the process's own when not given. ``tests`` says what a
    test of a scenario is that fails; None: none is run. ``sounds``: texts and recordings are made into sounds.
    ``alone``: nobody outside is asked, so passwords of PBXs may be missing."""
    try:
        return _load(path, os.environ if environ is None else environ, tests, sounds, alone)
    except RecursionError:
        too_deep = "this configuration cannot be read: values stand too deep within each other"
        raise ConfigurationError([Problem(Place(str(path)), too_deep)]) from None


def _load(path: Path, environ: Mapping[str, str], tests: Severity | None, sounds: bool, alone: bool) -> Settings:
    sources, unreadable = read_files(path)
    overrides, misnamed = read_environment(environ)
    if unreadable:
        raise ConfigurationError(unreadable + misnamed)
    merged = merge([*sources, *overrides], str(path))
    merged.problems += misnamed
    resolve(merged, path.absolute().parent, alone=alone)
    check(merged)
    hours, lists = opening_hours(merged, time.time()), number_lists(merged)
    targets = lookups(merged, path.absolute().parent)
    settings: Settings | None = None
    try:
        settings = Settings(**merged.values)
    except ValidationError as error:
        complain(merged, error)
    if settings is None or any(problem.severity == "error" for problem in merged.problems):
        raise ConfigurationError(merged.problems)
    settings._hours, settings._number_lists, settings._lookups = hours, lists, targets
    settings._sounds = wanted_sounds(merged, settings, settings.directory, path.absolute().parent)
    _refuse_errors(merged)
    if tests is not None and any(scenario.tests for scenario in settings.scenarios):
        from cti_bridge.config.scenario_tests import run_tests  # It brings the whole core, which few commands need.

        run_tests(merged, settings.scenarios, settings.directory(), tests)
        _refuse_errors(merged)
    if sounds:
        make_sounds(merged, settings._sounds, settings.sounds.directory)
        _refuse_errors(merged)
    settings._warnings = in_order(merged.problems)
    settings._sound_places = dict(_sounds(merged, merged.values, ()))
    settings._at_start_places = {path: merged.place(path) for path in at_start(settings)}
    return settings


def _refuse_errors(merged: Merged) -> None:
    """Raises ConfigurationError when there are errors."""
    if any(problem.severity == "error" for problem in merged.problems):
        raise ConfigurationError(merged.problems)


def _sounds(merged: Merged, values: Any, path: KeyPath) -> Iterator[tuple[str, Place]]:
    """Yield each message that the values name, with its place, the last one first."""
    children = list(values.items()) if isinstance(values, dict) else list(enumerate(values))
    for key, value in reversed(children):
        if isinstance(value, dict | list):
            yield from _sounds(merged, value, (*path, key))
        elif isinstance(value, str) and value.startswith("sound:"):
            yield value, merged.place((*path, key))
