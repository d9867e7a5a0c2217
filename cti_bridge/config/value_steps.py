"""Steps that carry values, in the core's own types."""

from cti_bridge.config.schema import StepSettings
from cti_bridge.domain.model.scenario import Branch, SetValues


def set_values(name: str, exits: dict[str, str], step: StepSettings) -> SetValues:
    relax_s = None if step.must or not step.skills else step.relax_s
    return SetValues(name, exits, step.priority, step.skills, step.category, step.language, step.variables, relax_s)


def branch(name: str, exits: dict[str, str], step: StepSettings) -> Branch:
    return Branch(name, {**exits, **step.cases}, step.on or "", tuple(step.cases), step.queue or "")
