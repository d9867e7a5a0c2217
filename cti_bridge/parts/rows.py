"""The parts that carry states and rows to Postgres, and look after what is there."""

from typing import TYPE_CHECKING

from cti_bridge.domain.model.ids import Ids
from cti_bridge.randomness import random_bytes
from cti_bridge.storage.closing import Closing
from cti_bridge.storage.frequent_numbers import FrequentNumbers
from cti_bridge.storage.retention import Retention
from cti_bridge.storage.shipping import Shipping
from cti_bridge.storage.usual_times import UsualTimes
from cti_bridge.storage.writer import Writer

if TYPE_CHECKING:
    from cti_bridge.app import App

OTHERS_ROWS_S = 60.0
"""The seconds for which rows stay open whose end the bridge before may still have in its spool: it drains it when it is
started again, or becomes the spare."""


def make_shipping(app: "App") -> Shipping | None:
    """Return what ships states to a spare. None: there is no spare."""
    if app.settings.spare is None:
        return None
    on_superseded = app.acting.superseded if app.acting is not None else (lambda epoch: None)
    return Shipping(app.spool, app.database, on_superseded=on_superseded, watch=app.supervisor.watch)


def make_frequent_numbers(app: "App") -> FrequentNumbers:
    """Return the desk of the numbers that agents keep."""
    return FrequentNumbers(
        app.spool,
        app.database,
        app.journal.repeats,
        clock=app.clock,
        new_id=Ids(random_bytes).uuid,
        watch=app.supervisor.watch,
    )


def make_closing(app: "App") -> Closing:
    """Return what closes rows that earlier runs have left open."""
    return Closing(
        app.spool,
        app.database,
        app.journal.goes_on,
        app.journal.desk,
        began_at=app.clock(),
        wait_s=OTHERS_ROWS_S if app.acting is not None else 0.0,
        watch=app.supervisor.watch,
    )


def make_writer(app: "App") -> Writer:
    """Return what carries rows to Postgres."""
    back, watch = app.journal.storage_was_away, app.supervisor.watch
    return Writer(app.spool, app.database, app.closing, watch=watch, back=back)


def make_retention(app: "App") -> Retention:
    """Return what deletes rows that were kept long enough."""
    return Retention(
        app.database,
        app.journal.desk,
        app.spool,
        lambda: app.settings.database.keep_days,
        clock=app.clock,
        watch=app.supervisor.watch,
    )


def make_usual_times(app: "App") -> UsualTimes:
    """Return what asks Postgres for the usual handling times."""
    return UsualTimes(app.database, app.engine.tell, clock=app.clock, watch=app.supervisor.watch)
