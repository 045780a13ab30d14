"""Lists in angle brackets. Read by token, not as XML: registries publish samples that are not well formed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

from orchestrator.registries.errors import FileRefusedError
from orchestrator.registries.layout import RowError, to_e164
from orchestrator.registries.profiles import Markup, Numbering

PIECE_BYTES = 1 << 20
LONGEST_TOKEN = 4096
TOKEN = re.compile(rb"\s*<(?P<close>/?)(?P<name>[\w?!-]+)(?P<attributes>[^<>]*)>")
ATTRIBUTE = re.compile(rb"""(\w+)\s*=\s*(?:'([^']*)'|"([^"]*)")""")
FULL = b"full"


@dataclass(slots=True)
class _Reading:
    described: Markup
    numbering: Numbering | None
    label: str
    line: int = 1
    area: str = ""
    closed: bool = False

    def take(self, token: re.Match[bytes]) -> int | None:
        """The number that a token holds, if it holds one."""
        self.line += token[0].count(b"\n")
        name, closing = token["name"].decode(), bool(token["close"])
        if name[0] in "?!":
            return None
        if self.closed:
            raise RowError
        if name == self.described.root:
            self._root(_attributes(token), closing)
        elif name == self.described.area:
            self.area = "" if closing else _attributes(token).get(self.described.attribute, b"").decode()
        elif name == self.described.number:
            return None if closing else self._number(_attributes(token))
        else:
            raise RowError
        return None

    def _root(self, attributes: dict[str, bytes], closing: bool) -> None:
        self.closed = closing
        if closing:
            return
        if attributes.get("type", FULL).lower() != FULL:
            raise FileRefusedError(f"{self.label} holds changes, not the whole list; download the full list.")
        self.area = attributes.get(self.described.attribute, b"").decode()

    def _number(self, attributes: dict[str, bytes]) -> int:
        return to_e164(self.area + attributes.get(self.described.attribute, b"").decode(), self.numbering)


def read(
    stream: BufferedReader, described: Markup, numbering: Numbering | None, label: str
) -> Iterator[tuple[int, int]]:
    """Each number with its line; raises FileRefusedError where the list is cut off or holds anything else."""
    reading = _Reading(described, numbering, label)
    try:
        for token in _tokens(stream):
            number = reading.take(token)
            if number is not None:
                yield number, reading.line
    except (RowError, UnicodeDecodeError):
        raise FileRefusedError(
            f"{label} line {reading.line} is no <{described.area}> or <{described.number}> of a list of numbers. "
            "Nothing was imported."
        ) from None
    if not reading.closed:
        raise FileRefusedError(f"{label} is cut off: </{described.root}> is missing. Nothing was imported.")


def _tokens(stream: BufferedReader) -> Iterator[re.Match[bytes]]:
    rest = b""
    while piece := stream.read(PIECE_BYTES):
        piece, at = (rest + piece).removeprefix(b"\xef\xbb\xbf"), 0
        while token := TOKEN.match(piece, at):
            yield token
            at = token.end()
        rest = piece[at:]
        if len(rest.lstrip()) > LONGEST_TOKEN:
            raise RowError
    if rest.strip():
        raise RowError


def _attributes(token: re.Match[bytes]) -> dict[str, bytes]:
    return {name.decode().lower(): one or two for name, one, two in ATTRIBUTE.findall(token["attributes"])}
