"""One row at a time: how it is told, its entry, and the key that opens that entry and no other."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from orchestrator.domain.errors import WrongKeyError
from orchestrator.domain.seal import commitment, entry_key, words_told
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.sealing import logs
from orchestrator.persistence.sealing.subjects import BY_FORM, CONTENTS
from orchestrator.persistence.sealing.telling import SQLITE, is_row, opened, structures, told, whole, words
from orchestrator.persistence.tables.seals import seal_logs, seals


@dataclass(frozen=True, slots=True)
class Opened:
    """A row as it is told today. ``log`` None: it is not sealed; ``fits`` False: it is not what was sealed."""

    form: str
    row_id: str
    told: bytes
    log: str | None = None
    position: int = 0
    key: bytes = field(default=b"", repr=False)
    commitment: bytes = b""

    @property
    def fits(self) -> bool:
        """Whether the entry says what the row says."""
        return self.log is not None and commitment(self.key, self.told) == self.commitment


class Opener:
    """Opens entries in one transaction; each log's key is read once."""

    def __init__(self, tx: Connection, keyring: Keyring) -> None:
        self._tx, self._keyring = tx, keyring
        self._keys: dict[str, bytes] = {}

    def open(self, form: str, row_id: str) -> Opened | None:
        """The row and its entry; None where there is no such row, or no words in it."""
        text = self._facts(form, row_id) if form in BY_FORM else self._words(form, row_id)
        if text is None:
            return None
        query = select(seals).where(seals.c.form == form, seals.c.row_id == row_id, seals.c.salt.is_not(None))
        entry = self._tx.execute(query).one_or_none()
        if entry is None:
            return Opened(form, row_id, text)
        key = entry_key(self._key(entry.log), bytes(entry.salt), entry.position)
        return Opened(form, row_id, text, entry.log, entry.position, key, bytes(entry.commitment))

    def _key(self, log: str) -> bytes:
        if log not in self._keys:
            row = self._tx.execute(select(seal_logs).where(seal_logs.c.log == log)).one()
            self._keys[log] = logs.key_of(self._keyring, row)
        return self._keys[log]

    def _facts(self, form: str, row_id: str) -> bytes | None:
        subject, dialect = BY_FORM[form], self._tx.dialect.name
        place = "?" if dialect == SQLITE else "%s"
        query = (
            f"SELECT {told(subject, dialect)}, {structures(subject, dialect)} "  # noqa: S608 - our own words
            f"FROM {subject.relation.name} r WHERE {is_row(subject, dialect, place)}"
        )
        row = self._tx.exec_driver_sql(query, (row_id,)).one_or_none()
        return None if row is None else whole(row[0], row[1]).encode()

    def _words(self, form: str, row_id: str) -> bytes | None:
        subject, content = CONTENTS[form]
        dialect = self._tx.dialect.name
        here = is_row(subject, dialect, "?" if dialect == SQLITE else "%s")
        query = f"SELECT {words(content, dialect)} FROM {subject.relation.name} r WHERE {here}"  # noqa: S608 - ours
        sealed = self._tx.exec_driver_sql(query, (row_id,)).scalar_one_or_none()
        try:
            return None if sealed is None else words_told(form, row_id, opened(self._keyring, content.context, sealed))
        except WrongKeyError:  # blanked, or tampered with: the verification says which
            return None
