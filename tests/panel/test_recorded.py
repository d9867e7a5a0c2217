"""The recorded views are such as the bridge makes."""

from typing import Any

import pytest
from pydantic import BaseModel

from cti_bridge.api.schemas import AgentAnswer, SettingsView, TicketLine, TicketView
from tests.panel import recorded


@pytest.mark.parametrize(
    "view",
    [
        recorded.agent(),
        recorded.business("meeting", "Meeting"),
        recorded.rest("meal", "Meal"),
        recorded.ringing(),
        recorded.ringing("auto"),
        recorded.talking(),
        recorded.on_hold(),
        recorded.consulting("ringing"),
        recorded.consulting("alone"),
        recorded.dialing(),
        recorded.consulted(),
        recorded.lost(),
        recorded.warned(),
    ],
    ids=lambda view: f"{view['label']}",
)
def test_given_a_recorded_agent_then_the_api_could_have_said_it(view: dict[str, Any]) -> None:
    AgentAnswer.model_validate({"agent": view})


@pytest.mark.parametrize(
    ("model", "view"),
    [(SettingsView, recorded.SETTINGS), (TicketView, recorded.ticket()), (TicketLine, recorded.ticket_line())],
)
def test_given_recorded_settings_and_tickets_then_the_api_could_have_said_them(
    model: type[BaseModel], view: dict[str, Any]
) -> None:
    model.model_validate(view)
