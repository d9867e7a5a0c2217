"""Where a list of tickets goes on, as a text in the address of the next page. Clients take it as it is."""

from tickets.store import Place

CURSOR_PATTERN = r"^[0-9]{1,12}\.[0-9]{6}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
"""The form of a cursor. Its parts are the ticket's time to the microsecond, as Postgres keeps it, and its id."""


def cursor_of(place: Place) -> str:
    return f"{place.created_at:.6f}_{place.id}"


def place_at(cursor: str) -> Place:
    """Return the place of a cursor that has its form."""
    created_at, _, ticket_id = cursor.partition("_")
    return Place(float(created_at), ticket_id)
