"""How fast a list goes in, beside what a script with the same parts would do: no verdicts, no keys, no resume."""

import csv
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import phonenumbers

from orchestrator.installation import prove
from orchestrator.persistence import migrate
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.pipeline.intake import phones
from orchestrator.pipeline.intake.file_form import inspect
from orchestrator.pipeline.intake.importing import ImportOrder, run_import
from orchestrator.pipeline.intake.layout import count_records, lay_out
from orchestrator.pipeline.intake.seller_choice import make_default
from orchestrator.settings import Settings

RECORDS = 30_000


def measure() -> list[tuple[str, float, str]]:
    """Rows of (what, rate, unit); the baseline runs on the same file in the same run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = _list(folder / "list.csv", RECORDS)
        store = _store(folder)
        ours = _rate(lambda: _import(store, file), RECORDS)
        store.engine.dispose()
        plain = _rate(lambda: _plain(folder, file), RECORDS)
    prefixes = [f"{area}{exchange}" for area in range(201, 990, 7) for exchange in range(200, 1000, 40)]
    phones.nanp_region.cache_clear()
    cold = _rate(lambda: [phones.nanp_region(prefix) for prefix in prefixes], len(prefixes))
    return [
        ("intake: records into SQLite, one number each", ours, "records/s"),
        ("intake: the same file by csv, phonenumbers and one sqlite3 executemany", plain, "records/s"),
        ("intake: area code and exchange never met before", cold, "prefixes/s"),
    ]


def _rate(work: Callable[[], object], count: int) -> float:
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def _list(path: Path, records: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["First name", "Last name", "Phone", "ZIP", "Customer ID"])
        for row, number in zip(range(records), _fictional_numbers(), strict=False):
            writer.writerow([f"Ann{row}", "Lee", number, "70112", row])
    return path


def _fictional_numbers() -> Iterator[str]:
    areas = [area for area in range(201, 990) if phones.nanp_region(f"{area}555") is not None]
    for line in range(100):
        for area in areas:
            yield f"({area}) 555-01{line:02}"


def _store(folder: Path) -> Store:
    engine = open_engine(f"sqlite:///{folder / 'ours.sqlite3'}")
    migrate.upgrade(engine)
    store = prove(Store(engine, Keyring.parse(Keyring.generate())), Settings())
    make_default(store, "default", "US", datetime.now(UTC))
    return store


def _import(store: Store, file: Path) -> None:
    layout = lay_out(inspect(file), "US", ())
    order = ImportOrder(
        layout=layout, seller_id="default", list_name="bench", country="US", covered=lambda country: country == "US"
    )
    assert count_records(layout) == RECORDS
    report = run_import(store, order, lambda: datetime.now(UTC), lambda _: None, lambda: False)
    assert sum(report.counts.values()) == RECORDS, report


def _plain(folder: Path, file: Path) -> None:
    connection = sqlite3.connect(folder / "plain.sqlite3")
    connection.execute("CREATE TABLE people (first TEXT, last TEXT, number TEXT, zip TEXT, id TEXT)")
    with file.open(encoding="utf-8", newline="") as text:
        rows = csv.reader(text)
        next(rows)
        connection.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", map(_plain_row, rows))
    connection.commit()
    connection.close()


def _plain_row(cells: list[str]) -> tuple[str, ...]:
    number = phonenumbers.parse(cells[2], "US")
    assert phonenumbers.is_valid_number(number)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return cells[0], cells[1], e164, cells[3], cells[4]


if __name__ == "__main__":
    for what, rate, unit in measure():
        print(f"{what}: {rate:,.0f} {unit}")
