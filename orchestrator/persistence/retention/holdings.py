"""Every table of the schema by its class of data. One that is nowhere here fails a test: whoever makes it decides."""

from collections.abc import Mapping

from orchestrator.domain.retention import DataClass
from orchestrator.persistence.retention import of_calls, of_people, of_records, of_replies
from orchestrator.persistence.retention.holding import Holding

# In the order in which they are treated: words before the rows that hold them, what hangs on a row before or with it
# (a decision's country is told by its call), people after everything that keeps them.
HOLDINGS: tuple[Holding, ...] = (
    of_calls.INBOX,
    of_calls.DELIVERIES,
    of_calls.OPT_IN_REQUESTS,
    of_calls.WORDS_SENT,
    of_calls.WORDS_HEARD,
    of_calls.NOTES,
    of_calls.HANDED_TO,
    of_calls.CALLS_AT_CARRIER,
    of_calls.INBOUND_AT_CARRIER,
    of_people.CONSENTS,
    of_people.OPT_INS,
    of_people.LAST_USES,
    of_calls.OFFERS,
    of_calls.DECISIONS,
    of_calls.ATTEMPTS,
    of_calls.INBOUND,
    of_calls.ASKED_OF_CARRIER,
    of_replies.ANSWERS,
    of_replies.THREADS,
    of_replies.REVIEWS,
    of_people.CONTACTS,
    of_people.NUMBER_FACTS,
    of_replies.SENDER_BONDS,
    of_people.LIST_ROWS,
    of_people.IMPORTS,
    of_records.SCRUBS,
    of_records.REASSIGNED_ANSWERS,
    of_records.RIGHTS_REQUESTS,
    of_records.HOLDS,
    of_records.ACCESSES,
    of_records.ACTIONS,
    of_records.AGENT_STATES,
    of_records.PACING_REASONS,
    of_records.PACER_STATES,
    of_records.CALL_COUNTS,
    of_records.CALLER_DAYS,
    of_replies.SENDER_DAYS,
    of_replies.SENDER_RESTS,
    of_replies.DEACTIVATION_DAYS,
    of_replies.CONSENT_OUTBOX,
    of_records.DOCUMENTS,
    of_records.BREACHES,
    of_records.CALLER_RESTS,
    of_records.RECONCILIATIONS,
    of_records.CARRIER_ALARMS,
)

# Tables of which no period lets anything go; config/retention.toml says what for.
KEPT: Mapping[str, DataClass] = {
    "suppressions": DataClass.SUPPRESSIONS,
    "erasures": DataClass.ERASURES,
    "removals": DataClass.REMOVALS,
    "seals": DataClass.REMOVALS,
    "seal_heads": DataClass.REMOVALS,
    "seal_logs": DataClass.REMOVALS,
    "rejudgements": DataClass.REMOVALS,
    "signing_keys": DataClass.REMOVALS,
    "retention_runs": DataClass.RETENTION_RUNS,
    "registry_snapshots": DataClass.REGISTRY_VERSIONS,
    "agents": DataClass.AGENTS,
    "task_workers": DataClass.AGENTS,
    "live_attempts": DataClass.LIVE_STATE,
    "send_slots": DataClass.LIVE_STATE,
    **dict.fromkeys(
        (
            "caller_ids",
            "campaigns",
            "canned_answers",
            "closings",
            "consent_terms",
            "detection_tests",
            "emergencies",
            "halts",
            "installation",
            "list_provenance",
            "lists",
            "opt_in_pages",
            "opt_in_versions",
            "provisions",
            "required_documents",
            "rollups",
            "rulebook_acceptances",
            "rulebook_reviews",
            "rulebooks",
            "seller_protection",
            "sellers",
            "senders",
            "text_brands",
            "text_senders",
        ),
        DataClass.SET_UP,
    ),
}


def classes_by_table() -> dict[str, set[DataClass]]:
    """The classes that speak of each table."""
    found: dict[str, set[DataClass]] = {name: {data_class} for name, data_class in KEPT.items()}
    for holding in HOLDINGS:
        for name in (holding.table.name, *(gone.column.table.name for gone in holding.goes_with)):
            found.setdefault(name, set()).add(holding.data_class)
    return found
