"""Lists in angle brackets. Read by token, not as XML: registries publish samples that are not well formed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

from orchestrator.registries.errors import FileRefusedError
from orchestrator.registries.layout import RowError, to_e164
from orchestrator.registries.profiles import Markup, Profile

PIECE_BYTES = 1 << 20
LONGEST_TOKEN = 4096
TOKEN = re.compile(rb"\s*<(?P<close>/?)(?P<name>[\w?!-]+)(?P<attributes>[^<>]*)>")
ATTRIBUTE = re.compile(rb"""(\w+)\s*=\s*(?:'([^']*)'|"([^"]*)")""")
FULL = b"full"


@dataclass(slots=True)
class _Reading:
    described: Markup
    profile: Profile
    label: str
    line: int = 1
    area: str = ""
    closed: bool = False

    def take(self, token: re.Match[bytes]) -> tuple[int, bool] | None:
        """The number that a token holds, if it holds one, and whether it is listed."""
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
            return None if closing else self._entry(_attributes(token))
        else:
            raise RowError
        return None

    def _root(self, attributes: dict[str, bytes], closing: bool) -> None:
        self.closed = closing
        if closing:
            return
        is_full = attributes.get("type", FULL).lower() == FULL
        if self.profile.whole is None and not is_full:
            raise FileRefusedError(
                f"{self.label} holds changes, not the whole list: add --changes, or import the full list."
            )
        if self.profile.whole is not None and is_full and "type" in attributes:
            raise FileRefusedError(f"{self.label} holds the whole list, not changes: import it without --changes.")
        self.area = attributes.get(self.described.attribute, b"").decode()

    def _entry(self, attributes: dict[str, bytes]) -> tuple[int, bool]:
        number = to_e164(self.area + attributes.get(self.described.attribute, b"").decode(), self.profile.numbers)
        return number, self._listed(attributes)

    def _listed(self, attributes: dict[str, bytes]) -> bool:
        """In a change list a number says whether it was added or deleted; raises RowError where it does not."""
        statuses = self.profile.statuses
        if statuses is None:
            return True
        said = {attributes[flag].decode().strip().lower() for flag in self.described.flag if flag in attributes}
        added, deleted = (not said.isdisjoint(words) for words in (statuses.listed, statuses.not_listed))
        if added == deleted:
            raise RowError
        return added


def read(stream: BufferedReader, described: Markup, profile: Profile, label: str) -> Iterator[tuple[int, bool, int]]:
    """Each number, whether it is listed, and its line.

    Raises FileRefusedError where the list is cut off or holds anything else.
    """
    reading = _Reading(described, profile, label)
    try:
        for token in _tokens(stream):
            entry = reading.take(token)
            if entry is not None:
                yield *entry, reading.line
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
