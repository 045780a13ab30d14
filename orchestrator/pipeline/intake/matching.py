"""Who is here already, and what a chunk of records adds to them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from orchestrator.domain.contact_request import ConsentChannel
from orchestrator.persistence import consents, contacts, provenance, sellers
from orchestrator.persistence.contacts import Additions
from orchestrator.persistence.dossiers import NUMBER, PROFILE
from orchestrator.persistence.encryption import Keyring
from orchestrator.pipeline.intake.consent_cells import ConsentClaim
from orchestrator.pipeline.intake.entry import Entry, Point, name_key
from orchestrator.pipeline.intake.keyed import Keyed
from orchestrator.pipeline.intake.noes import Noes
from orchestrator.pipeline.intake.rows import Person, RowMaker
from orchestrator.pipeline.intake.verdicts import Judged, Verdict

OnRegistry = Callable[[Sequence[str]], Sequence[bool]]
COLUMNS = ("region", "time_zone", "language")
CONSENT_FOR_FIRST = "consent counted for the first number alone"
OTHER_VALUE = "differs from what is here, which stays"


class Crowd:
    """Everybody whom a chunk may mean, and what it adds to them."""

    def __init__(
        self, keyring: Keyring, seller_id: str, now: datetime, on_registry: OnRegistry, list_id: int | None = None
    ) -> None:
        self.keyring, self.seller_id, self.on_registry = keyring, seller_id, on_registry
        self.rows = RowMaker(keyring, seller_id, now, list_id)
        self.additions = Additions()
        self.people: dict[int, Person] = {}
        self.by_external: dict[bytes, Person] = {}
        self.by_number: dict[bytes, list[Person]] = {}
        self.noes = Noes(seller_id)
        self.consents: set[consents.Identity] = set()

    def keyed(self, entry: Entry) -> Keyed:
        """The entry with its keys."""
        external, keyring = entry.external_id, self.keyring
        return Keyed(
            entry,
            None if external is None else keyring.number_key(f"external:{external}"),
            {number: keyring.number_key(number) for number in entry.numbers},
            b"" if entry.verdict is not None else keyring.seal_json(entry.profile, PROFILE),
            {point.number: keyring.seal(point.number, NUMBER) for point in entry.points},
        )

    @staticmethod
    def keys(chunk: Sequence[Keyed]) -> tuple[set[bytes], set[bytes]]:
        """The chunk's external keys and number keys."""
        numbers = {key for keyed in chunk for key in keyed.number_keys.values()}
        return {keyed.external_key for keyed in chunk if keyed.external_key is not None}, numbers

    def meet(self, tx: Connection, chunk: Sequence[Keyed]) -> None:
        """Read whoever the chunk may mean, and every no to its numbers."""
        external, numbers = self.keys(chunk)
        if not numbers and not external:
            return
        self.noes.meet(tx, external, numbers)
        for row in contacts.find(tx, self.seller_id, external, numbers):
            self._remember(self._person(row))
        for row in contacts.points_of(tx, list(self.people)) if self.people else ():
            self._add_number(self.people[row.contact_id], bytes(row.number_key), row.position)
        if any(keyed.entry.refusal is not None for keyed in chunk):
            self.noes.meet_those_of_lists(tx, {*numbers, *self.by_number})
        if any(keyed.entry.consents for keyed in chunk):
            terms_id = consents.terms_of(tx, self.seller_id)
            self.rows = replace(self.rows, terms_id=terms_id, named=self._named_in_a_bought_list(tx))
            self.consents = consents.known(tx, self.seller_id, numbers)

    def _named_in_a_bought_list(self, tx: Connection) -> str | None:
        """The seller's name where the list was somebody else's: whose consents these are is for their text to say."""
        if self.rows.list_id not in provenance.bought_lists(tx, {self.seller_id}):
            return None
        return sellers.require(tx, self.seller_id).name

    def judge(self, tx: Connection, chunk: Sequence[Keyed]) -> list[Judged]:
        """A verdict on each of the chunk, in its order; what they add gathers in ``additions``."""
        readable = [keyed for keyed in chunk if keyed.entry.verdict is None]
        ids = iter(contacts.new_ids(tx, len(readable)))
        listed = self._listed(readable)
        return [self._judged(keyed, ids, listed) for keyed in chunk]

    def _listed(self, readable: Sequence[Keyed]) -> dict[str, bool]:
        numbers = list(dict.fromkeys(point.number for keyed in readable for point in keyed.entry.points))
        return dict(zip(numbers, self.on_registry(numbers), strict=True)) if numbers else {}

    def _judged(self, keyed: Keyed, ids: Iterable[int], listed: dict[str, bool]) -> Judged:
        entry = keyed.entry
        if entry.refusal is not None:
            self._file_no(keyed, entry.refusal)
        contact_id = None
        verdict = entry.verdict or self.noes.verdict(keyed)
        if verdict is None:
            person = self._who(keyed)
            verdict = self._known(person, keyed) if person is not None else None
            if person is None:
                person = self._new(keyed, next(iter(ids)))
                all_listed = all(listed[point.number] for point in entry.points)
                verdict = Verdict.LISTED if all_listed else Verdict.ACCEPTED
            contact_id = person.id
        assert verdict is not None, "every branch gives one"  # noqa: S101 - narrows the type
        return Judged(
            line=entry.line, verdict=verdict, numbers=entry.numbers, reason=entry.reason, contact_id=contact_id
        )

    def _file_no(self, keyed: Keyed, refusal: ConsentChannel) -> None:
        known = self.by_external.get(keyed.external_key or b"")
        for key in self.noes.add(keyed, refusal, known):
            self.additions.suppressions.append(self.rows.suppression(key, refusal))

    def _who(self, keyed: Keyed) -> Person | None:
        """The same external id, or where one side has none, a shared number and the same or no name."""
        if keyed.external_key is not None and keyed.external_key in self.by_external:
            return self.by_external[keyed.external_key]
        name = None
        for point in keyed.entry.points:
            for person in self.by_number.get(keyed.number_keys[point.number], ()):
                if person.external_key is not None and keyed.external_key is not None:
                    continue
                name = name_key(keyed.entry.profile) if name is None else name
                theirs = name_key(person.profile)
                if not name or not theirs or name == theirs:
                    return person
        return None

    def _known(self, person: Person, keyed: Keyed) -> Verdict:
        """What the record adds to somebody who is here already; nothing that is here is overwritten."""
        entry, before = keyed.entry, self._size()
        if keyed.external_key is not None and person.external_key is None:
            person.added["external_key"] = person.external_key = keyed.external_key
            self.by_external[keyed.external_key] = person
        self._add_profile(person, entry)
        self._add_points(person, keyed)
        self._add_consents(person, keyed)
        changed = bool(person.added) and self._file_changes(person)
        return Verdict.MERGED if changed or self._size() > before else Verdict.DUPLICATE

    def _size(self) -> int:
        return len(self.additions.points) + len(self.additions.consents)

    def _add_profile(self, person: Person, entry: Entry) -> None:
        for key, text in entry.profile.items():
            if key not in person.profile:
                person.profile[key] = text
                person.added["profile_sealed"] = b""
            elif person.profile[key] != text:
                entry.notes.append(f"{key.replace('_', ' ')} {OTHER_VALUE}")
        for column in COLUMNS:
            text = getattr(entry, column)
            if text and not person.columns[column]:
                person.columns[column] = person.added[column] = text
            elif text and text != person.columns[column]:
                entry.notes.append(f"{column.replace('_', ' ')} {OTHER_VALUE}")

    def _file_changes(self, person: Person) -> bool:
        """Note the new values: in the row to be inserted for somebody new in this chunk, else as an update."""
        if "profile_sealed" in person.added:
            person.added["profile_sealed"] = self.rows.profile(person)
        if person.is_new:
            self.additions.contacts[person.id] = {**self.additions.contacts[person.id], **person.added}
        else:
            self.additions.changes[person.id] = {**self.additions.changes.get(person.id, {}), **person.added}
        person.added = {}
        return True

    def _new(self, keyed: Keyed, contact_id: int) -> Person:
        entry = keyed.entry
        columns = {column: getattr(entry, column) for column in COLUMNS}
        person = Person(contact_id, True, keyed.external_key, dict(entry.profile), entry.country, columns)
        self._remember(person)
        self.additions.contacts[person.id] = self.rows.contact(person, keyed.profile_sealed)
        self._add_points(person, keyed)
        if entry.consents:
            self._add_consents(person, keyed)
        return person

    def _add_points(self, person: Person, keyed: Keyed) -> None:
        for point in keyed.entry.points:
            key = keyed.number_keys[point.number]
            if key in person.numbers:
                continue
            self.additions.points.append(self.rows.point(person, point, key, keyed.numbers_sealed[point.number]))
            self._add_number(person, key, person.next_position)

    def _add_consents(self, person: Person, keyed: Keyed) -> None:
        for claim in keyed.entry.consents:
            point = number_meant(keyed.entry.points, claim)
            if len(keyed.entry.points) > 1:
                keyed.entry.notes.append(CONSENT_FOR_FIRST)
            key = keyed.number_keys[point.number]
            identity = claim.identity(key)
            if identity not in self.consents:
                self.consents.add(identity)
                self.additions.consents.append(self.rows.consent(person, claim, key))

    def _person(self, row: Any) -> Person:
        profile = self.keyring.open_json(row.profile_sealed, PROFILE)
        columns = {column: getattr(row, column) for column in COLUMNS}
        external = bytes(row.external_key) if row.external_key is not None else None
        return Person(row.id, False, external, profile, row.country, columns)

    def _remember(self, person: Person) -> None:
        self.people[person.id] = person
        if person.external_key is not None:
            self.by_external[person.external_key] = person

    def _add_number(self, person: Person, key: bytes, position: int) -> None:
        person.numbers.add(key)
        person.next_position = max(person.next_position, position + 1)
        self.by_number.setdefault(key, []).append(person)


def number_meant(points: Sequence[Point], claim: ConsentClaim) -> Point:
    """A consent names one number: for messages the first mobile where the list tells, else the first number."""
    if claim.channel.value == "sms":
        return next((point for point in points if point.label == "mobile"), points[0])
    return points[0]
