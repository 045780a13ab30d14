"""Rows of years ago, as the pipeline leaves them behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from orchestrator.compliance.retention_law import RetentionLaw
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.inbox import EVENT
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import decisions
from orchestrator.persistence.tables.deliveries import deliveries, inbox
from orchestrator.persistence.tables.desk import dispositions
from orchestrator.persistence.tables.families import metadata
from orchestrator.persistence.tables.people import consents
from orchestrator.persistence.tables.proof import removals
from orchestrator.pipeline.planning import TO
from orchestrator.pipeline.retention.running import Retention, RunReport
from tests.world import CALLER_ID, CONFIG, World

TEXT = (CONFIG / "retention.toml").read_text("utf-8")
LAW = RetentionLaw.parse(TEXT)
HISTORY_DAYS = 60
TICK = timedelta(microseconds=1)


def retention(store: Store, now: datetime, law: RetentionLaw = LAW, **changes: Any) -> Retention:
    """A run at that moment."""
    return Retention(store=store, law=law, history_days=HISTORY_DAYS, clock=lambda: now, **changes)


def ran(store: Store, now: datetime, law: RetentionLaw = LAW) -> RunReport:
    """What a run at that moment did."""
    return retention(store, now, law).run("cli:ops")


def a_call(world: World, number: str, country: str, at: datetime, **changes: Any) -> UUID:
    """A call that ended, with its decision and an agent's word on it."""
    keyring = world.store.keyring
    attempt_id, decision_id = new_id(at), new_id(at)
    shared = {
        "seller_id": changes.pop("seller_id", "acme"), "campaign_id": changes.pop("campaign_id", 1), "enrollment_id": 0,
        "contact_id": changes.pop("contact_id", 0), "number_key": keyring.number_key(number), "channel": "voice",
    }  # fmt: skip
    call = {
        "id": attempt_id, "ordinal": 1, "to_sealed": keyring.seal(number, TO), "country": country,
        "from_address": CALLER_ID, "stage": "ended", "outcome": "no_answer", "decision_id": decision_id,
        "planned_at": at, "ended_at": at, "followed_up": True, **shared, **changes,
    }  # fmt: skip
    decision = {
        "id": decision_id, "attempt_id": attempt_id, "verdict": "allow", "rules": [], "rulebook": "0" * 64,
        "facts_sealed": keyring.seal("{}", "decisions.facts"), "decided_at": at, "last_at": at, **shared,
    }  # fmt: skip
    word = {
        "attempt_id": attempt_id, "campaign_id": shared["campaign_id"], "disposition": "no-answer", "next_step": "rest",
        "is_default": True, "at": at,
    }  # fmt: skip
    with world.store.write() as tx:
        tx.execute(insert(attempts).values(call))
        tx.execute(insert(decisions).values(decision))
        tx.execute(insert(dispositions).values(word))
    return attempt_id


def a_consent(world: World, number: str, at: datetime, event: str = "given", **changes: Any) -> int:
    """What somebody said, years ago."""
    row = {
        "seller_id": "acme", "number_key": world.store.keyring.number_key(number), "event": event, "channel": "voice",
        "happened_at": at, "recorded_at": at, **changes,
    }  # fmt: skip
    with world.store.write() as tx:
        return int(tx.execute(insert(consents).values(row).returning(consents.c.id)).scalar_one())


def a_delivery(world: World, from_: str, at: datetime, attempt_id: UUID | None = None) -> UUID:
    """A raw delivery that was applied."""
    number = new_id(at)
    sealed = world.store.keyring.seal_json({"from_": from_, "to": CALLER_ID, "body": "hello"}, EVENT)
    row = {"id": number, "kind": "inbound_message", "attempt_id": attempt_id, "event_sealed": sealed}
    with world.store.write() as tx:
        tx.execute(insert(inbox).values(**row, received_at=at, processed_at=at))
        tx.execute(insert(deliveries).values(key=number.bytes, received_at=at))
    return number


def left(store: Store, table: Any) -> set[Any]:
    """The keys of the rows that are there."""
    key = next(iter(table.primary_key.columns))
    with store.read() as tx:
        return set(tx.execute(select(key)).scalars())


@contextmanager
def every_row_that_goes_is_noted(store: Store) -> Iterator[None]:
    """Whatever is missing afterwards is named by a removal, and nothing else is."""
    before, noted_before = _all_keys(store), left(store, removals)
    yield
    after = _all_keys(store)
    gone = {(name, key) for name, keys in before.items() for key in keys - after[name]}
    with store.read() as tx:
        notes = tx.execute(select(removals).where(removals.c.how == "deleted", removals.c.cause == "retention")).all()
    new = [note for note in notes if note.id not in noted_before]
    assert {(note.relation, row) for note in new for row in note.rows} == gone


def _all_keys(store: Store) -> dict[str, set[str]]:
    with store.read() as tx:
        return {
            table.name: {
                ":".join(_plain(part) for part in row) for row in tx.execute(select(*table.primary_key.columns))
            }
            for table in metadata.sorted_tables
        }


def _plain(part: object) -> str:
    return part.hex() if isinstance(part, bytes) else str(part)


def stopping_after(pages: int) -> Callable[[], bool]:
    """Something that ends a run after so many batches as a lost lead does."""
    left_ = iter([True] * pages)
    return lambda: next(left_, False)
