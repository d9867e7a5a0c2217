"""The answer of GET /wallboard, and the frames of the topics of supervisors, for the API's description."""

from cti_bridge.api.schemas import Answered
from cti_bridge.watching.shapes import (
    LiveAlertView,
    LiveHelpView,
    LiveQueueView,
    LiveServiceView,
    LiveTeamView,
)


class WallboardAnswer(Answered):
    """``services`` and ``queues`` are the own ones, ``teams`` and ``help`` of agents whom one supervises,
    ``alerts`` of the own services and those that concern all, the weightiest first."""

    services: list[LiveServiceView]
    queues: list[LiveQueueView]
    teams: list[LiveTeamView]
    help: list[LiveHelpView]
    alerts: list[LiveAlertView]
