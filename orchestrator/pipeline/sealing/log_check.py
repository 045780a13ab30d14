"""One log, entry by entry: is each row what was sealed, and is the tree over them the one whose heads were kept?"""

import hmac
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import islice

from sqlalchemy import Connection

from orchestrator.domain.errors import WrongKeyError
from orchestrator.domain.merkle import Frontier
from orchestrator.domain.seal import commitment, entry_key, words_told
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.sealing import logs, strays, telling
from orchestrator.persistence.sealing.stream import Read, read_log
from orchestrator.persistence.sealing.subjects import BY_FORM, CONTENTS, is_known
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.sealing.by_right import ATTEMPTS, Removals, as_it_was, has_new_entry
from orchestrator.pipeline.sealing.findings import GoodHead, LogReport

NEVER = -1
AT_ONCE = 1024


def _leaf(entry: Read) -> bytes:
    return sha256(b"\x00%b\n%b\n%b" % (entry[1].encode(), entry[2].encode(), entry[4])).digest()


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


class LogCheck:
    """The state of one log's verification. ``rings``: when each complete sealing was, over all logs, in order.

    ``wanted`` are sizes at which the root is wanted besides; ``roots`` holds them afterwards.
    """

    def __init__(
        self, tx: Connection, keyring: Keyring, row: Record, removals: Removals, rings: Sequence[datetime]
    ) -> None:
        self.tx, self.keyring, self.row, self.removals, self.rings = tx, keyring, row, removals, rings
        self.report = LogReport(row.log)
        self.key = self._key()
        self.heads = self._heads()
        self.gone: Counter[str] = Counter()  # rows that are not there though their entries have their keys
        self.roots: dict[int, bytes] = {}
        self.broken = False  # the tree is known to be another already
        self.ring: datetime | None = None  # the last complete sealing before the head that is come to
        self.known: dict[str, datetime | None] = {}  # since when a kind is sealed, of those that were asked about
        self.contexts = {form: content.context for form, (_, content) in CONTENTS.items()}

    def _key(self) -> bytes:
        """The log's key; one that fits nothing where it does not open any more."""
        try:
            return logs.key_of(self.keyring, self.row)
        except (WrongKeyError, ValueError):
            self.report.find("the log's own key does not open: what is kept of it was changed")
            return b""

    def _heads(self) -> dict[int, Record]:
        try:
            return {head.size: head for head in logs.heads_of(self.tx, self.row.log)}
        except ValueError:
            self.report.find("a head of the log says no moment: what is kept of the heads was changed")
            return {}

    def run(self, wanted: frozenset[int], progress: Callable[[int], None]) -> LogReport:
        """Read the whole log; ``progress`` is told how many more entries are done."""
        self._judge_size()
        frontier = Frontier()
        self._walk(frontier, sorted({*self.heads, *wanted}), wanted, progress)
        self._judge_end(frontier)
        return self.report

    def _walk(
        self, frontier: Frontier, stops: Sequence[int], wanted: frozenset[int], progress: Callable[[int], None]
    ) -> None:
        """A whole subtree at a time, or as far as a root is wanted."""
        rows = read_log(self.tx, self.row.log)
        waiting = iter(stops)
        stop, expected = next(waiting, NEVER), 0
        while chunk := list(islice(rows, self._room(frontier.size, stop))):
            expected = self._check(chunk, expected, self._late_before(stop))
            frontier.extend([_leaf(entry) for entry in chunk])
            progress(len(chunk))
            if frontier.size == stop:
                self._judge_root(frontier, stop, wanted)
                stop = next(waiting, NEVER)
        self.report.entries = frontier.size

    def _room(self, size: int, stop: int) -> int:
        room = AT_ONCE - size % AT_ONCE
        return room if stop == NEVER else min(room, stop - size)

    def _check(self, chunk: Sequence[Read], expected: int, late: Mapping[str, str]) -> int:
        """The one loop that must be fast: what is not as it should be leaves it for a slower road."""
        log_key, digest, contexts, limit = self.key, hmac.digest, self.contexts, late.get
        for entry in chunk:
            position, form, row_id, salt, committed, _, text, held, sealed = entry
            if position != expected:
                self._missing(expected, position)
            expected = position + 1
            told = None
            if form in contexts:
                told = self._words(entry, sealed)
            elif text is not None:
                told = (text if held is None else telling.whole(text, held)).encode()
                if text[-28:-2] < limit(form, ""):
                    self._suspect(text, position, form, row_id)
            if told is None or salt is None:
                self._judge(entry, told)
                continue
            key = sha256(log_key + salt + position.to_bytes(8, "big")).digest()
            if digest(key, told, "sha256") != committed:
                self._judge(entry, told)
        return expected

    def _words(self, entry: Read, sealed: bytes | None) -> bytes | None:
        """What is told of sealed words; None where they are gone, empty where they do not open."""
        if sealed is None:
            return None
        try:
            return words_told(entry[1], entry[2], telling.opened(self.keyring, self.contexts[entry[1]], sealed))
        except WrongKeyError:
            return b""

    def _judge(self, entry: Read, told: bytes | None) -> None:
        """An entry that is not simply what the row says today."""
        position, form, row_id, salt, committed, removed_by, *_ = entry
        if not is_known(form):
            self.report.find("is of a form that this version does not know", position, form, row_id)
        elif salt is None:
            self._judge_removed(entry, told, removed_by)
        elif told is None:
            self._judge_gone(entry)
        elif form == ATTEMPTS and self._was_so(told, entry_key(self.key, salt, position), committed):
            self.report.rejudged += 1
        elif form not in self.contexts or not self._removed_of_late(entry):
            self.report.find(self._unlike(entry), position, form, row_id)

    def _removed_of_late(self, entry: Read) -> bool:
        """Whether a removal that is not sealed yet took the row, or these words of it, which may leave others there."""
        cause = self.removals.not_followed_yet(entry[1], entry[2], self.row.log)
        self.report.removed.update([cause] if cause else [])
        return cause is not None

    def _judge_removed(self, entry: Read, told: bytes | None, removed_by: int | None) -> None:
        position, form, row_id = entry[:3]
        cause = None if removed_by is None else self.removals.of(removed_by, form, row_id, self.row.log)
        if cause is None:
            self.report.find("has lost its key, and no removal says by which right", position, form, row_id)
        elif told is not None and form in BY_FORM and not has_new_entry(self.tx, form, row_id):
            self.report.find(f"is on record as removed ({cause}), and its row is there", position, form, row_id)
        else:
            self.report.removed[cause] += 1

    def _judge_gone(self, entry: Read) -> None:
        position, form, row_id = entry[:3]
        if form in BY_FORM:
            self.gone[form] += 1
        if self._removed_of_late(entry):
            return
        what = "its words are gone" if form in self.contexts else "its row is gone"
        self.report.find(f"{what}, and no removal says by which right", position, form, row_id)

    def _was_so(self, told: bytes, key: bytes, committed: bytes) -> bool:
        return any(commitment(key, earlier.encode()) == committed for earlier in as_it_was(self.tx, told.decode()))

    def _unlike(self, entry: Read) -> str:
        """The row was edited, or the entry stands where another stood: the key of an entry holds its position."""
        if entry[1] in self.contexts and entry[8] is not None:
            return "its words are not those that were sealed"
        return "its row is not as it was sealed, or the entry is not in its place"

    def _missing(self, expected: int, position: int) -> None:
        self.broken = True
        which = f"entry {expected} is" if position == expected + 1 else f"entries {expected} to {position - 1} are"
        self.report.find(f"{which} missing from the log", expected)

    def _late_before(self, stop: int) -> Mapping[str, str]:
        """Of each kind with a moment, the text before which a moment is too old to be sealed under that head."""
        head = self.heads.get(stop)
        before = 0 if head is None else bisect_left(self.rings, head.at)
        self.ring = self.rings[before - 1] if before else None
        if self.ring is None:
            return {}
        timed = (subject for subject in BY_FORM.values() if subject.moment)
        return {subject.form: _written(self.ring - subject.late_after) for subject in timed}

    def _suspect(self, text: str, position: int, form: str, row_id: str) -> None:
        """It was not there when all was sealed; unless its kind was not sealed by then, as before a newer version."""
        if form not in self.known:
            self.known[form] = strays.known_since(self.tx, form)
        since = self.known[form]
        if self.ring is not None and since is not None and since <= self.ring:
            self.report.find(self._too_late(text), position, form, row_id)

    def _too_late(self, text: str) -> str:
        return f"says that it is of {text[-28:-9]} UTC, and was not there when all that was there was sealed later"

    def _judge_root(self, frontier: Frontier, size: int, wanted: frozenset[int]) -> None:
        root = frontier.root()
        if size in wanted:
            self.roots[size] = root
        head = self.heads.get(size)
        if head is None:
            return
        self.report.under_head = size
        if logs.head_mac(self.key, head._asdict()) != bytes(head.mac):
            self.report.find(f"the head of {size} entries ({head.at:%Y-%m-%d %H:%M:%S} UTC) was changed")
        elif root != bytes(head.root):
            self._other_tree(head)
        elif not self.report.findings:
            self.report.good = GoodHead(size, root, head.at)

    def _other_tree(self, head: Record) -> None:
        """Said once: every later head is another then."""
        if not self.broken:
            since = self.report.good.size if self.report.good else 0
            self.report.find(
                f"entries {since} to {head.size - 1} are not those, or not in the order, that the head of "
                f"{head.at:%Y-%m-%d %H:%M:%S} UTC was put over",
                since,
            )
        self.broken = True

    def _judge_size(self) -> None:
        """Whether the log's own note of its size and tree is the one that was written."""
        try:
            kept = Frontier(self.row.size, bytes(self.row.frontier))
        except ValueError:
            kept = None
        if kept is None or logs.log_mac(self.key, self.row.log, kept) != bytes(self.row.mac):
            self.broken = True
            self.report.find("what the log notes of its own size and tree was changed")

    def _judge_end(self, frontier: Frontier) -> None:
        largest = max([self.row.size, *self.heads])
        if frontier.size < largest and not self.broken:
            self.report.find(f"the log was cut: it holds {frontier.size} entries of {largest}", frontier.size)
        elif frontier.size > self.row.size and not self.broken:
            self.report.find(f"the log holds {frontier.size} entries, and {self.row.size} were entered", self.row.size)
        elif frontier.packed != bytes(self.row.frontier) and not self.broken:
            self.report.find("the entries are not those that the log's tree was built of", self.report.under_head)
