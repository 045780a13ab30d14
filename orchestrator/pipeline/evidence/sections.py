"""The fourteen parts of an answer to a complaint, each with its rows and its proofs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from orchestrator.compliance.answer_form import rule_form
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.contact_request import ContactFacts
from orchestrator.persistence import protection
from orchestrator.persistence.dossiers import PROFILE
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.house_history import HouseHistory
from orchestrator.persistence.number_history import History
from orchestrator.persistence.paper_history import PaperHistory
from orchestrator.persistence.sellers import seller_of
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline import explain_words as words
from orchestrator.pipeline.evidence.abandoned import AS_A_CLOCK, Abandoned
from orchestrator.pipeline.evidence.complained import Complained
from orchestrator.pipeline.evidence.complaint import Complaint, Section
from orchestrator.pipeline.evidence.disclosing import Discloser, Item
from orchestrator.pipeline.evidence.house_items import changes, doubts
from orchestrator.pipeline.evidence.papers import OF_LISTS, OF_THE_HOUSE, papers
from orchestrator.pipeline.evidence.sentences import came_from, imported, obtained, scrubbed, taken_back
from orchestrator.pipeline.explain_recompute import Recomputer


@dataclass
class Sections:
    """Builds the parts from one state of the database."""

    tx: Connection
    keyring: Keyring
    rulebook: Rulebook
    complaint: Complaint
    history: History
    house: HouseHistory
    disclose: Discloser
    people: Sequence[Record]
    made_at: datetime
    zones: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Read what several parts speak of."""
        self.zones = self._zones()
        self.attempts = self.history.attempts()
        self.decisions = self.history.decisions()
        ids = [row.id for row in self.attempts]
        self.said, self.judged, self.taken_back = self.history.of_attempts(ids)
        campaigns = {row.campaign_id for row in (*self.attempts, *self.decisions)}
        self.campaigns = self.history.campaigns(campaigns)
        self.imports = self.history.imports({row.id for row in self.people} | {row.contact_id for row in self.attempts})
        lists = {row.list_id for row in self.imports}
        self.scrubs = self.history.scrubs(campaigns, lists)
        self.papers = PaperHistory(
            tx=self.tx,
            seller_id=self.complaint.seller_id,
            begins=self.complaint.begins,
            ends=self.complaint.ends,
            list_ids=lists,
            agent_ids={row.agent_id for row in self.attempts if row.agent_id is not None},
        )

    def all(self) -> list[Section]:
        """Every part, in the order of their numbers; the last of them tell of the others, and so are built last."""
        builders: tuple[Callable[[], Section], ...] = (
            *(self._complaint, self._attempts, self._decisions, self._consents, self._scrubs, self._noes),
            *(self._messages, self._scripts, self._abandonment, self._provenance, self._policies),
        )
        return [build() for build in builders]

    def _zones(self) -> tuple[str, ...]:
        """Every zone that the person may be in; what is known of nobody is told from the number alone."""
        facts = [self._facts_of(person) for person in self.people] or [ContactFacts(number=self.complaint.number)]
        return tuple(sorted({name for one in facts for name in self.rulebook.places.find(one).zone_names}))

    def _facts_of(self, person: Record) -> ContactFacts:
        profile = {} if person.erased_at else self.keyring.open_json(person.profile_sealed, PROFILE)
        return ContactFacts(
            number=self.complaint.number,
            country=person.country,
            region=person.region,
            postal_code=profile.get("postal_code"),
            time_zone=person.time_zone,
        )

    def _complaint(self) -> Section:
        asked = Complained(self.complaint, self.history.seller(), self.people, self.keyring, self.disclose)
        return asked.section(self.zones)

    def _attempts(self) -> Section:
        notes = () if self.attempts else ("No attempt was made at this number in that time.",)
        return Section(2, "Every attempt at the number", [self._attempt(row) for row in self.attempts], notes)

    def _attempt(self, row: Record) -> Item:
        rang = (row.answered_at or row.ended_at) - row.ringing_at if row.ringing_at and row.ended_at else None
        return self.disclose.row(
            "attempts.ended/1",
            row.id,
            words.attempted(row, self.complaint.number, self.zones),
            local_times=self._local(row.planned_at),
            zones_from="the rules' table of places, by country, region, postal code and number",
            ring_seconds=None if rang is None else round(rang.total_seconds(), 1),
            campaign=row.campaign_name,
            attested=row.stir_status,
            carrier_error=row.error_code,
            judged_later=[
                self.disclose.row("rejudgements.made/1", one.id) for one in self.judged if one.attempt_id == row.id
            ],
            dispositions=[self._said(one) for one in self.said if one.attempt_id == row.id],
        )

    def _said(self, row: Record) -> Item:
        note = self.disclose.words("dispositions.note/1", row.id)
        return self.disclose.row("dispositions.said/1", row.id, note=note)

    def _local(self, at: datetime) -> dict[str, str]:
        return {name: at.astimezone(ZoneInfo(name)).isoformat() for name in self.zones}

    def _decisions(self) -> Section:
        recomputer = Recomputer(self.keyring, self.rulebook)
        items = [self._decision(row, recomputer) for row in self.decisions]
        note = (
            "The rules of each decision, with their dates, class and citation, stand in the rulebook beside this file."
        )
        return Section(3, "What was decided before, by which rules, on which facts", items, (note,))

    def _decision(self, row: Record, recomputer: Recomputer) -> Item:
        again = recomputer.ask_again(self.tx, row)
        return self.disclose.row(
            "decisions.made/1",
            row.id,
            f"{words.when(row.decided_at, self.zones)}: {words.decided(row, self.complaint.number, self.zones)}",
            times=row.times,
            asked_again={"agrees": again.agrees, "note": again.note or None},
            rules=[rule_form(rule) for rule in again.answer.rules] if again.answer else [],
            facts=self.disclose.words("decisions.facts/1", row.id),
        )

    def _consents(self) -> Section:
        items = [self._consent(row) for row in self.history.consents()]
        notes = () if items else ("No consent of this number is on record.",)
        return Section(4, "Consents, with their evidence", items, notes)

    def _consent(self, row: Record) -> Item:
        evidence = self.disclose.words("consents.evidence/1", row.id)
        sentence = words.consented(row, self.complaint.number)
        return self.disclose.row("consents.recorded/1", row.id, sentence, evidence=evidence)

    def _scrubs(self) -> Section:
        digests = {digest for row in self.scrubs for found in row.snapshots.values() for digest in found}
        items = [
            self.disclose.row("scrubs.finished/1", row.id, scrubbed(row)) for row in self.scrubs if row.finished_at
        ]
        versions = self.history.snapshots(digests)
        items += [self.disclose.row("registry_snapshots.imported/1", row.digest, obtained(row)) for row in versions]
        return Section(
            5,
            "Do-not-call registries: scrubs and versions",
            items,
            ("What a registry said of this number stands in the facts of each decision, with the version's date.",),
        )

    def _noes(self) -> Section:
        items = []
        for row in self.history.suppressions():
            sentence = words.stopped(row, self.complaint.number)
            source = self.disclose.words("suppressions.source/1", row.id)
            items.append(self.disclose.row("suppressions.said/1", row.id, sentence, recorded_as=source))
            if row.lifted_at is not None:
                items.append(self.disclose.row("suppressions.lifted/1", row.id, f"Lifted by a new opt-in: {sentence}"))
        items += [taken_back(row) for row in self.taken_back]
        items += doubts(self.disclose, self.house.reviews())
        return Section(6, "What the person forbade, and how fast it was followed", items)

    def _messages(self) -> Section:
        items = [
            self._sent(row, body)
            for row in self.attempts
            if (body := self.disclose.words("attempts.body/1", row.id)) is not None
        ]
        for row in self.history.inbound():
            body = self.disclose.words("inbound_contacts.body/1", row.id)
            sentence = f"{words.when(row.at, self.zones)}: {words.heard(row, self.complaint.number, None)}"
            items.append(self.disclose.row("inbound_contacts.heard/1", row.id, sentence, body=body))
        return Section(7, "Messages in both directions", items, ("Calls are not recorded by this version.",))

    def _sent(self, row: Record, body: Item) -> Item:
        by_hand = {"answer": self.disclose.row("answers.written/1", row.id)} if row.written_by else {}
        return {"sentence": f"Sent {words.when(row.planned_at, self.zones)}{words.by_hand(row)}.", **body, **by_hand}

    def _scripts(self) -> Section:
        items = [self.disclose.row("campaigns.launched/1", row.id, f"Campaign '{row.name}'.") for row in self.campaigns]
        return Section(8, "Scripts, templates and information messages, as launched", items)

    def _abandonment(self) -> Section:
        calls = [row for row in self.attempts if row.channel == "voice"]
        zone = protection.of_seller(self.tx, self.keyring, self.complaint.seller_id).time_zone
        seller = seller_of(self.history.seller())
        counted = Abandoned(tx=self.tx, rulebook=self.rulebook, seller=seller, seller_zone=zone)
        items = counted.around(calls, self.campaigns)
        tests = [self.disclose.row("detection_tests.recorded/1", row.id) for row in self.history.detection_tests()]
        title = "Abandoned calls on that day, in that month and window, and tests of the detection"
        return Section(9, title, [*items, *tests], (AS_A_CLOCK,))

    def _provenance(self) -> Section:
        items = [
            self.disclose.row("imports.finished/1", row.id, imported(row)) for row in self.imports if row.finished_at
        ]
        said = [
            self.disclose.row("list_provenance.recorded/1", row.id, came_from(row)) for row in self.papers.origins()
        ]
        contracts, note = papers(self.papers, self.disclose, OF_LISTS, "Contracts with vendors and processors")
        return Section(10, "Where the number came from, and by which contracts", [*items, *said, *contracts], (note,))

    def _policies(self) -> Section:
        items = [self.disclose.row(form, row[0]) for form, rows in self.history.law().items() for row in rows]
        on_file, note = papers(self.papers, self.disclose, OF_THE_HOUSE, "Policies, and training of those who called")
        senders = {row.from_address for row in self.attempts}
        done = changes(self.disclose, self.house.actions([row.id for row in self.campaigns], senders))
        title = "Rulebooks accepted, halts, emergencies, policies, training, changes: what was in force, by whose hand"
        return Section(11, title, [*items, *on_file, *done], (note,))
