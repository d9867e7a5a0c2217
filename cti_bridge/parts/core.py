"""The core with its checkpoint, and the engine that runs it."""

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.model.ids import READY, Ids
from cti_bridge.engine import Engine
from cti_bridge.hours_log import log_emergencies, log_overrides
from cti_bridge.left_behind import left_behind
from cti_bridge.numbers.e164 import keyed
from cti_bridge.randomness import random_bytes
from cti_bridge.taken_up import core_of

if TYPE_CHECKING:
    from cti_bridge.app import App

log = structlog.get_logger(__name__)


def make_engine(app: "App") -> Engine:
    """Return the engine, which goes on where the checkpoint of the last run is."""
    app.left_behind = left_behind(app.journal.load(), app.settings.asterisk)
    for name, calls in app.left_behind.items():
        log.error("pbx_left_behind", node=name, calls=calls, text="They are not served any more.")
    directory = replace(app.settings.directory(), number_key=keyed(app.journal.number_secret()))
    center, restored = core_of(
        lambda: CallCenter(directory, Ids(random_bytes, READY)), app.journal, app.spool, app.clock
    )
    submit, keys, broken = app.executors.submit, app.journal.keys, app.supervisor.failed
    engine = Engine(center, app.journal, app.clock, submit, app.surprise, keys, broken)
    engine.listeners += [app.unknown_numbers.on_notices, app.failing_lines.on_notices, app.unrecorded.on_notices]
    engine.listeners += [log_overrides, log_emergencies]
    log_overrides(app.clock(), restored.notices)
    log_emergencies(app.clock(), restored.notices)
    engine.start_from(restored)
    return engine
