"""What a time-stamp token (RFC 3161) says: over which digest it was issued, and when. Its signature is not checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from orchestrator.domain.errors import UserError

INTEGER, OCTETS, OID, GENERALIZED_TIME, SEQUENCE = 0x02, 0x04, 0x06, 0x18, 0x30
CONSTRUCTED, HIGH_TAG, LONG_LENGTH = 0x20, 0x1F, 0x80
DEEPEST = 24
Element = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """One token's statement."""

    digest: bytes
    at: datetime


def read_time_stamp(token: bytes) -> TimeStamp:
    """The statement in a token or a whole response, in DER; raises UserError for anything else."""
    try:
        found = next(_statements(token, 0), None)
    except (ValueError, IndexError):
        found = None
    if found is None:
        raise UserError("The time-stamp file holds no RFC 3161 token in DER; save the authority's answer as it comes.")
    return found


def _statements(data: bytes, depth: int) -> Iterator[TimeStamp]:
    """TSTInfo lies in an octet string within the signed data: the first that reads as one."""
    for tag, content in _elements(data):
        stamp = _statement(content) if tag == SEQUENCE else None
        if stamp is not None:
            yield stamp
        elif depth < DEEPEST and (tag & CONSTRUCTED or (tag == OCTETS and content[:1] == b"\x30")):
            yield from _statements(content, depth + 1)


def _statement(content: bytes) -> TimeStamp | None:
    """version, policy, messageImprint { algorithm, digest }, serialNumber, genTime …"""
    parts = [*_elements(content)]
    if [tag for tag, _ in parts[:5]] != [INTEGER, OID, SEQUENCE, INTEGER, GENERALIZED_TIME]:
        return None
    imprint = [*_elements(parts[2][1])]
    if [tag for tag, _ in imprint] != [SEQUENCE, OCTETS]:
        return None
    text = parts[4][1].decode("ascii").rstrip("Z").partition(".")[0]
    return TimeStamp(imprint[1][1], datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC))


def _elements(data: bytes) -> Iterator[Element]:
    at = 0
    while at < len(data):
        tag, at = data[at], at + 1
        if tag & HIGH_TAG == HIGH_TAG:
            raise ValueError("a tag of more than one byte")
        length, at = _length(data, at)
        if at + length > len(data):
            raise ValueError("an element longer than what holds it")
        yield tag, data[at : at + length]
        at += length


def _length(data: bytes, at: int) -> tuple[int, int]:
    first = data[at]
    if first < LONG_LENGTH:
        return first, at + 1
    octets = first - LONG_LENGTH
    return int.from_bytes(data[at + 1 : at + 1 + octets], "big"), at + 1 + octets
