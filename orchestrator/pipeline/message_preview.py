"""What a campaign's texts would be, person by person or over a sample; nothing is sent, and the reading is noted."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from orchestrator.domain.campaign import SmsPlan
from orchestrator.domain.errors import UserError
from orchestrator.persistence import accesses, list_countries
from orchestrator.persistence.campaigns import Campaign
from orchestrator.persistence.dossiers import Dossier
from orchestrator.pipeline.engine import Engine
from orchestrator.pipeline.launching import missing_lists
from orchestrator.pipeline.listed_people import ListedPeople
from orchestrator.pipeline.text_notices import Lack, lacks
from orchestrator.pipeline.text_outlook import Rendered, TextOutlook, outlooks, rendered
from orchestrator.pipeline.text_warnings import warnings
from orchestrator.pipeline.unsubscribing.links import example

SAMPLE = 500
ACTION = "messages.preview"


@dataclass
class Preview:
    """What would be sent. ``one`` are the texts of the contact that was asked for; empty where none was."""

    campaign: str
    people: int
    sampled: int
    texts: list[TextOutlook]
    one: list[Rendered] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    lacks: list[Lack] = field(default_factory=list)


def preview(engine: Engine, campaign: Campaign, now: datetime, actor: str, contact: str | None = None) -> Preview:
    """Look at everybody on the lists, of many at a sample, or at one contact; raises UserError."""
    sms = campaign.plan.sms
    if sms is None:
        raise UserError(f"Campaign '{campaign.name}' sends no texts; give it an [sms] table.")
    missing = missing_lists(engine.store, campaign)
    if missing:
        raise UserError(f"Seller '{campaign.seller_id}' has no list '{missing[0]}'; import it first.")
    everybody, sample, found = _people(engine, campaign, now, contact)
    if contact is not None and found is None:
        raise UserError(f"Nobody on the lists of '{campaign.name}' is '{contact}': give a contact's id or number.")
    one = list(rendered(sms, found, example(engine))) if found is not None else []
    _note(engine, campaign, [found] if found is not None else sample, actor, now)
    texts = outlooks(sms, sample, everybody, example(engine))
    return _with_words(engine, campaign, sms, Preview(campaign.name, everybody, len(sample), texts, one), now)


def _people(
    engine: Engine, campaign: Campaign, now: datetime, contact: str | None
) -> tuple[int, list[Dossier], Dossier | None]:
    """How many there are, a sample of them, the same each time, and the one who was asked for."""
    chance = Random(campaign.id)  # noqa: S311 - the same sample each time, and no secret
    seen, sample, found = 0, list[Dossier](), None
    for page in ListedPeople(engine, campaign, now, now).pages():
        for person in page:
            seen += 1
            found = person if contact is not None and _is(person, contact) else found
            if len(sample) < SAMPLE:
                sample.append(person)
            elif (place := chance.randrange(seen)) < SAMPLE:
                sample[place] = person
    return seen, sample, found


def _is(person: Dossier, contact: str) -> bool:
    known = {str(person.contact.contact_id), str(person.profile.get("external_id") or "")}
    return contact in known or any(number.number == contact for number in person.numbers)


def _note(engine: Engine, campaign: Campaign, people: list[Dossier], actor: str, now: datetime) -> None:
    keys = [number.key for person in people for number in person.numbers]
    with engine.store.write() as tx:
        accesses.record(
            tx,
            actor=actor,
            action=ACTION,
            reason=f"preview of the texts of campaign {campaign.id}",
            number_keys=keys,
            at=now,
            seller_id=campaign.seller_id,
        )


def _with_words(engine: Engine, campaign: Campaign, sms: SmsPlan, made: Preview, now: datetime) -> Preview:
    segments = sum(text.segments_by_country.total() for text in made.texts)
    with engine.store.read() as tx:
        places = list_countries.countries(tx, campaign.seller_id, campaign.plan.lists)
        made.warnings = warnings(tx, engine, sms, places, segments, now)
    seller = ListedPeople(engine, campaign, now, now).live.seller
    made.lacks = lacks(engine.rulebook, campaign.plan, seller, places, now)
    return made
