"""What follows a prompt when it is over: the procedure of each name."""

from collections.abc import Callable

from cti_bridge.domain import last_message, queueing, warning
from cti_bridge.domain.call import Call
from cti_bridge.domain.floor import Floor
from cti_bridge.domain.prompt import Then

TABLE: dict[Then, Callable[[Floor, Call], None]] = {
    Then.QUEUE: queueing.enqueue,
    Then.TALK: warning.over,
    Then.END: last_message.over,
}
