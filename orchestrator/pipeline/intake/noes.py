"""Every no that a chunk of records meets, and those that it brings: a list may say whom not to call."""

from collections.abc import Collection

from sqlalchemy import Connection

from orchestrator.domain.contact_request import ConsentChannel, SuppressionKind
from orchestrator.persistence import contacts, erasures
from orchestrator.pipeline.intake.keyed import Keyed
from orchestrator.pipeline.intake.rows import Person
from orchestrator.pipeline.intake.verdicts import Verdict

SUPPRESSED_PART = "a number that said no to this seller"
SAID_NO = "the list says do not call"
NO_IS_KEPT = "the no is kept for the numbers that are here under this id"
REFUSED_BY = {
    SuppressionKind.ERASED: "the person was erased at their own request, and only they themselves can opt in again",
    SuppressionKind.OBJECTION: "the person objected to being contacted, and only they themselves can opt in again",
    SuppressionKind.RESTRICTION: "the person restricted the use of their data",
}


class Noes:
    """What the people of a chunk have said to this seller, by number key or by the key of the seller's own id."""

    def __init__(self, seller_id: str) -> None:
        self.seller_id = seller_id
        self.suppressed: dict[bytes, frozenset[str]] = {}
        self.refused: dict[bytes, frozenset[str]] = {}  # the channels of a no like that of a list
        self.forbidden: dict[bytes, str] = {}  # why no part of this person comes in, by number or by their own id
        self.newly_silenced: list[bytes] = []

    def meet(self, tx: Connection, external: Collection[bytes], numbers: Collection[bytes]) -> None:
        """Read every no to these numbers and ids."""
        self.suppressed = dict(contacts.suppressed(tx, self.seller_id, numbers))
        self.forbidden = {
            **{key: REFUSED_BY[kind] for key, kind in contacts.forbidden(tx, self.seller_id, numbers).items()},
            **dict.fromkeys(erasures.erased_ids(tx, self.seller_id, external), REFUSED_BY[SuppressionKind.ERASED]),
        }

    def meet_those_of_lists(self, tx: Connection, keys: Collection[bytes]) -> None:
        """Read which of these numbers a list has already said no for.

        An objection reaches less far than a list's no, and START opens a STOP again: only the same no is known.
        """
        self.refused = dict(contacts.suppressed(tx, self.seller_id, keys, [SuppressionKind.DO_NOT_CALL]))

    def verdict(self, keyed: Keyed) -> Verdict | None:
        """Suppressed where every valid number said no to this seller; where some did, the reason says so.

        Whoever was erased, objected or is restricted under one number or id does not come in under another one.
        """
        keys = (*keyed.number_keys.values(), *([keyed.external_key] if keyed.external_key else []))
        refused = next((self.forbidden[key] for key in keys if key in self.forbidden), None)
        if refused is not None:
            keyed.entry.notes.append(refused)
            return Verdict.SUPPRESSED
        if not self.suppressed:
            return None
        silent = [contacts.silences(self.suppressed.get(key, ())) for key in keyed.number_keys.values()]
        if any(silent):
            keyed.entry.notes.append(SAID_NO if keyed.entry.refusal is not None else SUPPRESSED_PART)
        return Verdict.SUPPRESSED if all(silent) else None

    def add(self, keyed: Keyed, refusal: ConsentChannel, known: Person | None) -> list[bytes]:
        """The list says that this person must not be called: a no for each of their numbers; those where it is news.

        ``known``: whoever is here under the seller's own id, who may have other numbers than the record names.
        """
        if known is not None and keyed.entry.verdict is not None:
            keyed.entry.notes.append(NO_IS_KEPT)
        keys = {*keyed.number_keys.values(), *(known.numbers if known is not None else ())}
        return [key for key in keys if self._is_news(key, refusal)]

    def _is_news(self, key: bytes, refusal: ConsentChannel) -> bool:
        """Whether nobody has said this no for the number before; from now on somebody has."""
        standing = self.refused.get(key, frozenset())
        if refusal.value in standing or contacts.silences(standing):
            return False
        self.refused[key] = standing | {refusal.value}
        self.suppressed[key] = self.suppressed.get(key, frozenset()) | {refusal.value}
        self.newly_silenced.append(key)
        return True
