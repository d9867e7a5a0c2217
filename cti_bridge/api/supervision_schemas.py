"""The bodies that supervisors send, and the answers that they get (requirement L3)."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, StringConstraints, model_validator

from cti_bridge.api.schemas import Accepted, Name

LONGEST_MESSAGE = 300


def _printable(text: str) -> str:
    if not text.strip() or any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        raise ValueError("must be one line of text")
    return text


class AgentStatusBody(Accepted):
    """``reason`` is one of the configured reasons of the status: rest or business."""

    status: Literal["ready", "rest", "business", "offline"]
    reason: Name | None = None


class MoveBody(Accepted):
    """``queue`` is another queue of the call's service; ``first`` is the front of it, or of the present one."""

    queue: Name | None = None
    first: bool = False

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if self.queue is None and not self.first:
            raise ValueError('needs "queue", "first" or both')
        return self


class TeamMessageBody(Accepted):
    """The text is shown to the agents of the team who are logged in, behind the name of who sends it."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_MESSAGE), AfterValidator(_printable)]


class CallAnswer(BaseModel):
    """``call_id`` is that of the call that was ended or moved."""

    call_id: str


class MessageAnswer(BaseModel):
    """``agents`` is the number of agents who are logged in and are shown the message."""

    agents: int
