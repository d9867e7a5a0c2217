"""Executors of actions: one table, by the name that an action has.

To add one (a client of a directory, a store of recordings), give it a name. Put it into the table where the bridge is
put together (``app.py``), and let actions name it. Its results come as facts.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from operator import attrgetter

import structlog

from cti_bridge.domain.border.actions import Action
from cti_bridge.domain.border.facts import ActionFailed, Failure

log = structlog.get_logger(__name__)

_name_of = attrgetter("executor")


class Executors:
    """``tell`` gets an ActionFailed for each action that names an unknown executor."""

    def __init__(self, tell: Callable[[ActionFailed], None]) -> None:
        self._tell = tell
        self._table: dict[str, Callable[[Sequence[Action]], None]] = {}

    def add(self, name: str, submit: Callable[[Sequence[Action]], None]) -> None:
        """Add an executor. Raises ValueError when the name is taken."""
        if name in self._table:
            raise ValueError(f"two executors of the name {name}")
        self._table[name] = submit

    def submit(self, actions: Sequence[Action]) -> None:
        """Hand each action to its executor, in order. Returns at once, and never raises."""
        for name, theirs in groupby(actions, _name_of):
            submit = self._table.get(name)
            if submit is not None:
                submit(list(theirs))
                continue
            for action in theirs:
                self._fail(action)

    def _fail(self, action: Action) -> None:
        kind = type(action).__name__
        log.warning("no_such_executor", executor=action.executor, action=kind, call=action.call_id, leg=action.leg_id)
        self._tell(ActionFailed(action.leg_id, kind, Failure.NOBODY, action))
