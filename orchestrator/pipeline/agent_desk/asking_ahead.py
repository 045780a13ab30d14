"""What the gate says of a call that an agent has in mind, now or later; nothing is written."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from orchestrator.compliance.gate import decide
from orchestrator.domain.contact_request import Mode
from orchestrator.domain.decision import Answer
from orchestrator.domain.enrollment import Lane
from orchestrator.persistence import dossiers
from orchestrator.persistence.dossiers import Dossier
from orchestrator.pipeline import campaign_board, choosing, emergencies, halts
from orchestrator.pipeline.abandonment import Exposure
from orchestrator.pipeline.asking import Desk, contact_facts, request_for
from orchestrator.pipeline.dispatch import registry_answers
from orchestrator.pipeline.engine import Engine


def person_of(tx: Connection, engine: Engine, enrollment_id: int, now: datetime) -> Dossier:
    """Everything on record about the enrolled person."""
    since = now - timedelta(days=engine.rulebook.history_days)
    return dossiers.load(tx, engine.store.keyring, [enrollment_id], since)[0]


def ask(tx: Connection, engine: Engine, person: Dossier, key: bytes, mode: Mode, at: datetime, now: datetime) -> Answer:
    """The gate's answer for this number of the person at that moment, on what is known ``now``."""
    option = choosing.option(person, key, mode, Lane.PREVIEW)
    assert option is not None, "a number that the person has not got"  # noqa: S101 - callers took it from the person
    number = next(number for number in person.numbers if number.key == key)
    question = request_for(_desk(tx, engine, person, now), person, number, option)
    return halts.in_force(tx, now).apply(decide(replace(question, at=at), engine.rulebook), at)


def zones_of(engine: Engine, person: Dossier, key: bytes) -> Sequence[str]:
    """Every zone that the person may be in, by this number."""
    numbers = [number for number in person.numbers if number.key == key]
    found = [engine.rulebook.places.find(contact_facts(person, number)).zone_names for number in numbers]
    return sorted({zone for zones in found for zone in zones})


def _desk(tx: Connection, engine: Engine, person: Dossier, now: datetime) -> Desk:
    campaign = campaign_board.one(tx, engine, person.enrollment.campaign_id, now)
    return Desk(
        campaign=campaign,
        rulebook=engine.rulebook,
        registries=registry_answers(engine, [person], campaign.seller.id),
        abandonment=lambda _: Exposure(),  # an agent's own call cannot be abandoned
        halts=halts.in_force(tx, now),
        emergencies=emergencies.in_force(tx, now),
        now=now,
    )
