"""The pool before a Postgres that is hung, and with an address that the driver cannot read."""

import pytest

from cti_bridge.storage.database import Database, DatabaseUnavailable

UNREADABLE = [
    "postgresql://cti:Sup3rSecret/x@db.example/cti",
    "postgresql://cti:Sup3r#Secret@db.example/cti",
    "postgresql://cti:Sup3r[Secret@db.example/cti",
    "postgresql://cti@db.example:54x2/Sup3rSecret",
    "postgresql://cti@127.0.0.1:99999/Sup3rSecret",
    "postgresql://cti@db.example/cti?Sup3rSecret",
    "postgresql://cti@a,,Sup3rSecret/cti",
    "postgresql://cti@127.0.0.1:1/cti?sslmode=Sup3rSecret",
]


@pytest.mark.parametrize("url", UNREADABLE)
async def test_given_an_address_that_the_driver_cannot_read_then_unavailable_and_no_word_of_it_is_said(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(url)
    with pytest.raises(DatabaseUnavailable) as raised:
        async with database.connection():
            pass
    assert str(raised.value) == database.fault == "the address is wrong"
    said = "".join(capsys.readouterr())
    assert "database_unavailable" in said and "Secret" not in said
    await database.close()
