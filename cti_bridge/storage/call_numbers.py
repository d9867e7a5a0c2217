"""Numbers of customers of calls that are over, in Postgres."""

from cti_bridge.domain.border.errors import StorageUnavailable
from cti_bridge.storage.database import Database, DatabaseBusy, DatabaseUnavailable
from cti_bridge.storage.writer import STATEMENTS


class CallNumbers:
    """``get`` returns the service of a call and its customer's whole number, None where it is withheld; None when there
    is no such call. It raises StorageUnavailable when Postgres does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, call_id: str) -> tuple[str | None, str | None] | None:
        try:
            async with self._database.reading() as connection:
                row = await connection.fetchrow(STATEMENTS["number_of_call"], call_id)
        except (DatabaseUnavailable, DatabaseBusy):
            raise StorageUnavailable from None
        return None if row is None else (row["service"], row["customer_number"])
