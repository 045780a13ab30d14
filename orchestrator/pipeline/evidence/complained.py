"""The first part of a pack: what is complained of, to whom, and whose number it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.compliance.answer_form import moment_form
from orchestrator.persistence.dossiers import PROFILE
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.evidence.complaint import Complaint, Section
from orchestrator.pipeline.evidence.disclosing import Discloser, Item

NAMED = ("first_name", "last_name", "name", "company")


@dataclass(frozen=True, slots=True)
class Complained:
    """Whose number it is, as far as the complainant may know."""

    complaint: Complaint
    seller: Record
    people: Sequence[Record]
    keyring: Keyring
    disclose: Discloser

    def section(self, zones: Sequence[str]) -> Section:
        """The part, with every zone that the person may be in."""
        asked, seller = self.complaint, self.seller
        item = {
            "number": asked.number,
            "seller": {
                "id": seller.id,
                "name": seller.name,
                "country": seller.country,
                "calls back": seller.callback_number,
            },
            "from": moment_form(asked.begins),
            "to": moment_form(asked.ends),
            "complaint": asked.text or None,
            "regulator": asked.regulator or None,
            "answer by": asked.answer_by or None,
            "time zones": list(zones),
            "held by": self._holders(),
        }
        return Section(1, "The complaint, the number and whose it is", [item])

    def _holders(self) -> list[Item]:
        """The people on record; where several share the number, the others are none of the complainant's business."""
        shown = [person for person in self.people if self.complaint.contact_id in {None, person.id}]
        if len(shown) > 1:
            why = "several people have the number; name one with --contact"
            self.disclose.redactions.note("part 1, held by", f"the names of {len(shown)} people", why)
        return [self._holder(person, named=len(shown) == 1) for person in shown]

    def _holder(self, person: Record, *, named: bool) -> Item:
        profile = self.keyring.open_json(person.profile_sealed, PROFILE) if named and not person.erased_at else {}
        name = " ".join(str(profile[part]) for part in NAMED if profile.get(part))
        return {
            "contact": person.id,
            "name": name or None,
            "language": person.language,
            "country": person.country,
            "region": person.region,
            "on record since": moment_form(person.created_at),
            "erased at": moment_form(person.erased_at),
        }
