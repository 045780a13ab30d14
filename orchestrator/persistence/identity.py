"""Ids that sort by time and name their month: UUIDv7 (RFC 9562)."""

import os
from datetime import datetime
from uuid import UUID


def new_id(at: datetime) -> UUID:
    """A UUIDv7 of that moment, to the millisecond; the rest is random."""
    return UUID(int=_bits(at, int.from_bytes(os.urandom(10))))


def first_id(at: datetime) -> UUID:
    """The smallest UUIDv7 of that moment: a partition's bound."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def _bits(at: datetime, noise: int) -> int:
    milliseconds = int(at.timestamp() * 1000) & (2**48 - 1)
    rand_a, rand_b = noise >> 68 & 0xFFF, noise & (2**62 - 1)
    return milliseconds << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b
