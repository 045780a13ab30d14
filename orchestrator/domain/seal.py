"""One entry of a sealed log: a keyed commitment, so that the log tells nothing of whom it speaks.

Each entry has a key of its own. Whoever is shown one learns what that entry says, and of no other entry anything;
once the salt behind it is destroyed, nobody can tell any more what the entry said, and the tree stands as before.
"""

import hmac
from hashlib import sha256

from orchestrator.domain.merkle import leaf_hash

SALT_BYTES = 16


def entry_key(log_key: bytes, salt: bytes, position: int) -> bytes:
    """The key of the entry at that position; all three parts have one length each."""
    return sha256(log_key + salt + position.to_bytes(8, "big")).digest()


def commitment(key: bytes, told: bytes) -> bytes:
    """What the entry says, for whoever has its key and what was told."""
    return hmac.digest(key, told, "sha256")


def words_told(form: str, row_id: str, words: bytes) -> bytes:
    """What is told of a column that holds words: whose and which they are, and the words."""
    return b"%b\n%b\n%b" % (form.encode(), row_id.encode(), words)


def entry_leaf(form: str, row_id: str, committed: bytes) -> bytes:
    """The entry's hash in the tree: which row it is about stays bound when its key is gone."""
    return leaf_hash(b"%b\n%b\n%b" % (form.encode(), row_id.encode(), committed))
