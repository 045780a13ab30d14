"""Every column that may hold a person, and what an erasure does with it.

A column of bytes that is not named here fails a test: whoever makes a table decides what becomes of it.
"""

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import LargeBinary

from orchestrator.persistence.tables.families import metadata


class Fate(StrEnum):
    """What becomes of a column's content in the rows of whoever is erased."""

    DELETED = "the row is deleted"
    BLANKED = "it is emptied"
    MINIMISED = "what names the person is taken out, the rest is kept as proof"
    KEY_KEPT = "the keyed hash stays: by it alone the row is found, and it cannot be turned back"
    NOT_THEIRS = "it holds nobody of the people on lists"


FATES: Mapping[str, Mapping[str, Fate]] = {
    "access_numbers": {"number_key": Fate.KEY_KEPT},  # who read whose data
    "answers": {"number_key": Fate.KEY_KEPT},  # the words are the attempt's
    "agents": {"profile_sealed": Fate.NOT_THEIRS},
    "attempts": {"number_key": Fate.KEY_KEPT, "to_sealed": Fate.BLANKED, "body_sealed": Fate.BLANKED},
    "callbacks": {"number_key": Fate.DELETED},
    "carrier_alarms": {"ends_sealed": Fate.BLANKED},
    "consent_outbox": {"number_key": Fate.DELETED, "number_sealed": Fate.DELETED},
    "consents": {"number_key": Fate.KEY_KEPT, "evidence_sealed": Fate.BLANKED},  # what proves goes to kept_proofs
    "contact_points": {"number_key": Fate.DELETED, "number_sealed": Fate.DELETED},
    "contacts": {"external_key": Fate.BLANKED, "profile_sealed": Fate.BLANKED},
    "decisions": {"number_key": Fate.KEY_KEPT, "facts_sealed": Fate.MINIMISED},
    "deliveries": {"key": Fate.NOT_THEIRS},  # a digest of the carrier's own name for a delivery
    "dispositions": {"note_sealed": Fate.BLANKED},
    "documents": {"content_sealed": Fate.NOT_THEIRS},
    "erasures": {"subject_key": Fate.KEY_KEPT},
    "holds": {"number_key": Fate.KEY_KEPT, "reason_sealed": Fate.BLANKED},
    "inbound_contacts": {"number_key": Fate.KEY_KEPT, "body_sealed": Fate.BLANKED},
    "inbox": {"event_sealed": Fate.DELETED},
    "installation": {"proof": Fate.NOT_THEIRS},
    "kept_proofs": {"number_key": Fate.KEY_KEPT, "proof_sealed": Fate.MINIMISED},
    "last_uses": {"number_key": Fate.KEY_KEPT},  # with the proof of consents, whose time runs from it
    "live_attempts": {"number_key": Fate.DELETED},  # with the end of the attempt, which an erasure waits for
    "number_facts": {"number_key": Fate.DELETED},  # unless another contact has the number
    "offers": {"number_key": Fate.BLANKED},
    "opt_in_requests": {"key": Fate.NOT_THEIRS},  # counts requests by keyed hashes, and is forgotten after a month
    "opt_ins": {"number_key": Fate.DELETED, "number_sealed": Fate.DELETED, "details_sealed": Fate.DELETED},
    "reassigned_answers": {"number_key": Fate.DELETED},  # unless another contact has the number
    "reviews": {"number_key": Fate.KEY_KEPT},
    "rights_numbers": {"number_key": Fate.KEY_KEPT},
    "rights_requests": {"subject_sealed": Fate.BLANKED},
    "rights_steps": {"note_sealed": Fate.BLANKED},
    "rulebooks": {"content": Fate.NOT_THEIRS},
    # Commitments under keys: nobody can be known by them, and what they sealed is noted as removed by right.
    "seal_heads": {"root": Fate.NOT_THEIRS, "mac": Fate.NOT_THEIRS},
    "seal_logs": {"key_sealed": Fate.NOT_THEIRS, "frontier": Fate.NOT_THEIRS, "mac": Fate.NOT_THEIRS},
    "seals": {"salt": Fate.NOT_THEIRS, "commitment": Fate.NOT_THEIRS},
    "seller_protection": {"contacts_sealed": Fate.NOT_THEIRS},
    "sender_bonds": {"number_key": Fate.DELETED},
    "signing_keys": {"public_key": Fate.NOT_THEIRS, "private_sealed": Fate.NOT_THEIRS},
    "suppressions": {"number_key": Fate.KEY_KEPT},
    "threads": {"number_key": Fate.KEY_KEPT, "number_sealed": Fate.BLANKED},
    "transfers": {"to_sealed": Fate.BLANKED},
}


def columns_of_bytes() -> dict[str, set[str]]:
    """What may be sealed or keyed, by table: every column of bytes that there is."""
    found = {
        table.name: {column.name for column in table.columns if isinstance(column.type, LargeBinary)}
        for table in metadata.tables.values()
    }
    return {name: columns for name, columns in found.items() if columns}
