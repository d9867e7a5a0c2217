"""Makes other settings the present ones while calls go on: all parts change in the same turn of the loop."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from cti_bridge.api.own_session import PanelConfig
from cti_bridge.api.passwords import Known
from cti_bridge.api.server import ApiServer
from cti_bridge.ari.node import Node
from cti_bridge.domain.border.facts import ConfigurationChanged, ConfigurationGoesOn
from cti_bridge.domain.border.notices import ConfigurationTaken, Notice
from cti_bridge.domain.model.differences import sharing
from cti_bridge.domain.model.directory import Directory
from cti_bridge.engine import Engine
from cti_bridge.panel_config import panel_config
from cti_bridge.settings import Settings
from cti_bridge.sounds.provided import AtPbx


class TakingOver:
    """``nodes`` returns the PBXs. ``present`` is given the settings in the turn in which they become the present
    ones. ``sounds`` returns the sounds that the bridge provides to a PBX, by its name."""

    def __init__(
        self,
        engine: Engine,
        api: ApiServer,
        nodes: Callable[[], Iterable[Node]],
        present: Callable[[Settings], None],
        sounds: Callable[[Settings, str], AtPbx],
    ) -> None:
        self._sounds = sounds
        self._engine, self._api, self._nodes, self._present = engine, api, nodes, present
        self._taking: _Taking | None = None
        engine.listeners.append(self._on_notices)

    async def take(self, settings: Settings) -> ConfigurationTaken:
        """Make these settings the present ones, and return the core's word for it. The slow work comes first, in
        threads."""
        before = self._engine.center.floor.directory
        directory = await asyncio.to_thread(_directory_behind, before, settings)
        known = await self._api.prepare(settings.password_hashes())
        self._taking = _Taking(settings, known, panel_config(settings), *wanted(settings))
        try:
            notices = await self._engine.take(ConfigurationChanged(directory))
        finally:
            self._taking = None
        while self._engine.center.floor.unseen:
            await asyncio.sleep(0)
            await self._engine.take(ConfigurationGoesOn())
        return next(notice for notice in notices if isinstance(notice, ConfigurationTaken))

    def _on_notices(self, at: float, notices: Sequence[Notice]) -> None:
        """The core has taken the new configuration over. The other parts do so at once."""
        if self._taking is None or not any(isinstance(notice, ConfigurationTaken) for notice in notices):
            return
        taking = self._taking
        self._present(taking.settings)
        self._api.take(taking.panel, taking.known)
        for node in self._nodes():
            node.configured(taking.media, taking.phones, self._sounds(taking.settings, node.name))


class _Taking(NamedTuple):
    """The prepared objects that the parts take over."""

    settings: Settings
    known: Known
    panel: PanelConfig
    media: list[str]
    phones: list[str]


def _directory_behind(before: Directory, settings: Settings) -> Directory:
    """Return the new directory with the key of before for numbers, so that marks stay found."""
    return sharing(replace(settings.directory(), number_key=before.number_key), before)


def wanted(settings: Settings) -> tuple[list[str], list[str]]:
    """Return the messages that a PBX must have, and the agents' CTI numbers."""
    return sorted(settings.media()), sorted(agent.cti_number for agent in settings.agents)
