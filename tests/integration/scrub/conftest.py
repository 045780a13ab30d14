"""A seller with people on a list, in a campaign, on each database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from orchestrator.domain.decision import Cure
from orchestrator.persistence.dossiers import NUMBER, PROFILE
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.campaigns import campaigns, enrollments
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.lists import imports, list_rows, lists
from orchestrator.persistence.tables.people import contact_points, contacts, number_facts, sellers
from orchestrator.pipeline.registry_import import ImportReport, import_changes, import_registry
from orchestrator.registries.builder import Origin
from orchestrator.registries.changes import ChangeFiles
from tests.unit.registries.builders import PROFILES

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
OBTAINED = datetime(2026, 11, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Town:
    """What the tests put into the database."""

    store: Store
    folder: Path

    def seller(self, seller_id: str) -> str:
        """A seller of that id."""
        row = {
            "id": seller_id,
            "name": seller_id,
            "country": "US",
            "callback_number": "+15045550100",
            "kind": "commercial",
            "registrations": [],
            "created_at": NOW,
        }
        with self.store.write() as tx:
            tx.execute(insert(sellers).values(row))
        return seller_id

    def list_of(self, seller_id: str, *people: Sequence[str]) -> int:
        """A list of people, each with these numbers."""
        with self.store.write() as tx:
            list_row = {"seller_id": seller_id, "name": f"list of {seller_id}", "created_at": NOW}
            list_id: int = tx.execute(insert(lists).values(list_row).returning(lists.c.id)).scalar_one()
            import_row = {
                "list_id": list_id,
                "file_digest": "0" * 64,
                "file_name": "people.csv",
                "reading": {},
                "state": "finished",
                "records_done": len(people),
                "counts": {},
                "started_at": NOW,
            }
            import_id = tx.execute(insert(imports).values(import_row).returning(imports.c.id)).scalar_one()
        for line, numbers in enumerate(people, 2):
            person = self.person(seller_id, *numbers)
            row = {"import_id": import_id, "line": line, "list_id": list_id, "contact_id": person}
            with self.store.write() as tx:
                tx.execute(insert(list_rows).values(**row, verdict="accepted"))
        return list_id

    def person(self, seller_id: str, *numbers: str) -> int:
        """A person with these numbers."""
        keyring = self.store.keyring
        contact = {
            "seller_id": seller_id,
            "profile_sealed": keyring.seal_json({}, PROFILE),
            "country": "US",
            "created_at": NOW,
            "updated_at": NOW,
        }
        with self.store.write() as tx:
            contact_id: int = tx.execute(insert(contacts).values(contact).returning(contacts.c.id)).scalar_one()
            for position, number in enumerate(numbers):
                point = {
                    "seller_id": seller_id,
                    "contact_id": contact_id,
                    "number_key": keyring.number_key(number),
                    "number_sealed": keyring.seal(number, NUMBER),
                    "country": "US",
                    "position": position,
                    "created_at": NOW,
                }
                tx.execute(insert(contact_points).values(point))
        return contact_id

    def campaign(self, seller_id: str, state: str = "running", name: str = "autumn") -> int:
        """A campaign of the seller."""
        row = {
            "seller_id": seller_id,
            "name": name,
            "purpose": "telemarketing",
            "state": state,
            "priority": 5,
            "plan": {},
            "created_at": NOW,
        }
        with self.store.write() as tx:
            campaign_id: int = tx.execute(insert(campaigns).values(row).returning(campaigns.c.id)).scalar_one()
        return campaign_id

    def blocked(
        self, campaign_id: int, seller_id: str, cure: Cure, detail: str | None = None, number: str = "+15045550107"
    ) -> int:
        """A person in the campaign whom the law refused for want of a fact."""
        row = {
            "campaign_id": campaign_id,
            "contact_id": self.person(seller_id, number),
            "seller_id": seller_id,
            "stage": "blocked",
            "lane": "predictive",
            "priority": 5,
            "next_eligible_at": OBTAINED,
            "blocked_by": "some-rule",
            "cure": cure,
            "cure_detail": detail,
            "updated_at": OBTAINED,
        }
        with self.store.write() as tx:
            enrollment: int = tx.execute(insert(enrollments).values(row).returning(enrollments.c.id)).scalar_one()
        return enrollment

    def enrollment(self, enrollment_id: int) -> Record:
        """The enrollment as it stands."""
        with self.store.read() as tx:
            return tx.execute(select(enrollments).where(enrollments.c.id == enrollment_id)).one()

    def fact(self, number: str) -> Record | None:
        """What is known of the number."""
        key = self.store.keyring.number_key(number)
        with self.store.read() as tx:
            return tx.execute(select(number_facts).where(number_facts.c.number_key == key)).one_or_none()

    def registry(
        self,
        text: str,
        registry: str = "us-national",
        *,
        seller_id: str | None = None,
        obtained_at: datetime = OBTAINED,
        now: datetime = NOW,
    ) -> ImportReport:
        """Import a registry of this text."""
        file = self.folder / "registry.txt"
        file.write_text(text)
        origin = Origin(registry=registry, obtained_at=obtained_at, seller_id=seller_id)
        profile = next(profile for profile in PROFILES.values() if registry in profile.registries)
        return import_registry(self.store, self.registries, profile, [file], origin, now)

    def changes(
        self, text: str, *, seller_id: str | None = None, obtained_at: datetime = OBTAINED + timedelta(days=1)
    ) -> ImportReport:
        """Import a change list of us-national."""
        file = self.folder / "changes.txt"
        file.write_text(text)
        origin = Origin(registry="us-national", obtained_at=obtained_at, seller_id=seller_id)
        files = ChangeFiles(flagged=[file])
        return import_changes(self.store, self.registries, PROFILES["us-national"], files, origin, NOW)

    @property
    def registries(self) -> Path:
        """The folder of snapshots."""
        return self.folder / "registries"


@pytest.fixture
def town(store: Store, tmp_path: Path) -> Town:
    """Sellers acme and other, on each database."""
    town = Town(store, tmp_path)
    town.seller("acme")
    town.seller("other")
    return town
