"""In which order the senders of a pool are asked for somebody new: each is first for its share of the people."""

import hashlib
import math
from collections.abc import Mapping

LONGEST = 2**64


def in_order(rates: Mapping[str, float], number_key: bytes) -> list[str]:
    """The senders, the person's own first: each is first for a share of people that is its share of the rates.

    By weighted rendezvous: where a sender goes, its people are shared among the others and nobody else moves.
    """
    return sorted(rates, key=lambda address: (_score(rates[address], address, number_key), address), reverse=True)


def _score(rate: float, address: str, number_key: bytes) -> float:
    digest = hashlib.blake2b(number_key + address.encode(), digest_size=8).digest()
    return -rate / math.log((int.from_bytes(digest) + 0.5) / LONGEST)
