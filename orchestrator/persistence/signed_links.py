"""Signatures for what we hand out and expect back: short, keyed, and each good for one use alone."""

import hmac

from orchestrator.persistence.encryption import Keyring

SIGNATURE_BYTES = 8  # guessing is a request each: four thousand million years at a thousand million a second


def sign(keyring: Keyring, use: str, content: bytes) -> bytes:
    """The signature of the content for this use, under the first key."""
    return _signature(keyring, next(iter(keyring.hash_keys)), use, content)


def is_signed(keyring: Keyring, use: str, content: bytes, signature: bytes) -> bool:
    """Whether one of our keys signed this content for this use: a link outlives a change of keys."""
    return any(
        hmac.compare_digest(_signature(keyring, key_id, use, content), signature) for key_id in keyring.hash_keys
    )


def _signature(keyring: Keyring, key_id: str, use: str, content: bytes) -> bytes:
    return hmac.digest(keyring.hash_keys[key_id], f"link:{use}:".encode() + content, "sha256")[:SIGNATURE_BYTES]
