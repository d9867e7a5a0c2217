"""A reload whose files cannot be read in time, and what follows."""

import asyncio
import threading
from pathlib import Path

import pytest

from cti_bridge import reload
from cti_bridge.config.problems import ConfigurationError
from cti_bridge.domain.border.notices import ConfigurationTaken
from cti_bridge.domain.model.differences import differences
from cti_bridge.reload import Reloader
from cti_bridge.settings import Settings, load_settings
from tests.support.configuration import ENVIRONMENT, configuration


def settings_in(directory: Path) -> Settings:
    return load_settings(configuration(directory) / "cti_bridge.toml", ENVIRONMENT)


async def taken(settings: Settings) -> ConfigurationTaken:
    directory = settings.directory()
    return ConfigurationTaken(differences(directory, directory), 0, 0, (), ())


async def test_given_the_disk_hangs_then_a_reload_is_refused_in_time_and_later_ones_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, goes_on, ended = settings_in(tmp_path), threading.Event(), threading.Event()
    first = [True]

    def load() -> Settings:
        if first and first.pop():
            goes_on.wait()
            ended.set()
        return settings

    monkeypatch.setattr(reload, "READ_WITHIN_S", 0.01)
    reloader = Reloader(settings, load, taken, lambda: 1.0)
    with pytest.raises(ConfigurationError, match="could not be read within"):
        await reloader.reload()
    with pytest.raises(ConfigurationError, match="an earlier reload still waits"):
        await reloader.reload()
    (warning,) = reloader.warnings()
    assert "an earlier reload still waits" in warning
    goes_on.set()
    await asyncio.to_thread(ended.wait)
    monkeypatch.setattr(reload, "READ_WITHIN_S", 10.0)
    assert reloader._reading is not None
    await reloader._reading
    await reloader.reload()
    assert not reloader.warnings()
