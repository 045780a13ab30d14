"""What an erasure does to threads of replies, what staff answered in them, and what texts keep of a number."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, select

from orchestrator.domain.contact_request import Channel
from orchestrator.persistence import carrier_erasures
from orchestrator.persistence.answers import BODY
from orchestrator.persistence.tables.attempts import inbox
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.conversations import answers, consent_outbox, threads
from orchestrator.persistence.tables.texting import sender_bonds
from orchestrator.persistence.threads import NUMBER
from orchestrator.pipeline.rights.treatment import Erased, Treatment, theirs_alone

NOBODY = ""


def on_its_way(seller_id: str, own_keys: frozenset[bytes]) -> ColumnElement[bool]:
    """An answer whose fate the carrier is still asked for: it is found there by the number."""
    return and_(answers.c.seller_id == seller_id, answers.c.number_key.in_(own_keys), answers.c.rescue_at.is_not(None))


def _of_their_answers(who: Erased) -> ColumnElement[bool]:
    return inbox.c.attempt_id.in_(select(answers.c.id).where(theirs_alone(answers)(who)))


def _answers_at_carrier(tx: Connection, who: Erased, rows: Sequence[Record]) -> None:
    named = [row.sid for row in rows if row.sid is not None]
    asked = [{"channel": Channel.SMS.value, "attempt_id": None, "sid": sid} for sid in named]
    carrier_erasures.file(tx, asked, seller_id=who.seller_id, request_id=who.request_id, now=who.now)


CONVERSATIONS: tuple[Treatment, ...] = (
    Treatment(table=inbox, theirs=_of_their_answers),
    Treatment(
        table=answers,
        theirs=theirs_alone(answers),
        fits=lambda who, row: who.keyring.open(row.body_sealed, BODY) != NOBODY,
        blank=lambda who, _: {"body_sealed": who.keyring.seal(NOBODY, BODY)},
        follows=_answers_at_carrier,
    ),
    Treatment(
        table=threads,
        theirs=theirs_alone(threads),
        fits=lambda who, row: who.keyring.open(row.number_sealed, NUMBER) != NOBODY,
        blank=lambda who, _: {"number_sealed": who.keyring.seal(NOBODY, NUMBER)},
    ),
    # Our own stop binds whatever the carrier's list says.
    Treatment(table=consent_outbox, theirs=theirs_alone(consent_outbox)),
    Treatment(table=sender_bonds, theirs=theirs_alone(sender_bonds)),
)
