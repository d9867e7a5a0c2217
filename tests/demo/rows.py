"""The rows that the story left."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table

from tests.support.rows import Rows

TABLES = {
    "cti.call": """
        select direction, customer_number, calling_number, queue, arrived_at, answered_at, ended_at, outcome, ended_by
        from cti.call where customer_number = any($1) order by arrived_at""",
    "cti.offer": """
        select customer_number, cti_id, offered_at, offer.ended_at, result
        from cti.offer join cti.call on call.id = call_id where customer_number = any($1) order by offered_at""",
    "cti.agent_state_change": """
        select cti_id, seq, from_status || ' ' || from_state as from, to_status || ' ' || to_state as to, reason, cause,
               at, round(lasted_s::numeric, 2) as lasted_s
        from cti.agent_state_change
        where cti_id in (
            select cti_id from cti.call_interval as part join cti.call on call.id = part.call_id
            where customer_number = any($1))
        order by cti_id, seq""",
    "cti.ticket": """
        select service, status, owner, customer_number, version from cti.ticket where customer_number = any($1)""",
    "cti.ticket_event": """
        select event.version, event.type, event.by, event.at, event.detail::text as detail
        from cti.ticket_event as event join cti.ticket on ticket.id = ticket_id
        where customer_number = any($1) order by event.version""",
}


async def show_rows(console: Console, rows: Rows, numbers: Sequence[str]) -> None:
    """Print what the tables hold about these customers and the agents who were in their calls."""
    for name, query in TABLES.items():
        found = await rows.fetch(query, list(numbers))
        assert found, f"there is nothing in {name}"
        table = Table(title=name, title_justify="left", title_style="bold")
        for column in found[0]:
            table.add_column(column, overflow="fold")
        for row in found:
            table.add_row(*map(_shown, row.values()))
        console.print("\n", table)


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%H:%M:%S.%f")[:-3]
    return "" if value is None else str(value)
