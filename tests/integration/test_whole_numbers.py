"""Whole numbers of customers: for whom, from where, and that each look is written down."""

from pathlib import Path

import pytest

from cti_bridge.domain.border.audit_row import AuditRow
from cti_bridge.domain.border.errors import StorageUnavailable
from cti_bridge.domain.model.words import Audited
from cti_bridge.storage.call_numbers import CallNumbers
from cti_bridge.storage.database import Database
from tests.integration.test_who_may import day, serving
from tests.support.storage import NOWHERE, call_row, new_id, storage

KIM, NOW = "+821012345678", 1_700_000_000.0


async def test_a_look_at_a_number_is_written_down_and_one_that_is_refused_is_not(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        served.engine.driver = day(tmp_path, offered=False).driver
        (call,) = [one for one in served.engine.driver.center.floor.calls.values() if one.cti_id == "agent"]
        answers = {}
        for who in ("unmask", "recordings", "others"):
            headers = {"Authorization": f"Bearer token of {who}"}
            async with served.http.get(f"{served.url}/calls/{call.id}/number", headers=headers) as answer:
                answers[who] = answer.status, (await answer.json()).get("customer_number")
        assert answers == {"unmask": (200, call.customer.number), "recordings": (403, None), "others": (403, None)}
        (row,) = [one for one in served.engine.driver.records if isinstance(one, AuditRow)]
        assert (row.who, row.what, row.object, row.detail) == ("unmask", Audited.NUMBER_SHOWN, call.id, {})
        assert call.customer.number is not None and call.customer.number not in repr(row)


async def test_calls_that_are_over_are_found_in_postgres(database_url: str, tmp_path: Path) -> None:
    async with storage(tmp_path, database_url) as parts:
        known, withheld = call_row(customer_number=KIM), call_row(customer_number=None)
        parts.journal.record([known, withheld], {}, NOW)
        await parts.drained()
        numbers = CallNumbers(parts.database)
        assert await numbers.get(known.id) == (known.service, KIM)
        assert await numbers.get(withheld.id) == (withheld.service, None)
        assert await numbers.get(new_id()) is None


async def test_given_postgres_is_away_then_that_is_said() -> None:
    with pytest.raises(StorageUnavailable):
        await CallNumbers(Database(NOWHERE)).get(new_id())
