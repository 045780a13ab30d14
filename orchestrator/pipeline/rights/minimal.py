"""What is left of kept records once the person is taken out of them: enough to prove, nothing to know anybody by."""

import json
import re
from collections.abc import Mapping
from typing import Any

from orchestrator.log import masked
from orchestrator.persistence.consents import EVIDENCE
from orchestrator.persistence.encryption import Keyring
from orchestrator.pipeline.deciding import FACTS

# What was shown, by what means and when. Whatever a field may hold of the person is not here, and goes.
PROVES = frozenset(
    {
        "at",
        "text",
        "text_sha256",
        "text_language",
        "text_version",
        "language",
        "version",
        "notice",
        "notice_version",
        "page_version",
        "how",
        "method",
        "checkbox",
        "brands",
        "frequency",
        "double_opt_in_at",
    }
)
PROOF = "kept_proofs.proof"
SHORTEST_NAME = 2
NAMES_THE_PERSON = ("number", "postal_code", "external_id", "name")
ERASED = "erased"


def proof(keyring: Keyring, sealed: bytes, names: frozenset[str]) -> bytes:
    """The proof of a consent without the person, with a keyed digest of the whole: who has a copy can show it is that.

    The digest cannot be turned back, and its key never leaves the installation. ``names`` are words that name the
    person: a field that holds one goes whole, and so does one that holds a number.
    """
    whole = keyring.open(sealed, EVIDENCE)
    said = _mapping(whole)
    kept = {name: said[name] for name in sorted(PROVES & said.keys()) if not _names_one(said[name], names)}
    return keyring.seal_json({**kept, "digest": digest_of(keyring, whole)}, PROOF)


def names_somebody(keyring: Keyring, sealed: bytes | None, context: str) -> bool:
    """Whether the person has not been taken out of it yet."""
    return sealed is not None and ERASED not in _mapping(keyring.open(sealed, context))


def words_naming(profile: Mapping[str, Any]) -> frozenset[str]:
    """The words of a profile by which somebody would know the person: names, addresses, their own ids."""
    words = {word for value in profile.values() for word in re.findall(r"\w+", str(value).casefold())}
    return frozenset(word for word in words if len(word) >= SHORTEST_NAME)


def digest_of(keyring: Keyring, whole: str) -> str:
    """The keyed digest of a proof as it was sealed: 32 hexadecimal digits."""
    return keyring.number_key(f"{EVIDENCE}:{whole}").hex()


def facts(keyring: Keyring, sealed: bytes) -> bytes:
    """The facts of a decision without the number and whatever else names somebody; the verdict stands beside them."""
    question: dict[str, Any] = json.loads(keyring.open(sealed, FACTS))
    contact = {name: value for name, value in question.get("contact", {}).items() if name not in NAMES_THE_PERSON}
    return keyring.seal_json({**question, "contact": contact, ERASED: True}, FACTS)


def _names_one(value: object, names: frozenset[str]) -> bool:
    text = str(value)
    return masked(text) != text or not names.isdisjoint(re.findall(r"\w+", text.casefold()))


def _mapping(text: str) -> Mapping[str, Any]:
    """The proof as fields; a proof in free words has none that are known to name nobody."""
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
