"""The procedure that follows a prompt when it is over, by its name."""

from collections.abc import Callable

from cti_bridge.domain.ending import last_message
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.prompt import Then
from cti_bridge.domain.offer import offer
from cti_bridge.domain.queue import announcements
from cti_bridge.domain.scenario import steps
from cti_bridge.domain.talk import confirm, warning

TABLE: dict[Then, Callable[[Floor, Call], None]] = {
    Then.STEP: steps.message_over,
    Then.WAIT: announcements.over,
    Then.TALK: warning.over,
    Then.CONFIRM: confirm.heard,
    Then.JOIN: offer.briefed,
    Then.RECORD: offer.told,
    Then.END: last_message.over,
}
