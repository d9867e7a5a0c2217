"""The procedure that begins each step of a scenario, by its type."""

from cti_bridge.domain.model.scenario import Step, Transfer
from cti_bridge.domain.scenario import steps
from cti_bridge.domain.scenario.interpreter import Enter
from cti_bridge.domain.talk import step_transfer

TABLE: dict[type[Step], Enter] = {**steps.TABLE, Transfer: step_transfer.begin}
