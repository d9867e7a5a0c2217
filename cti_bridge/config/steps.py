"""Steps of scenarios, in the core's own types."""

from collections.abc import Callable, Mapping
from typing import Final

from cti_bridge.config import value_steps
from cti_bridge.config.schema.scenarios import KeySettings, StepSettings
from cti_bridge.domain.model.scenario import (
    AskCallback,
    AskHours,
    AskLookup,
    Dialplan,
    Enqueue,
    Exit,
    Goto,
    HangUp,
    Menu,
    Play,
    Step,
    Transfer,
    Voicemail,
)

_TRIES: Final = 2
"""How often a callback asks, if the configuration does not say."""

_MOST_IN_DIALPLAN_S: Final = 600.0


def step_of_settings(name: str, step: StepSettings, starts: Mapping[str, str]) -> Step:
    """Return the step. ``starts`` are the first steps of scenarios, by id."""
    named = {exit_: getattr(step, exit_) for exit_ in Exit if hasattr(step, exit_)}
    exits: dict[str, str] = {exit_: target for exit_, target in named.items() if target}
    if step.do == "goto":
        return Goto(name, {Exit.NEXT: f"{step.scenario}/{starts.get(step.scenario, '')}"}, step.scenario)
    return _MAKE[step.do](name, exits, step)


def _menu(name: str, exits: dict[str, str], step: StepSettings) -> Step:
    return Menu(name, {**exits, **_led_to(step)}, step.sound, step.wait_s, step.tries, step.invalid)


def _queue(name: str, exits: dict[str, str], step: StepSettings) -> Step:
    above_s = {key: one.above_s for key, one in step.keys.items() if isinstance(one, KeySettings)}
    return Enqueue(name, {**exits, **_led_to(step)}, step.queue or "", above_s)


def _led_to(step: StepSettings) -> dict[str, str]:
    return {key: one.step if isinstance(one, KeySettings) else one for key, one in step.keys.items()}


def _callback(name: str, exits: dict[str, str], step: StepSettings) -> Step:
    tries = step.tries if "tries" in step.model_fields_set else _TRIES
    return AskCallback(name, exits, step.queue or "", step.wait_s, step.between_s, tries)


def _transfer(name: str, exits: dict[str, str], step: StepSettings) -> Step:
    most_s = step.most_s if "most_s" in step.model_fields_set else None
    return Transfer(
        name, exits, step.number or "", step.agent or "", step.ring_s, step.confirm, most_s, step.only_ready
    )


def _dialplan(name: str, exits: dict[str, str], step: StepSettings) -> Step:
    most_s = step.most_s if "most_s" in step.model_fields_set else _MOST_IN_DIALPLAN_S
    return Dialplan(name, {**exits, **step.cases}, step.context or "", step.extension, most_s)


_MAKE: Final[Mapping[str, Callable[[str, dict[str, str], StepSettings], Step]]] = {
    "play": lambda name, exits, step: Play(name, exits, step.sound),
    "menu": _menu,
    "hours": lambda name, exits, step: AskHours(name, exits, step.hours or ""),
    "collect": value_steps.collect,
    "lookup": lambda name, exits, step: AskLookup(name, exits, step.wait_ms / 1000),
    "set": value_steps.set_values,
    "branch": value_steps.branch,
    "queue": _queue,
    "voicemail": lambda name, exits, step: Voicemail(name, exits, step.sound, step.most_s, step.queue or ""),
    "callback": _callback,
    "transfer": _transfer,
    "dialplan": _dialplan,
    "hangup": lambda name, exits, step: HangUp(name, exits, step.sound),
}
