"""Everything that the system writes, keeps or says, to look for what must not be in it."""

from pathlib import Path

from tests.support.agent_client import AgentClient
from tests.support.stack import Stack


async def traces(stack: Stack, panel: AgentClient) -> dict[str, str]:
    """By place: each table's rows as text, the spool's files, the log of the bridge and of the PBX, every live frame
    that ``panel`` was sent."""
    tables = await stack.rows.fetch("select table_name from information_schema.tables where table_schema = 'cti'")
    found = {}
    for name in (row["table_name"] for row in tables):
        rows = await stack.rows.fetch(f'select t::text as row from cti."{name}" t')
        found[f"table {name}"] = "\n".join(row["row"] for row in rows)
    for file in _files(stack.bridge.log.parent, Path(stack.pbx.directory)):
        found[f"file {file.name}"] = file.read_bytes().decode("latin-1")
    found["live frames"] = "\n".join(map(str, panel.events))
    return found


def _files(bridge: Path, pbx: Path) -> list[Path]:
    return [*bridge.glob("spool.db*"), *bridge.glob("*.log"), *pbx.rglob("*.log")]
