"""What the law keeps of a seller that leaves, to the day, and what its file may say."""

from datetime import UTC, datetime

import pytest

from orchestrator.compliance.closing_law import read_closing_law
from orchestrator.domain.errors import UserError
from orchestrator.persistence.ownership import OF_THE_INSTALLATION, STAYS, VIA, order_of_going, owned
from orchestrator.persistence.tables.families import metadata
from tests.unit.accountability.reach import SOURCE
from tests.world import CONFIG

TEXT = (CONFIG / "closing.toml").read_text("utf-8")
LAW = {kept.id: kept for kept in read_closing_law(TEXT)}


@pytest.mark.parametrize(
    ("law", "closing", "since"),
    [
        ("us.tsr-records", "2026-11-23T17:00", "2021-11-23T17:00"),
        ("us.tsr-records", "2028-02-29T12:00", "2023-02-28T12:00"),
        ("ca.internal-list", "2026-11-23T17:00", "2023-11-09T17:00"),
    ],
)
def test_records_stay_for_their_years(law: str, closing: str, since: str) -> None:
    closing_at = datetime.fromisoformat(closing).replace(tzinfo=UTC)
    assert LAW[law].since(closing_at) == datetime.fromisoformat(since).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "instead", "sentence"),
    [
        ('["attempts"]', '["contacts"]', "must name some of attempts, consents, suppressions"),
        ("years     = 5", "years     = 0", "must be above zero"),
        ('citation  = "16', 'cite      = "16', "field 'citation': is missing"),
        ("[[kept]]", "[[kept]", "cannot be read as TOML"),
        ('"read" }', '"sworn" }', "'sworn' is none of"),
    ],
)
def test_a_slip_in_the_file_is_named(said: str, instead: str, sentence: str) -> None:
    assert said in TEXT
    with pytest.raises(UserError, match=r"closing\.toml") as refused:
        read_closing_law(TEXT.replace(said, instead))
    assert sentence in str(refused.value)


@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_every_table_says_whose_its_rows_are(name: str) -> None:
    """A new table is reached by seller_id or by a column of VIA, or is declared with the reason."""
    going = {table.name for table in order_of_going()}
    theirs = owned(metadata.tables[name], "acme")
    assert (theirs is None) == (name in OF_THE_INSTALLATION)
    assert (name in going) + (name in STAYS) + (name in OF_THE_INSTALLATION) == 1


def test_no_row_is_told_by_a_column_that_may_be_empty() -> None:
    """Such a row would stay, and what it hangs on could not go; those named here are looked into one by one."""
    looked_into = {"inbox", "carrier_alarms"}
    reached = [table for table in order_of_going() if "seller_id" not in table.c and table.name not in looked_into]
    by = {
        table.name: table.c[next(name for name in VIA if name in table.c)]
        for table in reached
        if set(VIA) & set(table.c.keys())
    }
    assert [name for name, column in by.items() if column.nullable] == []


def test_what_is_sealed_opens_under_the_name_of_its_column() -> None:
    """The return of a seller's data opens every column that goes by that name."""
    source = "".join(path.read_text("utf-8") for path in sorted(SOURCE.rglob("*.py")))
    sealed = [
        (table, column.name) for table in order_of_going() for column in table.c if column.name.endswith("_sealed")
    ]
    names = [f"{table.name}.{column.removesuffix('_sealed')}" for table, column in sealed]
    assert [name for name in names if f'"{name}"' not in source] == []


def test_rows_go_before_those_that_they_hang_on() -> None:
    order = {table.name: place for place, table in enumerate(order_of_going())}
    for table in order_of_going():
        for key in table.foreign_keys:
            parent = key.column.table.name
            assert parent not in order or parent == table.name or order[table.name] < order[parent]
    assert order["dispositions"] < order["attempts"]
    assert order["number_facts"] < order["contact_points"]
    assert order["inbox"] < order["senders"]
