"""What is sealed of the house itself: people's requests, papers on file, breaches, ended sellers, halts, the law."""

from orchestrator.persistence.sealing.subject import OF_A_SELLER_OR_ALL, OF_ITS_LIST, Content, Subject, looked_up
from orchestrator.persistence.tables.accountability import breach_steps, breaches, closings
from orchestrator.persistence.tables.campaigns import halts
from orchestrator.persistence.tables.consenting import consent_terms
from orchestrator.persistence.tables.documents import documents, list_provenance
from orchestrator.persistence.tables.law import emergencies, rulebook_acceptances
from orchestrator.persistence.tables.retention import retention_runs
from orchestrator.persistence.tables.rights import erasures, holds, rights_requests, rights_steps

OF_ITS_REQUEST = "COALESCE((SELECT q.seller_id FROM rights_requests q WHERE q.id = r.request_id), '*')"
OF_WHAT_IS_HALTED = (
    "CASE r.scope WHEN 'seller' THEN r.value WHEN 'campaign' THEN COALESCE("
    "(SELECT c.seller_id FROM campaigns c WHERE CAST(c.id AS TEXT) = r.value), '*') ELSE '*' END"
)
OF_ALL = "'*'"

OFFICE = (
    looked_up(
        form="rights_requests.received/1",
        relation=rights_requests,
        columns=("id", "seller_id", "kind", "jurisdiction", "channel", "received_at", "recorded_by", "recorded_at"),
        contents=(Content("rights_requests.subject/1", "subject_sealed", "rights_requests.subject"),),
    ),
    looked_up(
        form="rights_requests.ended/1",
        relation=rights_requests,
        columns=("id", "seller_id", "state", "rule", "due_on", "extended_at", "identity", "report", "closed_at"),
        ready="r.closed_at IS NOT NULL",
    ),
    looked_up(
        form="rights_steps.taken/1",
        relation=rights_steps,
        columns=("id", "request_id", "by", "step", "at"),
        log=OF_ITS_REQUEST,
        contents=(Content("rights_steps.note/1", "note_sealed", "rights_steps.note"),),
    ),
    Subject(
        form="erasures.begun/1",
        relation=erasures,
        columns=("id", "seller_id", "subject_key", "is_number", "contact_id", "request_id", "at"),
        mark=None,
    ),
    looked_up(
        form="holds.placed/1",
        relation=holds,
        columns=("id", "seller_id", "number_key", "placed_by", "placed_at"),
        contents=(Content("holds.reason/1", "reason_sealed", "holds.reason"),),
    ),
    looked_up(
        form="holds.released/1",
        relation=holds,
        columns=("id", "seller_id", "released_by", "released_at"),
        ready="r.released_at IS NOT NULL",
    ),
    looked_up(
        form="consent_terms.recorded/1",
        relation=consent_terms,
        columns=("id", "seller_id", "content", "recorded_by", "recorded_at"),
    ),
    looked_up(
        form="documents.added/1",
        relation=documents,
        columns=(
            *("id", "seller_id", "kind", "title", "version", "party", "list_id", "agent_id", "valid_from"),
            *("valid_until", "sha256", "place", "file_name", "added_by", "added_at"),
        ),
    ),
    looked_up(
        form="documents.retired/1",
        relation=documents,
        columns=("id", "seller_id", "retired_by", "retired_because", "retired_at"),
        ready="r.retired_at IS NOT NULL",
    ),
    looked_up(
        form="list_provenance.recorded/1",
        relation=list_provenance,
        columns=("id", "list_id", "kind", "vendor", "obtained_on", "source", "chain", "recorded_by", "recorded_at"),
        log=OF_ITS_LIST,
    ),
    looked_up(
        form="breaches.opened/1",
        relation=breaches,
        columns=("id", "aware_at", "opened_by", "actor", "since", "until", "opened_at"),
        log=OF_ALL,
        contents=(Content("breaches.what_happened/1", "what_happened", None),),
    ),
    looked_up(
        form="breaches.counted/1",
        relation=breaches,
        columns=("id", "found", "opened_at"),
        log=OF_ALL,
    ),
    looked_up(
        form="breaches.closed/1",
        relation=breaches,
        columns=("id", "closed_by", "closed_because", "closed_at"),
        ready="r.closed_at IS NOT NULL",
        log=OF_ALL,
    ),
    looked_up(
        form="breach_steps.taken/1",
        relation=breach_steps,
        columns=("id", "breach_id", "seller_id", "whom", "was_told", "by", "note", "at"),
    ),
    looked_up(
        form="closings.begun/1",
        relation=closings,
        columns=("seller_id", "way", "keeps_suppressions", "because", "asked_by", "asked_at"),
        key="seller_id",
    ),
    looked_up(
        form="closings.finished/1",
        relation=closings,
        columns=("seller_id", "way", "because", "asked_by", "certificate", "asked_at", "closed_at"),
        key="seller_id",
        ready="r.closed_at IS NOT NULL AND r.state = 'closed'",
    ),
    looked_up(
        form="retention_runs.finished/1",
        relation=retention_runs,
        columns=("id", "seller_id", "by", "law", "gone", "stayed", "judged_at", "began_at", "finished_at"),
        ready="r.finished_at IS NOT NULL",
        log=OF_A_SELLER_OR_ALL,
    ),
    looked_up(
        form="halts.declared/1",
        relation=halts,
        columns=("id", "scope", "value", "until", "by", "since"),
        log=OF_WHAT_IS_HALTED,
    ),
    looked_up(
        form="halts.lifted/1",
        relation=halts,
        columns=("id", "scope", "value", "lifted_at"),
        ready="r.lifted_at IS NOT NULL",
        log=OF_WHAT_IS_HALTED,
    ),
    looked_up(
        form="emergencies.declared/1",
        relation=emergencies,
        columns=(
            *("id", "name", "jurisdiction", "area", "since", "until", "source", "citation", "origin", "declared_by"),
            "declared_at",
        ),
        log=OF_ALL,
    ),
    looked_up(
        form="emergencies.ended/1",
        relation=emergencies,
        columns=("id", "name", "ended_by", "ended_at"),
        ready="r.ended_at IS NOT NULL",
        log=OF_ALL,
    ),
    looked_up(
        form="rulebook_acceptances.accepted/1",
        relation=rulebook_acceptances,
        columns=(
            *("number", "digest", "content_digest", "versions", "previous", "how", "review_id", "diff_hash"),
            *("replay_hash", "accepted_by", "role", "note", "accepted_at"),
        ),
        key="number",
        log=OF_ALL,
    ),
)
