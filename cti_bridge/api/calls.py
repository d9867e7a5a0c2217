"""Commands on offers and calls. Each names its offer or call, so a late click never hits the next caller."""

from cti_bridge.api.routes import Commands, Route
from cti_bridge.api.schemas import Nothing
from cti_bridge.domain.facts import AnswerOffer, DeclineOffer, HangUpCall


def routes(command: Commands) -> list[Route[Nothing]]:
    return [
        command(
            "POST",
            "/offers/{offer_id}/answer",
            Nothing,
            lambda on: AnswerOffer(on.cti_id, on.ids["offer_id"]),
            "Take the offered call",
        ),
        command(
            "POST",
            "/offers/{offer_id}/decline",
            Nothing,
            lambda on: DeclineOffer(on.cti_id, on.ids["offer_id"]),
            "Decline the offered call; it goes to the next agent",
        ),
        command(
            "POST",
            "/calls/{call_id}/hangup",
            Nothing,
            lambda on: HangUpCall(on.cti_id, on.ids["call_id"]),
            "End the call",
        ),
    ]
