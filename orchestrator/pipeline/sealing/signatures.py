"""Ed25519 over canonical JSON, and keys as people keep them: PEM files and base64."""

import binascii
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from orchestrator.domain.errors import UserError

HOW_TO_MAKE = "make one with `openssl genpkey -algorithm ed25519 -out {path}`, and keep it away from this machine"


def sign(key: Ed25519PrivateKey, text: str) -> str:
    """The signature, in base64."""
    return b64encode(key.sign(text.encode())).decode()


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half, in base64."""
    return b64encode(key.public_key().public_bytes_raw()).decode()


def is_signed(text: str, public_key: str, signature: str) -> bool:
    """Whether the holder of that key signed the text; False for what is no key or no signature."""
    try:
        key = Ed25519PublicKey.from_public_bytes(b64decode(public_key, validate=True))
        key.verify(b64decode(signature, validate=True), text.encode())
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def read_key(path: Path) -> Ed25519PrivateKey:
    """Somebody's own key; raises UserError that says how one is made."""
    if not path.exists():
        raise UserError(f"There is no key at {path}; {HOW_TO_MAKE.format(path=path)}.")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UserError(
            f"{path} is no private key in PEM without a password; {HOW_TO_MAKE.format(path=path)}."
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UserError(f"{path} is a key of another kind than Ed25519; {HOW_TO_MAKE.format(path=path)}.")
    return key
