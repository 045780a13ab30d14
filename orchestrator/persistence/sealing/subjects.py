"""Which rows are sealed, which of their columns, and when they are ready to be.

Only columns that may never change are named: a count that rises, a state that moves or a person's contact that an
erasure takes away would otherwise look like tampering. What happens to a row by right later is an entry of its own.

To seal another table, add a subject here: its immutable columns, the moment last, and words that may be taken away as
contents. A table that grows with people or calls also gets a ``sealed_in`` and a partial index over what has none. What
was sealed under a form is told by that form for ever: other columns are a new form with a higher number.
"""

from orchestrator.persistence.sealing.office import OFFICE
from orchestrator.persistence.sealing.staff import STAFF
from orchestrator.persistence.sealing.subject import (
    DAY,
    OF_A_SELLER_OR_ALL,
    OF_ITS_LIST,
    Content,
    Gathered,
    Subject,
    looked_up,
)
from orchestrator.persistence.tables.attempts import attempts
from orchestrator.persistence.tables.campaigns import campaigns, decisions
from orchestrator.persistence.tables.conversations import answers
from orchestrator.persistence.tables.deliveries import inbound_contacts
from orchestrator.persistence.tables.desk import dispositions
from orchestrator.persistence.tables.lists import imports, registry_snapshots, scrubs
from orchestrator.persistence.tables.pacing import detection_tests
from orchestrator.persistence.tables.people import consents, suppressions
from orchestrator.persistence.tables.proof import accesses, removals
from orchestrator.persistence.tables.seals import rejudgements

OF_ITS_CAMPAIGN = "COALESCE((SELECT c.seller_id FROM campaigns c WHERE c.id = r.campaign_id), '*')"


# Ended, judged, and nothing more is asked of the carrier about it.
ATTEMPT_IS_SETTLED = "r.stage = 'ended' AND r.followed_up AND (r.outcome <> 'sent' OR r.rescue_at IS NULL)"
NUMBERS_READ = Gathered(
    "numbers",
    "(SELECT group_concat(n.k, ' ') FROM (SELECT lower(hex(number_key)) AS k FROM access_numbers "
    "WHERE access_id = r.id ORDER BY number_key) n)",
    "(SELECT string_agg(encode(n.number_key, 'hex'), ' ' ORDER BY n.number_key) FROM access_numbers n "
    "WHERE n.access_id = r.id)",
)

# The most frequent first: a verifier asks in this order.
CORE = (
    Subject(
        form="decisions.made/1",
        relation=decisions,
        columns=(
            *("id", "seller_id", "campaign_id", "enrollment_id", "contact_id", "number_key", "attempt_id", "channel"),
            *("mode", "verdict", "rules", "until", "rulebook", "decided_at"),
        ),
        contents=(Content("decisions.facts/1", "facts_sealed", "decisions.facts"),),
        moment=True,
    ),
    Subject(
        form="attempts.ended/1",
        relation=attempts,
        columns=(
            *("id", "seller_id", "campaign_id", "enrollment_id", "contact_id", "ordinal", "number_key", "country"),
            *("from_address", "channel", "mode", "decision_id", "agent_id", "ring_timeout_seconds", "amd", "step"),
            *("planned_at", "valid_until", "ringing_at", "answered_at", "abandoned_at", "answered_by"),
            *("duration_seconds", "sid", "outcome", "connected_at", "ended_at"),
        ),
        ready=ATTEMPT_IS_SETTLED,
        contents=(Content("attempts.body/1", "body_sealed", "attempts.body"),),
        moment=True,
        late_after=4 * DAY,  # a message's delivery is asked about for days
    ),
    Subject(
        form="consents.recorded/1",
        relation=consents,
        columns=(
            *("id", "seller_id", "number_key", "event", "channel", "level", "automated", "happened_at", "expires_at"),
            *("states_period", "source", "subject", "to_caller", "opt_out_offered", "record_id", "purpose", "language"),
            *(
                "jurisdiction",
                "collection",
                "notice",
                "notice_version",
                "recorded_by",
                "list_id",
                "terms_id",
                "recorded_at",
            ),
        ),
        contents=(Content("consents.evidence/1", "evidence_sealed", "consents.evidence"),),
        moment=True,
        late_after=DAY,  # of a whole import it is when that began
    ),
    Subject(
        form="suppressions.said/1",
        relation=suppressions,
        columns=("id", "seller_id", "number_key", "kind", "channel", "scope", "campaign_id", "at"),
        contents=(Content("suppressions.source/1", "source", None),),
    ),
    Subject(
        form="suppressions.lifted/1",
        relation=suppressions,
        columns=("id", "seller_id", "number_key", "lifted_at"),
        ready="r.lifted_at IS NOT NULL",
        mark="lift_sealed_in",
    ),
    looked_up(
        form="suppressions.texts_again/1",
        relation=suppressions,
        columns=("id", "seller_id", "number_key", "texts_again_at"),
        ready="r.texts_again_at IS NOT NULL",
    ),
    Subject(
        form="dispositions.said/1",
        relation=dispositions,
        columns=(
            *("id", "attempt_id", "campaign_id", "agent_id", "disposition", "outcome", "next_step", "rest_seconds"),
            *("is_default", "at"),
        ),
        log=OF_ITS_CAMPAIGN,
        contents=(Content("dispositions.note/1", "note_sealed", "dispositions.note"),),
        moment=True,
    ),
    Subject(
        form="inbound_contacts.heard/1",
        relation=inbound_contacts,
        columns=("id", "seller_id", "number_key", "channel", "sid", "sender", "at"),
        contents=(Content("inbound_contacts.body/1", "body_sealed", "inbound_contacts.body"),),
        moment=True,
        late_after=DAY,
    ),
    Subject(
        form="answers.written/1",
        relation=answers,
        columns=("id", "thread_id", "seller_id", "number_key", "written_by", "written_at"),
        moment=True,
        late_after=DAY,  # staff answer while no worker seals
    ),
    Subject(
        form="rejudgements.made/1",
        relation=rejudgements,
        columns=("id", "attempt_id", "seller_id", "outcome", "connected_at", "sid", "at"),
    ),
    Subject(
        form="removals.noted/1",
        relation=removals,
        columns=("id", "seller_id", "cause", "relation", "how", "rows", "reason", "at"),
        log=OF_A_SELLER_OR_ALL,
        moment=True,
    ),
    Subject(
        form="accesses.read/1",
        relation=accesses,
        columns=("id", "actor", "action", "seller_id", "reason", "people", "at"),
        log=OF_A_SELLER_OR_ALL,
        gathered=(NUMBERS_READ,),
        moment=True,
    ),
    Subject(
        form="campaigns.launched/1",
        relation=campaigns,
        columns=("id", "seller_id", "name", "purpose", "plan", "created_at", "launched_at"),
        ready="r.launched_at IS NOT NULL AND r.state <> 'draft'",
        mark=None,
    ),
    Subject(
        form="imports.finished/1",
        relation=imports,
        columns=("id", "list_id", "file_digest", "file_name", "counts", "started_at", "finished_at"),
        ready="r.finished_at IS NOT NULL",
        log=OF_ITS_LIST,
        mark=None,
    ),
    looked_up(
        form="scrubs.finished/1",
        relation=scrubs,
        columns=(
            *("id", "seller_id", "list_id", "campaign_id", "by", "snapshots", "counts", "answers_digest"),
            *("started_at", "finished_at"),
        ),
        ready="r.finished_at IS NOT NULL",
    ),
    Subject(
        form="registry_snapshots.imported/1",
        relation=registry_snapshots,
        columns=("digest", "registry", "seller_id", "source", "numbers", "coverage", "obtained_at", "imported_at"),
        key="digest",
        log=OF_A_SELLER_OR_ALL,
        mark=None,
    ),
    looked_up(
        form="detection_tests.recorded/1",
        relation=detection_tests,
        columns=(
            *("id", "seller_id", "country", "amd", "sample", "people", "tested_on", "note", "recorded_by"),
            "recorded_at",
        ),
    ),
)
SUBJECTS = (*CORE, *STAFF, *OFFICE)
BY_FORM = {subject.form: subject for subject in SUBJECTS}
CONTENTS = {content.form: (subject, content) for subject in SUBJECTS for content in subject.contents}


def forms_of(relation: str) -> tuple[str, ...]:
    """Every kind of entry about rows of this table."""
    facts = (subject.form for subject in SUBJECTS if subject.relation.name == relation)
    return (*facts, *contents_of(relation))


def contents_of(relation: str) -> tuple[str, ...]:
    """The kinds of entry about words in rows of this table."""
    return tuple(form for form, (subject, _) in CONTENTS.items() if subject.relation.name == relation)


def is_known(form: str) -> bool:
    """Whether this version knows how such an entry is told."""
    return form in BY_FORM or form in CONTENTS
