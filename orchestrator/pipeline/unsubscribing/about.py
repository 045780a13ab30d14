"""What a person is shown of one attempt to contact them: who, when, why, on which consent, from which source."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number
from sqlalchemy import Connection, select

from orchestrator.domain.consent_event import ConsentState, Evidence
from orchestrator.domain.contact_request import Channel, ConsentSource
from orchestrator.domain.opt_in import OptInSource, OptInState
from orchestrator.persistence import consents as ledger
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.lists import imports, list_rows, lists
from orchestrator.persistence.tables.opting_in import opt_ins
from orchestrator.persistence.tables.people import consents, contacts, sellers
from orchestrator.pipeline.planning import TO

MEANS = {ConsentSource.OWN_FORM: "web_form", ConsentSource.KEYWORD: "keyword"}
CONFIRMATION, RENEWAL = "confirmation", "renewal"
DIGITS_SHOWN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentShown:
    """The consent that the attempt rested on; ``text`` is what the person was shown, None where it is not on record."""

    given_at: datetime
    means: str  # web_form | keyword | import
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """One attempt for the person it went to. Moments are in the person's own time as far as it is known."""

    brand: str
    callback_number: str
    channel: Channel
    at: datetime
    purpose: str  # of the campaign; confirmation or renewal where the person was asked for a yes
    digits: str | None  # the last of the number
    consent: ConsentShown | None
    source: str  # opt_in | entered | list | none
    list_name: str | None
    language: str | None


def about(tx: Connection, keyring: Keyring, attempt: Record) -> About | None:
    """The facts of the attempt; None once its seller is closed, whose campaigns went before the record of its calls."""
    row = tx.execute(
        select(sellers.c.name, sellers.c.callback_number, campaigns.c.purpose)
        .join(campaigns, campaigns.c.seller_id == sellers.c.id)
        .where(campaigns.c.id == attempt.campaign_id)
    ).one_or_none()
    if row is None:
        return None
    number = keyring.open(attempt.to_sealed, TO)
    zone = _zone(number)
    consent = _consent(tx, keyring, attempt, zone)
    list_name = _list_name(tx, attempt)
    return About(
        brand=row.name,
        callback_number=row.callback_number,
        channel=Channel(attempt.channel),
        at=attempt.planned_at.astimezone(zone),
        purpose=_asked_for(tx, attempt) or row.purpose,
        digits=number[-DIGITS_SHOWN:] or None,
        consent=consent,
        source=_signed_up(tx, attempt) or ("list" if list_name is not None else "none"),
        list_name=list_name,
        language=_language(tx, attempt),
    )


def _zone(number: str) -> ZoneInfo:
    zones = time_zones_for_number(phonenumbers.parse(number)) if number else ()
    known = [zone for zone in zones if zone != UNKNOWN_TIMEZONE]
    return ZoneInfo(known[0] if len(known) == 1 else "UTC")


def _consent(tx: Connection, keyring: Keyring, attempt: Record, zone: ZoneInfo) -> ConsentShown | None:
    """The youngest proven consent for the channel that was older than the attempt."""
    query = select(consents).where(
        consents.c.seller_id == attempt.seller_id,
        consents.c.number_key == attempt.number_key,
        consents.c.event == ConsentState.GIVEN.value,
        consents.c.channel.in_((attempt.channel, "any")),
        consents.c.happened_at <= attempt.planned_at,
        consents.c.evidence_sealed.is_not(None),
    )
    row = tx.execute(query.order_by(consents.c.happened_at.desc(), consents.c.id.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    source = ConsentSource(row.source) if row.source else None
    text = _mapping(keyring.open(row.evidence_sealed, ledger.EVIDENCE)).get(Evidence.TEXT)
    means = MEANS.get(source, "import") if source is not None else "other"
    return ConsentShown(given_at=row.happened_at.astimezone(zone), means=means, text=str(text) if text else None)


def _mapping(text: str) -> Mapping[str, Any]:
    """Evidence as fields; lists may bring it in free words, which have none."""
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _asked_for(tx: Connection, attempt: Record) -> str | None:
    """Whether the attempt asked the person to confirm or to renew; None for any other."""
    source = tx.execute(select(opt_ins.c.source).where(opt_ins.c.attempt_id == attempt.id)).scalar()
    if source is None:
        return None
    return RENEWAL if source == OptInSource.RENEWAL else CONFIRMATION


def _signed_up(tx: Connection, attempt: Record) -> str | None:
    """Whether the person gave the number themselves, or somebody entered it who never said yes; None for neither."""
    asked = select(opt_ins.c.state).where(
        opt_ins.c.seller_id == attempt.seller_id,
        opt_ins.c.number_key == attempt.number_key,
        opt_ins.c.source != OptInSource.RENEWAL.value,
    )
    states = set(tx.execute(asked).scalars())
    if OptInState.GIVEN.value in states:
        return "opt_in"
    return "entered" if states else None


def _list_name(tx: Connection, attempt: Record) -> str | None:
    """The list on which the person has stood for longest."""
    query = (
        select(lists.c.name)
        .join(list_rows, list_rows.c.list_id == lists.c.id)
        .join(imports, imports.c.id == list_rows.c.import_id)
        .where(list_rows.c.contact_id == attempt.contact_id)
        .order_by(imports.c.started_at)
        .limit(1)
    )
    return tx.execute(query).scalar_one_or_none()


def _language(tx: Connection, attempt: Record) -> str | None:
    query = select(contacts.c.language).where(contacts.c.id == attempt.contact_id)
    return tx.execute(query).scalar_one_or_none()
