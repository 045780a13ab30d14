"""The parts behind the fourteen: what the person asked about their data, breaches, and what must stay or has gone."""

from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.compliance.answer_form import moment_form
from orchestrator.persistence.house_history import HouseHistory
from orchestrator.persistence.sealing.subjects import BY_FORM, CONTENTS
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.evidence.complaint import Complaint, Section
from orchestrator.pipeline.evidence.disclosing import Discloser, Item

ANOTHERS = "another person has the number too, and it may be their request; name who is meant with --contact"
OF_OTHERS = "it counts other people and other sellers"
RUN = "retention_runs.finished/1"
OTHER_ROWS = "it names other people's rows"


@dataclass(frozen=True, slots=True)
class HouseSections:
    """Builds them from the state of the database that the others are of."""

    complaint: Complaint
    history: HouseHistory
    disclose: Discloser

    def all(self) -> list[Section]:
        """In the order of their numbers; what went by law is looked up for what the parts before have shown."""
        builders: tuple[Callable[[], Section], ...] = (self._requests, self._breaches, self._kept_and_gone)
        return [build() for build in builders]

    def _requests(self) -> Section:
        items = [self._request(row) for row in self.history.requests()]
        notes = () if items else ("The person has asked for nothing.",)
        return Section(15, "What the person asked about their own data, and by when it was answered", items, notes)

    def _request(self, row: Record) -> Item:
        told = {"sentence": _asked(row), "due_on": row.due_on.isoformat(), "rule": row.rule, "state": row.state}
        told |= {"told of a longer time": moment_form(row.extended_at), "identity": row.identity}
        told |= {"closed_at": moment_form(row.closed_at), "in_time": _in_time(row)}
        received = "rights_requests.received/1"
        if row.is_shared and row.contact_id != self.complaint.contact_id:
            shown = {**told, "steps": [step.step for step in self.history.steps(row.id)]}
            return self.disclose.withheld_row(received, row.id, ANOTHERS, **shown)
        ended = self.disclose.row("rights_requests.ended/1", row.id) if row.closed_at is not None else None
        asked = self.disclose.words("rights_requests.subject/1", row.id)
        steps = [self._step(step) for step in self.history.steps(row.id)]
        return self.disclose.row(received, row.id, **told, asked=asked, steps=steps, end=ended)

    def _step(self, step: Record) -> Item:
        sentence = f"{step.at:%Y-%m-%d %H:%M:%S} UTC, {step.by}: {step.step}."
        note = self.disclose.words("rights_steps.note/1", step.id)
        return self.disclose.row("rights_steps.taken/1", step.id, sentence, note=note)

    def _breaches(self) -> Section:
        items = [self._breach(row) for row in self.history.breaches()]
        notes = () if items else ("No breach in which the number was read is on record.",)
        return Section(16, "Breaches that touched the number, and who was told", items, notes)

    def _breach(self, row: Record) -> Item:
        sentence = f"Breach {row.id}, known since {row.aware_at:%Y-%m-%d %H:%M} UTC."
        told = [self.disclose.row("breach_steps.taken/1", step.id) for step in self.history.breach_steps(row.id)]
        return self.disclose.row(
            "breaches.opened/1",
            row.id,
            sentence,
            what_happened=self.disclose.words("breaches.what_happened/1", row.id),
            counts=self.disclose.withheld_row("breaches.counted/1", row.id, OF_OTHERS),
            told=told,
            end=None if row.closed_at is None else self.disclose.row("breaches.closed/1", row.id),
        )

    def _kept_and_gone(self) -> Section:
        held = [self._hold(row) for row in self.history.holds()]
        erased = [
            self.disclose.row("erasures.begun/1", row.id, f"Erased from {row.at:%Y-%m-%d %H:%M} UTC on.")
            for row in self.history.erasures()
        ]
        gone = [self._removal(row) for row in self.history.removals(self._shown())]
        runs = [self._run(row) for row in self.history.runs()]
        note = "A row that went whole is not told of one by one: nothing is left that says whose it was."
        return Section(17, "What must stay, and what went by law", [*held, *erased, *gone, *runs], (note,))

    def _hold(self, row: Record) -> Item:
        reason = self.disclose.words("holds.reason/1", row.id)
        sentence = f"Kept for a complaint or a claim from {row.placed_at:%Y-%m-%d %H:%M} UTC on."
        released = None if row.released_at is None else self.disclose.row("holds.released/1", row.id)
        return self.disclose.row("holds.placed/1", row.id, sentence, reason=reason, released=released)

    def _shown(self) -> dict[str, set[str]]:
        """The rows of the whole pack, by table."""
        found: dict[str, set[str]] = {}
        for entry in (*self.disclose.opened, *self.disclose.withheld):
            subject = BY_FORM[entry.form] if entry.form in BY_FORM else CONTENTS[entry.form][0]
            found.setdefault(subject.relation.name, set()).add(entry.row_id)
        return found

    def _removal(self, row: Record) -> Item:
        sentence = f"{row.at:%Y-%m-%d %H:%M} UTC: {row.how} in {row.relation} by {row.cause} ({row.reason})."
        if len(row.rows) == 1:
            return self.disclose.row("removals.noted/1", row.id, sentence)
        return self.disclose.withheld_row("removals.noted/1", row.id, OTHER_ROWS, sentence=sentence)

    def _run(self, row: Record) -> Item:
        sentence = f"Run of retention by {row.by}, periods judged at {row.judged_at:%Y-%m-%d %H:%M} UTC."
        if row.seller_id is not None:
            return self.disclose.row(RUN, row.id, sentence)
        return self.disclose.withheld_row(RUN, row.id, OF_OTHERS, sentence=sentence, law=row.law)


def _asked(row: Record) -> str:
    received = f"{row.received_at:%Y-%m-%d %H:%M} UTC"
    return f"Request {row.id} to {row.kind}, received {received} by {row.channel}: {row.state}, due {row.due_on}."


def _in_time(row: Record) -> bool | None:
    return None if row.closed_at is None else row.closed_at.date() <= row.due_on
