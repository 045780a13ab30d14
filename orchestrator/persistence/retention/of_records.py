"""Holdings of records that the house keeps of itself: scrubs, requests, readings, agents' states, pacing, books."""

from sqlalchemy import exists, func, literal, select

from orchestrator.domain.retention import DataClass
from orchestrator.persistence.reconciliations import ENDS
from orchestrator.persistence.retention.holding import (
    NOT_OVER,
    GoesWith,
    Holding,
    SealedNumbers,
    closed,
    created,
    day_after,
    number_is_held,
    one_of,
)
from orchestrator.persistence.tables.account import carrier_alarms, reconciliations
from orchestrator.persistence.tables.accountability import breach_steps, breaches
from orchestrator.persistence.tables.agents import agent_states
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.callers import caller_days, caller_rests
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.documents import documents
from orchestrator.persistence.tables.lists import scrubs
from orchestrator.persistence.tables.pacing import call_counts, pacer_states, pacing_reasons
from orchestrator.persistence.tables.people import reassigned_answers, sellers
from orchestrator.persistence.tables.proof import access_numbers, accesses, actions
from orchestrator.persistence.tables.rights import holds, rights_numbers, rights_requests, rights_steps

UNITED_STATES = "US"

SCRUBS = Holding(
    data_class=DataClass.SCRUBS,
    table=scrubs,
    clocks=created(scrubs.c.started_at),
    since=scrubs.c.started_at,
    country=one_of(select(sellers.c.country).where(sellers.c.id == scrubs.c.seller_id)),
    seller=scrubs.c.seller_id,
)
REASSIGNED_ANSWERS = Holding(
    data_class=DataClass.REASSIGNED_ANSWERS,
    table=reassigned_answers,
    clocks=created(reassigned_answers.c.asked_at),
    since=reassigned_answers.c.asked_at,
    country=literal(UNITED_STATES),  # the database knows no other numbers
    held=number_is_held(reassigned_answers.c.number_key),
)
RIGHTS_REQUESTS = Holding(
    data_class=DataClass.RIGHTS_REQUESTS,
    table=rights_requests,
    clocks=closed(rights_requests.c.closed_at),
    since=rights_requests.c.closed_at,
    country=func.substr(rights_requests.c.jurisdiction, 1, 2),
    seller=rights_requests.c.seller_id,
    held=exists().where(
        rights_numbers.c.request_id == rights_requests.c.id,
        number_is_held(rights_numbers.c.number_key, rights_requests.c.seller_id).correlate(
            rights_numbers, rights_requests
        ),
    ),
    goes_with=(GoesWith(rights_numbers.c.request_id), GoesWith(rights_steps.c.request_id)),
)
HOLDS = Holding(
    data_class=DataClass.HOLDS,
    table=holds,
    clocks=closed(holds.c.released_at),
    since=holds.c.released_at,
    seller=holds.c.seller_id,
)
ACCESSES = Holding(
    data_class=DataClass.ACCESSES,
    table=accesses,
    clocks=created(accesses.c.at),
    since=accesses.c.at,
    seller=accesses.c.seller_id,
    held=exists().where(access_numbers.c.access_id == accesses.c.id, number_is_held(access_numbers.c.number_key)),
    goes_with=(GoesWith(access_numbers.c.access_id),),
)
ACTIONS = Holding(
    data_class=DataClass.ACTIONS,
    table=actions,
    clocks=created(actions.c.at),
    since=actions.c.at,
    seller=actions.c.seller_id,
)
AGENT_STATES = Holding(
    data_class=DataClass.AGENT_STATES,
    table=agent_states,
    clocks=created(agent_states.c.at),
    since=agent_states.c.at,
)
PACING_REASONS = Holding(
    data_class=DataClass.PACING_MEMORY,
    table=pacing_reasons,
    clocks=created(pacing_reasons.c.at),
    since=pacing_reasons.c.at,
    seller=one_of(select(campaigns.c.seller_id).where(campaigns.c.id == pacing_reasons.c.campaign_id)),
)
PACER_STATES = Holding(
    data_class=DataClass.PACING_MEMORY,
    table=pacer_states,
    clocks=created(pacer_states.c.decided_at),
    since=pacer_states.c.decided_at,
    seller=one_of(select(campaigns.c.seller_id).where(campaigns.c.id == pacer_states.c.campaign_id)),
)
DOCUMENTS = Holding(
    data_class=DataClass.DOCUMENTS,
    table=documents,
    clocks=closed(documents.c.retired_at),
    since=documents.c.retired_at,
    country=one_of(select(sellers.c.country).where(sellers.c.id == documents.c.seller_id)),
    seller=documents.c.seller_id,
)
BREACHES = Holding(
    data_class=DataClass.BREACHES,
    table=breaches,
    clocks=closed(breaches.c.closed_at),
    since=breaches.c.closed_at,
    goes_with=(GoesWith(breach_steps.c.breach_id),),
)
CALL_COUNTS = Holding(
    data_class=DataClass.CALL_COUNTS,
    table=call_counts,
    clocks=created(call_counts.c.quarter_at),
    since=call_counts.c.quarter_at,
    country=call_counts.c.country,
    seller=one_of(select(campaigns.c.seller_id).where(campaigns.c.id == call_counts.c.campaign_id)),
)
CALLER_DAYS = Holding(
    data_class=DataClass.CALLER_DAYS,
    table=caller_days,
    clocks=created(day_after(caller_days.c.on)),
    since=day_after(caller_days.c.on),
)
CALLER_RESTS = Holding(
    data_class=DataClass.CALLER_DAYS,
    table=caller_rests,
    clocks=created(caller_rests.c.since),
    since=caller_rests.c.since,
    stays={NOT_OVER: caller_rests.c.ended_at.is_(None)},
)
RECONCILIATIONS = Holding(
    data_class=DataClass.CARRIER_BOOKS,
    table=reconciliations,
    clocks=created(reconciliations.c.began_at),
    since=reconciliations.c.began_at,
)
CARRIER_ALARMS = Holding(
    data_class=DataClass.CARRIER_BOOKS,
    table=carrier_alarms,
    clocks=created(carrier_alarms.c.found_at),
    since=carrier_alarms.c.found_at,
    held=exists().where(
        attempts.c.id == carrier_alarms.c.attempt_id, number_is_held(attempts.c.number_key, attempts.c.seller_id)
    ),
    stays={NOT_OVER: carrier_alarms.c.cleared_at.is_(None)},
    sealed_numbers=SealedNumbers(carrier_alarms.c.ends_sealed, ENDS, ("to", "from")),
)
