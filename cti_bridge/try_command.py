"""``cti-bridge try``: prints the way that a call would take, without a PBX, a database, or the bridge."""

import argparse
import json
import time

from cti_bridge.exit_codes import ExitCode
from cti_bridge.settings import Settings
from cti_bridge.terminal import complain, say
from cti_bridge.trial.asked import Given
from cti_bridge.trial.shown import lines
from cti_bridge.trial.trial import run, staffed
from cti_bridge.trial.wanted import Wanted, Wrong, understand

_OPTIONS = {"answers": "--answer", "wait_s": "--wait-s"}


def show(settings: Settings, arguments: argparse.Namespace) -> int:
    """Print the way of the call and return the exit code."""
    directory = settings.directory()
    try:
        understood = understand(directory, _wanted(arguments), time.time())
    except Wrong as wrong:
        complain(f"{_OPTIONS.get(wrong.field, f'--{wrong.field}')}: {wrong}")
        return ExitCode.WRONG_USE
    result = run(staffed(directory, understood.asked.agents), understood.asked)
    if arguments.json:
        say(json.dumps(result.content(), ensure_ascii=False))
        return ExitCode.OK
    for line in lines(understood, result):
        say(line)
    return ExitCode.OK


def _wanted(arguments: argparse.Namespace) -> Wanted:
    """Raises Wrong."""
    press = [keys.strip() for keys in arguments.press.split(",")] if arguments.press else []
    return Wanted(
        number=arguments.number,
        at=arguments.at,
        caller=arguments.caller,
        press=press,
        agents=arguments.agents,
        busy=arguments.busy,
        wait_s=arguments.wait_s,
        emergency=arguments.emergency,
        mark=arguments.mark or "",
        answers=dict(_answer(text) for text in arguments.answer),
    )


def _answer(text: str) -> tuple[str, Given]:
    """Read ``STEP=EXIT[,name=value…]``."""
    (step, is_one, exit_), *values = (part.partition("=") for part in text.split(","))
    if not is_one or not step.strip() or not exit_.strip() or not all(sign and name for name, sign, _ in values):
        raise Wrong("answers", f'write STEP=EXIT, and values behind it as in "look=found,tier=gold", not "{text}"')
    return step.strip(), Given(exit_.strip(), {name.strip(): value for name, _, value in values})
