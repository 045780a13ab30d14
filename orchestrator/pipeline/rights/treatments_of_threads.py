"""What an erasure does to threads of replies, and to what texts keep of a number; answers in them are attempts."""

from orchestrator.persistence.tables.conversations import consent_outbox, threads
from orchestrator.persistence.tables.texting import sender_bonds
from orchestrator.persistence.threads import NUMBER
from orchestrator.pipeline.rights.treatment import Treatment, theirs_alone

NOBODY = ""


CONVERSATIONS: tuple[Treatment, ...] = (
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
