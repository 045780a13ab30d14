"""The consents of a batch of people: which still stand, and which serve what a campaign contacts them for."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, Connection, String, bindparam, select, type_coerce

from orchestrator.domain.consent_event import ConsentState
from orchestrator.domain.consent_standing import Wanted, ended_by, served
from orchestrator.domain.contact_request import ConsentChannel, ConsentFacts, ConsentLevel, ConsentSource, Purpose
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import consents

Held: TypeAlias = tuple[Purpose | None, ConsentFacts]  # a consent and what it is for, None: it names no purpose
_KEYS: BindParameter[Any] = bindparam("b_keys", expanding=True)
_SELLERS: BindParameter[Any] = bindparam("b_sellers", expanding=True)  # the index by number begins with the seller
# Each batch reads these: what only a receipt tells is left out.
READ = (
    *(consents.c.seller_id, consents.c.number_key, consents.c.event, consents.c.channel, consents.c.level),
    *(consents.c.automated, consents.c.purpose, consents.c.happened_at, consents.c.expires_at),
    # Compared and never shown: made into no object for each row.
    type_coerce(consents.c.record_id, String).label("record_id"),
    *(consents.c.states_period, consents.c.source, consents.c.subject, consents.c.to_caller),
    consents.c.opt_out_offered,
    consents.c.evidence_sealed.is_not(None).label("proven"),
)
CONSENTS = (
    select(*READ)
    .where(consents.c.seller_id.in_(_SELLERS), consents.c.number_key.in_(_KEYS))
    .order_by(consents.c.happened_at, consents.c.id)
)
PURPOSES = select(
    campaigns.c.id,
    campaigns.c.purpose,
    campaigns.c.plan["sales_component"].as_boolean().label("sells"),
    campaigns.c.plan["sms"]["marketing"].as_boolean().label("sells_by_text"),
).where(campaigns.c.id.in_(bindparam("b_campaigns", expanding=True)))


def wanted_by(tx: Connection, campaign_ids: Collection[int]) -> Mapping[int, Wanted]:
    """What each of these campaigns contacts people for: a consent for one purpose does not serve another."""
    rows = tx.execute(PURPOSES, {"b_campaigns": list(campaign_ids)})
    return {
        row.id: Wanted.of(Purpose(row.purpose), sells=bool(row.sells), sells_by_text=bool(row.sells_by_text))
        for row in rows
    }


def serving(held: Sequence[Held], purposes: Wanted) -> Iterator[ConsentFacts]:
    """The consents that serve the campaign, each on the channels over which it does."""
    for purpose, consent in held:
        channel = served(consent.channel, purpose, purposes)
        if channel is not None:
            yield consent if channel is consent.channel else replace(consent, channel=channel)


def read(tx: Connection, sellers: Sequence[str], keys: Sequence[bytes]) -> Mapping[tuple[str, bytes], list[Held]]:
    """Every consent ever given to these sellers for these numbers, with the moment that ended it, by both."""
    rows: dict[tuple[str, bytes], list[Record]] = defaultdict(list)
    for row in tx.execute(CONSENTS, {"b_sellers": sellers, "b_keys": keys}):
        rows[row.seller_id, bytes(row.number_key)].append(row)
    return {
        whose: [_held(row, said) for row in said if row.event == ConsentState.GIVEN] for whose, said in rows.items()
    }


def _held(row: Record, said: Sequence[Record]) -> Held:
    end = ended_by(row, said)
    return Purpose(row.purpose) if row.purpose else None, _consent(row, None if end is None else end.happened_at)


def _consent(row: Record, withdrawn_at: datetime | None) -> ConsentFacts:
    return ConsentFacts(
        channel=ConsentChannel(row.channel),
        level=ConsentLevel(row.level),
        given_at=row.happened_at,
        automated=row.automated,
        withdrawn_at=withdrawn_at,
        states_period=row.states_period,
        expires_at=row.expires_at,
        evidence=row.proven,
        source=ConsentSource(row.source) if row.source else None,
        opt_out_offered_at_collection=row.opt_out_offered,
        subject=row.subject,
        to_caller=row.to_caller,
    )
