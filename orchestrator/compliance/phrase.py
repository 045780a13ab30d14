"""Phrases that are looked for in a message, and how they are written in a file.

``stop/quit text* me?`` reads: stop or quit, then a word that begins with text, then perhaps me; ``*ing`` is a word that
ends so, and ``..`` stands for up to three words, whichever.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from orchestrator.compliance.plain_text import Word, words_of

GAP = ".."
LONGEST_GAP = 3
START = 3  # letters by which phrases are found: no stem that begins a phrase is shorter
NONE = ("\0",)
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a phrase: any of ``words``, or one that begins with any of ``stems`` or ends with any of ``ends``."""

    words: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    optional: bool = False
    gap: bool = False

    def fits(self, word: str) -> bool:
        """Whether the word is one of these."""
        return word in self.words or word.startswith(self.stems or NONE) or word.endswith(self.ends or NONE)


Phrase = tuple[Part, ...]


def parse(text: str) -> Phrase:
    """Read the phrase; ValueError for one that does not begin with a word, or begins with a short stem."""
    phrase = tuple(part for piece in text.split() for part in _parts(piece))
    if not phrase or phrase[0].gap or phrase[0].optional or phrase[0].ends or phrase[-1].gap:
        raise ValueError(text)
    if any(len(stem) < START for stem in phrase[0].stems):
        raise ValueError(text)
    return phrase


def _parts(piece: str) -> Iterable[Part]:
    if piece == GAP:
        return [Part(gap=True)]
    optional, piece = piece.endswith("?"), piece.rstrip("?")
    if not optional and "/" not in piece and "*" not in piece:
        return [Part(frozenset({word.text})) for word in words_of(piece)]
    choices = piece.split("/")
    stems = tuple(_one(choice[:-1]) for choice in choices if choice.endswith("*"))
    ends = tuple(_one(choice[1:]) for choice in choices if choice.startswith("*"))
    words = frozenset(_one(choice) for choice in choices if "*" not in choice)
    return [Part(words, stems, ends, optional)]


def _one(choice: str) -> str:
    words = words_of(choice)
    if len(words) != 1:
        raise ValueError(choice)
    return words[0].text


class Phrases:
    """Many phrases, found in one pass over the words of a message."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._by_start: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in (parse(text) for text in texts):
            for start in {word[:START] for word in (*phrase[0].words, *phrase[0].stems)}:
                self._by_start[start].append(phrase)

    def found(self, words: Sequence[Word], *, over_pauses: bool) -> list[Span]:
        """Where phrases are, from each word the longest; ``over_pauses``: also where a pause lies within."""
        spans = []
        for at, word in enumerate(words):
            started = self._by_start.get(word.text[:START], ())
            ends = [_end(phrase, words, at, over_pauses) for phrase in started if phrase[0].fits(word.text)]
            longest = max((end for end in ends if end is not None), default=None)
            spans += [(at, longest)] if longest is not None else []
        return spans


def _end(phrase: Phrase, words: Sequence[Word], start: int, over_pauses: bool) -> int | None:
    """Where the phrase ends that begins here, as far on as it can; None where it does not."""
    states = {(0, start)}
    ends: list[int] = []
    while states:
        part, at = states.pop()
        if part == len(phrase):
            ends.append(at)
            continue
        states |= _steps(phrase, part, words, at, broken=not over_pauses and at > start)
    return max(ends, default=None)


def _steps(phrase: Phrase, part: int, words: Sequence[Word], at: int, *, broken: bool) -> set[tuple[int, int]]:
    """How a search goes on from part ``part`` of the phrase and word ``at``."""
    wanted = phrase[part]
    if wanted.gap:
        most = max(at, min(at + LONGEST_GAP, len(words) - 1))
        return {(part + 1, reach) for reach in range(at, most + 1) if not _pause_in(words[at : reach + 1], broken)}
    passed = {(part + 1, at)} if wanted.optional else set()
    if at < len(words) and wanted.fits(words[at].text) and not _pause_in(words[at : at + 1], broken):
        passed.add((part + 1, at + 1))
    return passed


def _pause_in(words: Sequence[Word], matters: bool) -> bool:
    return matters and any(word.pause for word in words)
