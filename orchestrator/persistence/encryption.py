"""Encryption of personal fields under a ring of keys, and the keyed hash that numbers are joined on."""

import binascii
import hmac
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from orchestrator.domain.errors import SettingError, WrongKeyError

NONCE_BYTES = 12
NUMBER_KEY_BYTES = 16
FORM = "ORCHESTRATOR_SECRET_KEYS must read id:base64,… with 32 bytes of base64 behind each id; the first encrypts."


@dataclass(frozen=True)
class Keyring:
    """Keys by id, in the order given: the first encrypts, all decrypt.

    ``chain`` names the keys that make number keys, oldest first: each nests the one before it, so that a rotation
    carries the suppressions of erased people along.
    """

    ciphers: Mapping[str, AESGCM] = field(repr=False)
    hash_keys: Mapping[str, bytes] = field(repr=False)
    chain: Sequence[str] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``id:base64,…``; raises SettingError that never shows a key."""
        secrets = dict(_entry(part) for part in text.split(",") if part.strip())
        if not secrets:
            raise SettingError(FORM)
        ciphers = {key_id: AESGCM(_derived(secret, b"fields")) for key_id, secret in secrets.items()}
        hash_keys = {key_id: _derived(secret, b"numbers") for key_id, secret in secrets.items()}
        return cls(ciphers, hash_keys, (next(reversed(secrets)),))

    @staticmethod
    def generate() -> str:
        """A fresh ring of one key, in the form that ``parse`` reads."""
        return f"k1:{b64encode(os.urandom(32)).decode()}"

    def chained(self, chain: Sequence[str]) -> Self:
        """The same ring with the chain that the database was written with."""
        missing = [key_id for key_id in chain if key_id not in self.hash_keys]
        if missing:
            raise WrongKeyError(f"The database needs the key '{missing[0]}'; add it to ORCHESTRATOR_SECRET_KEYS.")
        return type(self)(self.ciphers, self.hash_keys, tuple(chain))

    def number_key(self, number: str) -> bytes:
        """The 16 bytes that stand for an E.164 number (or another identifier) in every index."""
        digest = number.encode()
        for key_id in self.chain:
            digest = hmac.digest(self.hash_keys[key_id], digest, "sha256")
        return digest[:NUMBER_KEY_BYTES]

    def seal(self, text: str, context: str) -> bytes:
        """Encrypt; ``context`` names the column, and what is sealed for one opens in no other."""
        key_id = next(iter(self.ciphers))
        nonce = os.urandom(NONCE_BYTES)
        return b"%b:%b%b" % (
            key_id.encode(),
            nonce,
            self.ciphers[key_id].encrypt(nonce, text.encode(), context.encode()),
        )

    def open(self, sealed: bytes, context: str) -> str:
        """Decrypt what ``seal`` made; raises WrongKeyError."""
        return self.open_bytes(sealed, context).decode()

    def open_bytes(self, sealed: bytes, context: str) -> bytes:
        """The same as it was encoded."""
        key_id, _, rest = bytes(sealed).partition(b":")
        cipher = self.ciphers.get(key_id.decode(errors="replace"))
        if cipher is None:
            raise WrongKeyError(f"A field was encrypted with the key '{key_id!r}'; add it to ORCHESTRATOR_SECRET_KEYS.")
        try:
            return cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], context.encode())
        except InvalidTag:
            raise WrongKeyError(
                "A field does not open with its key; ORCHESTRATOR_SECRET_KEYS holds another key under that id."
            ) from None

    def seal_json(self, value: Any, context: str) -> bytes:
        """Encrypt a JSON value."""
        return self.seal(json.dumps(value, separators=(",", ":"), ensure_ascii=False), context)

    def open_json(self, sealed: bytes, context: str) -> Any:
        """Decrypt a JSON value."""
        return json.loads(self.open(sealed, context))


def delivery_key(text: str) -> bytes:
    """16 bytes that name a delivery; nothing personal is in ``text``, so no secret is needed."""
    return sha256(text.encode()).digest()[:16]


def _entry(part: str) -> tuple[str, bytes]:
    key_id, colon, encoded = part.strip().partition(":")
    try:
        secret = b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise SettingError(FORM) from None
    if not colon or not key_id.isalnum() or len(secret) != 32:
        raise SettingError(FORM)
    return key_id, secret


def _derived(secret: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"orchestrator:" + use).derive(secret)
