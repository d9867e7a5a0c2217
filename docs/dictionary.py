"""Write the data dictionary, ``docs/data.md``, from a database that has all migrations (``make dictionary``). The
comments of tables and columns are the truth, and stand in the migrations."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg

from cti_bridge.local.postgres import EmbeddedPostgres
from cti_bridge.storage.migrate import migrate

PAGE = Path(__file__).with_name("data.md")
COLUMNS = """
select c.relname as "table", obj_description(c.oid) as about, a.attname as "column",
    format_type(a.atttypid, null) as type, a.attnotnull as needed, col_description(c.oid, a.attnum) as says
from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = 'cti'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
    and c.relname <> 'migration'
order by c.relname, a.attnum
"""


def page(rows: Sequence[Any]) -> str:
    """Return the page for the rows of `COLUMNS`: what stands above the first table is written by hand, and stays."""
    lines = [PAGE.read_text().partition("\n## ")[0].rstrip()]
    table = ""
    for row in rows:
        if row["table"] != table:
            table = row["table"]
            lines += ["", f"## {table}", "", row["about"] or "", "", "| column | type | |", "|---|---|---|"]
        needed = "" if row["needed"] else ", null"
        lines.append(f"| `{row['column']}` | {row['type']}{needed} | {row['says'] or ''} |")
    return "\n".join(lines) + "\n"


async def read(url: str) -> list[Any]:
    """Return the rows of `COLUMNS`."""
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(COLUMNS))
    finally:
        await connection.close()


async def _main() -> None:
    with TemporaryDirectory() as directory:
        async with EmbeddedPostgres(Path(directory)) as server:
            connection = await asyncpg.connect(server.url)
            await migrate(connection)
            await connection.close()
            PAGE.write_text(page(await read(server.url)))


if __name__ == "__main__":
    asyncio.run(_main())
