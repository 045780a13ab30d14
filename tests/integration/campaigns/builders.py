"""A seller with a list of people, and campaigns over it."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from orchestrator.domain.attempt import Stage
from orchestrator.domain.campaign import Seller
from orchestrator.domain.campaign_file import parse_campaign
from orchestrator.persistence import sellers
from orchestrator.persistence.campaigns import Campaign
from orchestrator.persistence.dossiers import PROFILE
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.identity import new_id
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.lists import imports, list_rows, lists
from orchestrator.persistence.tables.people import contacts
from orchestrator.pipeline import campaign_drafts, campaigns, launching
from orchestrator.registries.shelf import Shelf
from tests.unit.campaigns.files import CALLS_ONLY
from tests.unit.strategies.builders import CADENCE, TIERED

NOW = datetime(2026, 3, 2, 17, tzinfo=UTC)
SCRUBBER = campaigns.Scrubber(Shelf(Path(), ()), "tests")  # no registry was imported
STRATEGIES, CADENCES = {TIERED.name: TIERED}, {CADENCE.name: CADENCE}


def a_seller(store: Store, seller_id: str = "acme-roofing") -> str:
    seller = Seller(id=seller_id, name="Acme Roofing", country="US", callback_number="+12125550100")
    with store.write() as tx:
        sellers.add(tx, seller, NOW)
    return seller_id


def a_list(store: Store, verdicts: list[str], name: str = "autumn", seller: str = "acme-roofing") -> list[int]:
    """A list with one new contact a verdict; their ids."""
    with store.write() as tx:
        list_id = _insert(tx, lists, seller_id=seller, name=name, created_at=NOW)
        import_id = _insert(
            tx,
            imports,
            list_id=list_id,
            file_digest="0" * 64,
            file_name="autumn.csv",
            reading={},
            state="finished",
            records_done=len(verdicts),
            counts={},
            started_at=NOW,
        )
        people = [a_contact(tx, store.keyring, seller) for _ in verdicts]
        rows = [
            {"import_id": import_id, "line": line, "list_id": list_id, "contact_id": person, "verdict": verdict}
            for line, (person, verdict) in enumerate(zip(people, verdicts, strict=True), 2)
        ]
        tx.execute(insert(list_rows), rows)
    return people


def a_contact(tx, keyring: Keyring, seller: str) -> int:  # type: ignore[no-untyped-def]
    profile = keyring.seal_json({}, PROFILE)
    return _insert(tx, contacts, seller_id=seller, profile_sealed=profile, country="US", created_at=NOW, updated_at=NOW)


def _insert(tx, table, **values: object) -> int:  # type: ignore[no-untyped-def]
    key: int = tx.execute(insert(table).values(values)).inserted_primary_key[0]
    return key


def a_campaign(store: Store, **fields: object) -> Campaign:
    return campaign_drafts.create(store, parse_campaign(CALLS_ONLY, fields), NOW, STRATEGIES, CADENCES, "cli:ops")


def launched(store: Store, campaign: Campaign) -> launching.Launched:
    return launching.launch(store, campaign, NOW, SCRUBBER, TIERED)


def an_attempt(store: Store, campaign: Campaign, stage: Stage, **values: object) -> object:
    attempt_id = new_id(NOW)
    row = {
        "id": attempt_id,
        "seller_id": campaign.seller_id,
        "campaign_id": campaign.id,
        "enrollment_id": 1,
        "contact_id": 1,
        "ordinal": 1,
        "number_key": b"0" * 16,
        "to_sealed": b"",
        "from_address": "+12125550100",
        "channel": "voice",
        "stage": stage,
        "decision_id": new_id(NOW),
        "planned_at": NOW,
        **values,
    }
    if "country" in attempts.c:
        row["country"] = "US"
    with store.write() as tx:
        tx.execute(insert(attempts).values(row))
    return attempt_id
