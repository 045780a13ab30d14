"""What a kind of entry is: a table, the columns that may never change, and when a row of it is ready."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import Table

INSTALLATION = "*"  # the log of what is no one seller's; no seller's id can be this
OF_ITS_SELLER = "r.seller_id"
OF_ITS_LIST = "COALESCE((SELECT l.seller_id FROM lists l WHERE l.id = r.list_id), '*')"
OF_A_SELLER_OR_ALL = f"COALESCE(r.seller_id, '{INSTALLATION}')"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Content:
    """A column of words, entered apart: they can be taken away by right, and the row's facts still stand."""

    form: str
    column: str
    context: str | None  # what the keyring sealed it for; None: it is plain text


@dataclass(frozen=True, slots=True)
class Gathered:
    """Rows of another table that belong to this one, as one text in either database."""

    name: str
    sqlite: str
    postgresql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One kind of entry. SQL speaks of the row as ``r``.

    ``moment`` is when it happened, and then its last column; an entry that comes more than ``late_after`` behind what
    was sealed at that moment is suspicious. ``mark`` None: a small table, whose entries are looked up instead.
    """

    form: str
    relation: Table
    columns: tuple[str, ...]
    key: str = "id"
    ready: str = "TRUE"
    log: str = OF_ITS_SELLER
    mark: str | None = "sealed_in"
    contents: tuple[Content, ...] = ()
    gathered: tuple[Gathered, ...] = ()
    moment: bool = False
    late_after: timedelta = HOUR


# Without a mark on its rows, and dated by its last column.
looked_up = partial(Subject, mark=None, moment=True)
