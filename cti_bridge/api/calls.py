"""Commands on offers and calls. Each names its offer or call, so a late click never hits the next caller."""

from typing import Any

from cti_bridge.api.errors import invalid
from cti_bridge.api.numbers import Numbers
from cti_bridge.api.once import Once
from cti_bridge.api.ports import Engine, Present
from cti_bridge.api.routes import Answer, Asked, Commands, Route
from cti_bridge.api.schemas import (
    DialAnswer,
    DialBody,
    DigitsBody,
    ForceDisconnectBody,
    Nothing,
    PartyBody,
    TargetBody,
    TransferBody,
)
from cti_bridge.domain.border.commands import (
    AnswerOffer,
    CallCommand,
    CancelConsult,
    ConnectConsult,
    DeclineOffer,
    Dial,
    DialAgent,
    ForceDisconnect,
    HangUpCall,
    HoldCall,
    JoinAll,
    LeaveThree,
    RecallCall,
    ResumeCall,
    SendDigits,
    StartConsult,
    StopWarning,
    SwapConsult,
    TakeOut,
    TransferCall,
    Warn,
)
from cti_bridge.domain.border.errors import CallChanged
from cti_bridge.domain.border.views import CallView
from cti_bridge.domain.model.call import Role
from cti_bridge.domain.model.words import Direction

_CALL = "/calls/{call_id}"

_PLAIN: tuple[tuple[str, type[CallCommand], str], ...] = (
    ("/hold", HoldCall, "Put the customer on hold"),
    ("/resume", ResumeCall, "Talk to the customer again"),
    ("/warn", Warn, "Play the warning to both, and count it"),
    ("/warn/stop", StopWarning, "Cut the warning short: both talk again at once"),
    ("/hangup", HangUpCall, "End the call"),
    ("/recall", RecallCall, "Take back a direct transfer that nobody has answered yet"),
    ("/consult/connect", ConnectConsult, "Connect the customer with the consulted party"),
    ("/consult/cancel", CancelConsult, "End the consultation; the customer stays on hold"),
    ("/consult/swap", SwapConsult, "Talk to the other one of customer and consulted party"),
    ("/consult/join", JoinAll, "Let the customer, the agent and the consulted party talk together"),
    ("/consult/leave", LeaveThree, "Leave the other two of the three, who go on"),
)
"""Commands that name their call and nothing else."""


class Calls:
    def __init__(self, engine: Engine, directory: Present) -> None:
        self._engine = engine
        self._numbers = Numbers(directory)
        self._once: Once[str] = Once()

    def routes(self, command: Commands) -> list[Route[Any]]:
        return [*self._offers(command), self._dial_route(), *self._plain(command), *self._with_body(command)]

    def _offers(self, command: Commands) -> list[Route[Any]]:
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
        ]

    def _plain(self, command: Commands) -> list[Route[Any]]:
        def route(path: str, kind: type[Any], summary: str) -> Route[Any]:
            return command("POST", _CALL + path, Nothing, lambda on: kind(on.cti_id, on.ids["call_id"]), summary)

        return [route(*row) for row in _PLAIN]

    def _with_body(self, command: Commands) -> list[Route[Any]]:
        return [
            command("POST", _CALL + "/dtmf", DigitsBody, _digits, "Send DTMF digits to whom one talks to"),
            command(
                "POST",
                _CALL + "/consult/remove",
                PartyBody,
                lambda on: TakeOut(on.cti_id, on.ids["call_id"], Role(on.body.party)),
                "Take one of the three out; a customer who is taken out is hung up",
            ),
            command(
                "POST", _CALL + "/force-disconnect", ForceDisconnectBody, _force, "Play a last message, then end it"
            ),
            command(
                "POST", _CALL + "/consult", TargetBody, lambda on: StartConsult(*self._target(on)), "Call somebody else"
            ),
            command(
                "POST",
                _CALL + "/transfer",
                TransferBody,
                lambda on: TransferCall(*self._target(on), on.body.queue, on.body.scenario, on.body.memo),
                "Send the call on directly",
            ),
        ]

    def _target(self, on: Asked[TargetBody] | Asked[TransferBody]) -> tuple[str, str, str | None, str | None]:
        """Return the target of the request. A call that is not the agent's is refused before its number is looked
        at."""
        number, call_id = on.body.number, on.ids["call_id"]
        call = self._engine.call_view(on.cti_id, call_id)
        if number is not None and call is not None:
            number = self._numbers.meant(number, self._numbers.of_call(call))
        return on.cti_id, call_id, number, on.body.agent

    def _dial_route(self) -> Route[DialBody]:
        return Route(
            "POST",
            "/me/dial",
            DialBody,
            self._dial,
            DialAnswer,
            "Dial up, or call a colleague: the phone rings",
            status=202,
        )

    async def _dial(self, asked: Asked[DialBody]) -> Answer:
        command = self._dialled(asked)

        async def dial() -> str:
            agent = await self._engine.ask(command, asked.idempotency)
            call = agent.call
            if call is None or call.direction is Direction.INBOUND or not self._is_of(call, command):
                # The repeat of a request whose call is over.
                raise CallChanged
            return call.call_id

        return Answer({"call_id": await self._once.run(asked.idempotency, str(command), dial)}, status=202)

    def _dialled(self, asked: Asked[DialBody]) -> Dial | DialAgent:
        """Return the command of the request: a colleague is called by their CTI ID, or by their number."""
        if asked.body.agent is not None:
            return DialAgent(asked.cti_id, asked.body.agent)
        text = asked.body.number or ""
        if (colleague := self._numbers.colleague(text)) is not None:
            return DialAgent(asked.cti_id, colleague)
        calling = self._numbers.calling(asked.body.calling_number or "")
        if not calling and self._numbers.emergency(text) is None:
            wrong = {"field": "calling_number", "message": "Only an emergency number needs none."}
            raise invalid("The body is not valid.", [wrong])
        return Dial(asked.cti_id, self._numbers.meant(text, calling), calling)

    def _is_of(self, call: CallView, command: Dial | DialAgent) -> bool:
        number = command.number if isinstance(command, Dial) else self._numbers.cti_number(command.agent)
        return call.dialed_number == number


def _digits(on: Asked[DigitsBody]) -> SendDigits:
    to = Role(on.body.to) if on.body.to is not None else None
    return SendDigits(on.cti_id, on.ids["call_id"], on.body.digits, to)


def _force(on: Asked[ForceDisconnectBody]) -> ForceDisconnect:
    return ForceDisconnect(on.cti_id, on.ids["call_id"], on.body.reason, on.body.note)
