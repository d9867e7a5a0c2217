"""The whole configuration: its tables by name."""

from typing import Annotated

from pydantic import BaseModel, Field

from cti_bridge.config.schema.edge import EdgeSettings
from cti_bridge.config.schema.hours import HoursSettings
from cti_bridge.config.schema.policy import PolicySettings
from cti_bridge.config.schema.process import (
    ApiSettings,
    BrowserPhoneSettings,
    DatabaseSettings,
    NodeSettings,
    PanelSettings,
    RecordingsSettings,
    SpareSettings,
    SpoolSettings,
)
from cti_bridge.config.schema.queues import QueueSettings
from cti_bridge.config.schema.scenarios import NumberListSettings, ScenarioSettings
from cti_bridge.config.schema.section import Section
from cti_bridge.config.schema.services import AgentSettings, CallingNumberSettings, ClientSettings, ServiceSettings
from cti_bridge.config.schema.sounds import SoundsSettings

PREFIX = "CTI_BRIDGE_"
"""Each variable of the environment that is a setting begins with this."""


class Schema(BaseModel):
    """The whole configuration."""

    model_config = Section.model_config

    api: ApiSettings = ApiSettings()
    """The address of the panel and the API."""
    database: DatabaseSettings = DatabaseSettings()
    """Postgres."""
    spool: SpoolSettings = SpoolSettings()
    """The state that survives the bridge's death."""
    spare: SpareSettings | None = None
    """The hot spare. None: there is none, and no state is shipped."""
    recordings: RecordingsSettings = RecordingsSettings()
    """The messages that callers leave."""
    sounds: SoundsSettings = SoundsSettings()
    """The messages that callers hear."""
    asterisk: Annotated[dict[str, NodeSettings], Field(min_length=1)]
    """The PBX nodes by name: lower-case letters, digits and single ``_``."""
    edge: EdgeSettings | None = None
    """The edge before the PBXs, with which all phones register. None: phones register with the PBXs."""
    policy: PolicySettings = PolicySettings()
    """The rules of the house."""
    panel: PanelSettings = PanelSettings()
    """The panel of agents."""
    browser_phone: BrowserPhoneSettings | None = None
    """The phone in the panel. None: no agent has answer = "browser"."""
    services: Annotated[list[ServiceSettings], Field(min_length=1)]
    """The client organisations or departments."""
    calling_numbers: list[CallingNumberSettings] = []
    """The numbers that called customers see."""
    queues: list[QueueSettings] = []
    """The queues in which calls wait."""
    scenarios: list[ScenarioSettings] = []
    """The course of a call before an agent has it, by the number called."""
    agents: list[AgentSettings] = []
    """The people who may log in."""
    clients: list[ClientSettings] = []
    """The programs and screens that nobody is logged in at."""
    hours: list[HoursSettings] = []
    """Opening hours."""
    number_lists: list[NumberListSettings] = []
    """Lists of callers' numbers."""
