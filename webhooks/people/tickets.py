"""The signed ticket in a form: that it was ours, in these words of this version of the page, and shown not long ago."""

import binascii
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

from orchestrator.domain.opt_in import OptInPage
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.signed_links import SIGNATURE_BYTES, is_signed, sign

USE = "opt-in form"
GOOD_FOR = timedelta(hours=2)
NOISE_BYTES, TIME_BYTES = 8, 6


def ticket(keyring: Keyring, page: OptInPage, language: str, now: datetime) -> str:
    """A fresh ticket for the page as it is shown now in that language."""
    content = int(now.timestamp()).to_bytes(TIME_BYTES) + os.urandom(NOISE_BYTES)
    return urlsafe_b64encode(content + sign(keyring, USE, _bound(page, language, content))).decode()


def is_good(keyring: Keyring, page: OptInPage, language: str, text: str, now: datetime) -> bool:
    """Whether we gave it out for this version of the page in that language, and no more than two hours ago."""
    try:
        read = urlsafe_b64decode(text.encode("ascii"))
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return False
    content, signature = read[:-SIGNATURE_BYTES], read[-SIGNATURE_BYTES:]
    if len(content) != TIME_BYTES + NOISE_BYTES:
        return False
    if not is_signed(keyring, USE, _bound(page, language, content), signature):
        return False
    given = datetime.fromtimestamp(int.from_bytes(content[:TIME_BYTES]), UTC)
    return timedelta(seconds=-1) <= now - given <= GOOD_FOR


def _bound(page: OptInPage, language: str, content: bytes) -> bytes:
    return f"{page.id}\n{page.version}\n{language}\n".encode() + content
