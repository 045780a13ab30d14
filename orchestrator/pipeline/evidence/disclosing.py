"""Rows as a pack shows them: what each says, and the entry that proves it, unless other people stand in it."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.sealing.opening import Opened, Opener
from orchestrator.persistence.sealing.subjects import BY_FORM
from orchestrator.persistence.sealing.telling import names_of
from orchestrator.pipeline.evidence.redaction import Redactions

Item = dict[str, Any]
OUR_OWN_WORDS = frozenset({"decisions.facts/1"})  # a question to the gate, which is about one person
NOT_SEALED = "not sealed when the pack was made; a worker seals within ten seconds"
CONTRADICTED = "THE ROW IS NOT WHAT WAS SEALED: `orchestrator evidence verify` tells more"


@dataclass(slots=True)
class Discloser:
    """Gathers the entries that are opened. ``withheld`` are shown to be in the log, and not opened."""

    opener: Opener
    redactions: Redactions
    opened: list[Opened] = field(default_factory=list)
    withheld: list[Opened] = field(default_factory=list)

    @classmethod
    def within(cls, tx: Connection, keyring: Keyring, redactions: Redactions) -> "Discloser":
        """One that reads in this transaction."""
        return cls(Opener(tx, keyring), redactions)

    def row(self, form: str, key: object, sentence: str = "", **more: Any) -> Item:
        """The row's sealed facts, as they stand in its entry, with what else is known of it."""
        found = self.opener.open(form, _named(key))
        item: Item = {"sentence": sentence} if sentence else {}
        if found is None:
            return {**item, **more, "proof": "the row is gone"}
        values = json.loads(found.told)[1:]
        item["row"] = dict(zip(names_of(BY_FORM[form]), values, strict=True))
        return {**item, **more, "entry": self._entry(found)}

    def words(self, form: str, key: object) -> Item | None:
        """The words of a sealed column; with other people's numbers in them they are masked, and not opened."""
        found = self.opener.open(form, _named(key))
        if found is None:
            return None
        said = found.told.split(b"\n", 2)[2].decode()
        if form in OUR_OWN_WORDS:
            return {"words": said, "entry": self._entry(found)}
        shown = self.redactions.of_words(f"{form} {found.row_id}", said)
        if shown == said:
            return {"words": said, "entry": self._entry(found)}
        return {"words": shown, "entry": self._entry(found, withhold=True)}

    def withheld_row(self, form: str, key: object, why: str, **shown: Any) -> Item:
        """A row whose entry is shown to be there, and not what it says."""
        found = self.opener.open(form, _named(key))
        if found is None:
            return shown
        self.redactions.note(f"{form} {found.row_id}", "the whole entry", why)
        return {**shown, "entry": self._entry(found, withhold=True)}

    def _entry(self, found: Opened, *, withhold: bool = False) -> Item:
        if found.log is None:
            return {"proof": NOT_SEALED}
        if not found.fits:
            return {"log": found.log, "position": found.position, "proof": CONTRADICTED}
        (self.withheld if withhold else self.opened).append(found)
        named = {"log": found.log, "position": found.position}
        return {**named, "proof": "withheld"} if withhold else named


def _named(key: object) -> str:
    return key.hex if isinstance(key, UUID) else str(key)
