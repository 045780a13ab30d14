"""The consents of a batch of people: which still stand, and which serve what a campaign contacts them for."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import BindParameter, Connection, String, bindparam, select, type_coerce

from orchestrator.domain.consent_event import Collection, ConsentState
from orchestrator.domain.consent_standing import Wanted, ended_by, served
from orchestrator.domain.contact_request import (
    ConsentChannel,
    ConsentFacts,
    ConsentLevel,
    ConsentSource,
    Purpose,
    SuppressionFacts,
    SuppressionKind,
    SuppressionScope,
)
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.columns import Record
from orchestrator.persistence.tables.people import consents

No: TypeAlias = tuple[Purpose, SuppressionFacts]  # a no to one purpose
REFUSES = frozenset({ConsentState.WITHDRAWN.value, ConsentState.REFUSED.value})
_KEYS: BindParameter[Any] = bindparam("b_keys", expanding=True)
_SELLERS: BindParameter[Any] = bindparam("b_sellers", expanding=True)  # the index by number begins with the seller
# Each batch reads these: what only a receipt tells is left out.
READ = (
    *(consents.c.seller_id, consents.c.number_key, consents.c.event, consents.c.channel, consents.c.level),
    *(consents.c.automated, consents.c.purpose, consents.c.happened_at, consents.c.expires_at),
    # Compared and never shown: made into no object for each row.
    type_coerce(consents.c.record_id, String).label("record_id"),
    *(consents.c.states_period, consents.c.source, consents.c.subject, consents.c.to_caller),
    *(consents.c.opt_out_offered, consents.c.collection),
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


class Held(NamedTuple):
    """A consent, what it is for (None: it names no purpose), and whether a file claims it."""

    purpose: Purpose | None
    consent: ConsentFacts
    by_list: bool


@dataclass(frozen=True, slots=True)
class Said:
    """Every consent that was ever given for a number with the moment that ended it, and the noes to one purpose."""

    given: Sequence[Held] = ()
    noes: Sequence[No] = ()


NOTHING = Said()


def wanted_by(tx: Connection, campaign_ids: AbstractSet[int]) -> Mapping[int, Wanted]:
    """What each of these campaigns contacts people for: a consent for one purpose does not serve another."""
    rows = tx.execute(PURPOSES, {"b_campaigns": list(campaign_ids)})
    return {
        row.id: Wanted.of(Purpose(row.purpose), sells=bool(row.sells), sells_by_text=bool(row.sells_by_text))
        for row in rows
    }


def serving(held: Sequence[Held], purposes: Wanted, noes: Sequence[SuppressionFacts]) -> list[ConsentFacts]:
    """The consents that serve the campaign, each on the channels over which it does.

    What a list claims was given after a no that the person has not answered themselves is not among them: no list takes
    back a no.
    """
    own = [consent for one in held if not one.by_list for consent in _fitting(one, purposes)]
    claimed = [consent for one in held if one.by_list for consent in _fitting(one, purposes)]
    return [*own, *(claim for claim in claimed if not any(_takes_back(claim, no, own) for no in noes))]


def _fitting(held: Held, purposes: Wanted) -> Iterator[ConsentFacts]:
    channel = served(held.consent.channel, held.purpose, purposes)
    if channel is not None:
        yield held.consent if channel is held.consent.channel else replace(held.consent, channel=channel)


def _takes_back(claim: ConsentFacts, no: SuppressionFacts, own: Sequence[ConsentFacts]) -> bool:
    """Whether the claim alone says yes, on one of its channels, since that no."""
    if no.at is None or claim.given_at <= no.at:
        return False
    return not any(
        yes.evidence and yes.given_at > no.at and yes.channel in {ConsentChannel.ANY, claim.channel} for yes in own
    )


def forbidding(said: Sequence[No], wanted: Wanted) -> Iterator[SuppressionFacts]:
    """The noes to what the campaign contacts people for, each on the channels over which it does."""
    for purpose, no in said:
        channel = served(no.channel, purpose, wanted)
        if channel is not None:
            yield replace(no, channel=channel)


def read(tx: Connection, sellers: Sequence[str], keys: Sequence[bytes]) -> Mapping[tuple[str, bytes], Said]:
    """Every word on record of these numbers to these sellers, by both."""
    rows: dict[tuple[str, bytes], list[Record]] = defaultdict(list)
    for row in tx.execute(CONSENTS, {"b_sellers": sellers, "b_keys": keys}):
        rows[row.seller_id, bytes(row.number_key)].append(row)
    return {whose: _said(entries) for whose, entries in rows.items()}


def _said(entries: Sequence[Record]) -> Said:
    given = [_held(row, entries) for row in entries if row.event == ConsentState.GIVEN]
    noes = [_no(row) for row in entries if row.event in REFUSES and row.purpose is not None]
    return Said(given, noes)


def _no(row: Record) -> No:
    """Whoever takes back a purpose is not contacted for it on another ground either."""
    fact = SuppressionFacts(
        kind=SuppressionKind.DO_NOT_CALL,
        channel=ConsentChannel(row.channel),
        at=row.happened_at,
        scope=SuppressionScope.PURPOSE,
    )
    return Purpose(row.purpose), fact


def _held(row: Record, said: Sequence[Record]) -> Held:
    end = ended_by(row, said)
    consent = _consent(row, None if end is None else end.happened_at)
    return Held(Purpose(row.purpose) if row.purpose else None, consent, by_list=row.collection == Collection.IMPORT)


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
