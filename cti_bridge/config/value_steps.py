"""Steps that carry values, in the core's own types."""

from cti_bridge.config.schema.scenarios import StepSettings
from cti_bridge.domain.model.scenario import Branch, Collect, SetValues

_TRIES = 2
"""How often a collect asks, if the configuration does not say."""


def set_values(name: str, exits: dict[str, str], step: StepSettings) -> SetValues:
    relax_s = None if step.must or not step.skills else step.relax_s
    return SetValues(name, exits, step.priority, step.skills, step.category, step.language, step.variables, relax_s)


def collect(name: str, exits: dict[str, str], step: StepSettings) -> Collect:
    least, most = step.digits
    tries = step.tries if "tries" in step.model_fields_set else _TRIES
    return Collect(
        name,
        exits,
        step.sound,
        step.name or "",
        least,
        most,
        step.wait_s,
        step.between_s,
        tries,
        step.confirm,
        step.secret,
    )


def branch(name: str, exits: dict[str, str], step: StepSettings) -> Branch:
    return Branch(name, {**exits, **step.cases}, step.on or "", tuple(step.cases), step.queue or "")
