"""Taking the person out, in one transaction, once nothing of theirs is on its way any more."""

from sqlalchemy import Connection, select, update

from orchestrator.domain.enrollment import DoneReason, EnrollmentStage
from orchestrator.persistence.dossiers import PROFILE
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.attempts import IS_LIVE, attempts
from orchestrator.persistence.tables.campaigns import enrollments
from orchestrator.persistence.tables.people import contacts
from orchestrator.pipeline.rights import minimal
from orchestrator.pipeline.rights.subjects import Subject
from orchestrator.pipeline.rights.treatment import LOOK_AT, Erased, Treatment
from orchestrator.pipeline.rights.treatments import of_the_person

ON_ITS_WAY = IS_LIVE | (attempts.c.rescue_at.is_not(None) & attempts.c.sid.is_(None))


def lock(tx: Connection, subject: Subject) -> None:
    """As dispatch does before it decides: it has written its attempt by now, or will see that they are erased."""
    if tx.dialect.name != "sqlite":
        ids = select(contacts.c.id).where(contacts.c.id.in_(subject.contact_ids))
        tx.execute(ids.order_by(contacts.c.id).with_for_update())


def is_on_its_way(tx: Connection, subject: Subject) -> bool:
    """Whether the carrier may still do something to them that we asked for."""
    theirs = attempts.c.contact_id.in_(subject.contact_ids) | (
        (attempts.c.seller_id == subject.seller_id) & attempts.c.number_key.in_(subject.own_keys)
    )
    return tx.execute(select(attempts.c.id).where(theirs, ON_ITS_WAY).limit(1)).first() is not None


def take_out(tx: Connection, subject: Subject, who: Erased) -> None:
    """Empty what says who they are, and end whatever they are enrolled in."""
    for treatment in of_the_person(_names(who.keyring, subject)):
        _all_of(tx, treatment, who)
    theirs = enrollments.c.contact_id.in_(subject.contact_ids)
    ending = {"stage": EnrollmentStage.DONE, "done_reason": DoneReason.ERASED, "lease_holder": None}
    tx.execute(update(enrollments).where(theirs).values(lease_until=None, updated_at=who.now, **ending))


def _names(keyring: Keyring, subject: Subject) -> frozenset[str]:
    profiles = [keyring.open_json(person.profile_sealed, PROFILE) for person in subject.people]
    return frozenset(word for profile in profiles for word in minimal.words_naming(profile))


def _all_of(tx: Connection, treatment: Treatment, who: Erased) -> None:
    """Every row at once: a person has few of these."""
    after = None
    while True:
        rows, after = treatment.look(tx, who, after, LOOK_AT)
        if rows:
            treatment.treat(tx, who, rows)
        if after is None:
            return
