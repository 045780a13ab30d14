"""A question as plain JSON -> ContactRequest: every field that the interface knows, and how each is read."""

from orchestrator.compliance.json_fields import (
    Shape,
    country,
    flag,
    many,
    moment,
    or_null,
    read_whole,
    region,
    text,
    wall_time,
    weekday,
    whole,
    word,
    zone_name,
)
from orchestrator.domain import contact_request as nouns

MOST_INCONVENIENT_TIMES = 100  # seven days with a dozen times each are more than anybody says

MESSAGE = Shape(
    nouns.Message,
    {
        "kind": word(nouns.MessageKind),
        "marketing": flag,
        "sender_identified": flag,
        "opt_out_notice": flag,
        "own_similar_products": flag,
        "exemption": word(nouns.Exemption),
        "free_to_recipient": flag,
    },
)
ATTEMPT = Shape(
    nouns.AttemptFacts,
    {
        "channel": word(nouns.Channel),
        "mode": word(nouns.Mode),
        "ring_timeout_seconds": whole(1),
        "amd": flag,
        "message": MESSAGE,
    },
    ("channel",),
)
CALLER = Shape(
    nouns.CallerFacts,
    {
        "id": text,
        "kind": word(nouns.CallerKind),
        "country": country,
        "registrations": many(text),
    },
    ("kind",),
)
ABANDONMENT = Shape(
    nouns.AbandonmentCounts,
    {
        "live_answered": whole(0),
        "abandoned": whole(0),
        "amd_false_positives_estimated": whole(0),
        "window_started_at": moment,
    },
    ("live_answered", "abandoned"),
)
CAMPAIGN = Shape(
    nouns.CampaignFacts,
    {
        "id": text,
        "purpose": word(nouns.Purpose),
        "sales_component": flag,
        "subject": text,
        "product": word(nouns.Product),
        "lawful_basis": word(nouns.LawfulBasis),
        "caller": CALLER,
        "codes": many(text),
        "abandonment": ABANDONMENT,
    },
    ("purpose", "caller"),
)
INCONVENIENT = Shape(
    nouns.InconvenientTime,
    {
        "weekdays": many(weekday),
        "from": wall_time,
        "to": wall_time,
    },
    names={"from": "starts", "to": "ends"},
)
CONTACT = Shape(
    nouns.ContactFacts,
    {
        "id": text,
        "number": text,
        "line_type": word(nouns.LineType),
        "country": country,
        "region": region,
        "postal_code": text,
        "time_zone": zone_name,
        "subscriber": word(nouns.Subscriber),
        "declared_emergency": flag,
        "work_number": flag,
        "ported_at": or_null(moment),
        "inconvenient": many(INCONVENIENT, most=MOST_INCONVENIENT_TIMES),
    },
    ("number",),
)
CONSENT = Shape(
    nouns.ConsentFacts,
    {
        "channel": word(nouns.ConsentChannel),
        "level": word(nouns.ConsentLevel),
        "automated": flag,
        "given_at": moment,
        "withdrawn_at": or_null(moment),
        "states_period": flag,
        "expires_at": or_null(moment),
        "evidence": flag,
        "source": word(nouns.ConsentSource),
        "opt_out_offered_at_collection": flag,
        "subject": text,
        "to_caller": flag,
        "agreed_time": flag,
    },
    ("channel", "level", "given_at"),
)
RELATIONSHIP = Shape(
    nouns.RelationshipFacts,
    {
        "ongoing_contract": flag,
        "contract_ended_at": moment,
        "last_purchase_at": moment,
        "last_inquiry_at": moment,
        "concerns_current_contract": flag,
        "existing_debt": flag,
    },
)
SUPPRESSION = Shape(
    nouns.SuppressionFacts,
    {
        "kind": word(nouns.SuppressionKind),
        "channel": word(nouns.ConsentChannel),
        "at": moment,
        "campaign": text,
        "scope": word(nouns.SuppressionScope),
    },
    ("kind", "at"),
)
REGISTRY = Shape(
    nouns.RegistryAnswer,
    {
        "registry": text,
        "obtained_at": moment,
        "listed": flag,
        "listed_since": or_null(moment),
    },
    ("registry", "obtained_at"),
)
REASSIGNED = Shape(
    nouns.ReassignedAnswer,
    {
        "checked_at": moment,
        "result": word(nouns.ReassignedResult),
    },
    ("checked_at", "result"),
)
PAST_CONTACT = Shape(
    nouns.PastContact,
    {
        "at": moment,
        "channel": word(nouns.Channel),
        "direction": word(nouns.Direction),
        "mode": word(nouns.Mode),
        "outcome": word(nouns.PastOutcome),
        "purpose": word(nouns.Purpose),
        "debt": text,
        "subject": text,
        "campaign": text,
        "amd": flag,
    },
    ("at", "channel", "outcome"),
)
QUESTION = Shape(
    nouns.ContactRequest,
    {
        "id": text,
        "at": moment,
        "attempt": ATTEMPT,
        "campaign": CAMPAIGN,
        "contact": CONTACT,
        "consents": many(CONSENT),
        "relationship": RELATIONSHIP,
        "suppressions": many(SUPPRESSION),
        "registries": many(REGISTRY),
        "reassigned": or_null(REASSIGNED),
        "history": many(PAST_CONTACT),
        "debt": text,
    },
    ("at", "attempt", "campaign", "contact"),
)


def parse_question(data: object) -> nouns.ContactRequest:
    """The question in that JSON value; UserError says in a sentence what is wrong with it."""
    request: nouns.ContactRequest = read_whole(QUESTION, data)
    return request
