"""What a person means by a text: stop, start, help, perhaps a refusal, or something else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from orchestrator.compliance.country import read_toml
from orchestrator.compliance.entry import Entry
from orchestrator.compliance.misspelling import bears_slips, misspelt
from orchestrator.compliance.phrase import Phrases, Span
from orchestrator.compliance.phrase import parse as parse_phrase
from orchestrator.compliance.plain_text import Word, clauses, plain, spaced, spelled_out, words_of
from orchestrator.domain.errors import UserError

OPT_OUT_FILE = "opt_out_words.toml"
STOP = "stop"
SHORTEST_JOINED = 4  # letters of a word that may be written in pieces: un subscribe, st op
MOST_PIECES = 3
SAME_LANGUAGE = {"nb": "no", "nn": "no", "cmn": "zh", "yue": "zh"}
LISTS = (
    "stop",
    "stop_alone",
    "stop_here",
    "openers",
    "slips",
    "stop_phrases",
    "refusals",
    "doubts",
    "harmless",
    "courtesies",
    "start",
    "help",
)
PHRASES = frozenset({"stop_phrases", "doubts", "harmless"})


class Intent(StrEnum):
    """What the sender of a message wants; unsure counts as a refusal until a person has read it."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    UNSURE = "unsure"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message means, and the word or phrase in it that decided; None where none did."""

    intent: Intent
    matched: str | None = None


NOTHING_SAID = Reading(Intent.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOutWords:
    """The words and phrases of every language, as opt_out_words.toml explains its lists."""

    stop: frozenset[str]
    stop_alone: Mapping[str, frozenset[str]]  # by language
    stop_here: Mapping[str, frozenset[str]]
    openers: frozenset[str]
    slips: frozenset[str]
    stop_phrases: Phrases
    refusals: frozenset[str]
    doubts: Phrases
    harmless: Phrases
    courtesies: frozenset[str]
    start: frozenset[str]
    help: frozenset[str]
    long_openers: tuple[str, ...]  # against which misspellings are held

    @classmethod
    def parse(cls, content: str) -> "OptOutWords":
        """The words in opt_out_words.toml; UserError names the language and the list that is wrong."""
        entry = Entry(OPT_OUT_FILE, read_toml(OPT_OUT_FILE, content))
        lists = {language: _lists(entry.table(language)) for language in entry.fields}
        if not any(one["stop"] for one in lists.values()):
            raise UserError(f"{OPT_OUT_FILE} names no stop words; take the file that came with this release.")
        words = {name: frozenset(chain(*(one[name] for one in lists.values()))) for name in LISTS}
        stops = words["stop"] | words["openers"]
        return cls(
            stop=stops,
            stop_alone={language: frozenset(one["stop_alone"]) for language, one in lists.items()},
            stop_here={language: frozenset(one["stop_here"]) for language, one in lists.items()},
            openers=words["openers"],
            slips=words["slips"],
            stop_phrases=Phrases(words["stop_phrases"]),
            refusals=words["refusals"],
            doubts=Phrases(words["doubts"]),
            harmless=Phrases(words["harmless"]),
            courtesies=words["courtesies"],
            start=words["start"],
            help=words["help"],
            long_openers=tuple(sorted(word for word in words["openers"] if bears_slips(word))),
        )


def classify(message: str, words: OptOutWords, language: str | None = None) -> Intent:
    """What the message means."""
    return read(message, words, language).intent


def read(message: str, words: OptOutWords, language: str | None = None) -> Reading:
    """What the message means, and what decided; anything that looks like a refusal and is no clear stop is unsure.

    ``language`` (as in pt or pt-BR) settles words that mean stop in one language and something else in others; STOP is
    a stop in each.
    """
    said = _corrected(words_of(message), words)
    if not said:
        return NOTHING_SAID
    harmless = words.harmless.found(said, over_pauses=False)
    stop = _stop(said, words, harmless, _plain_language(language))
    if stop is not None:
        return stop
    doubt = next(_doubts(said, words, harmless), None)
    if doubt is not None:
        return Reading(Intent.UNSURE, doubt)
    for whole in (_text(said), _without_courtesies(said, words)):
        for intent, answers in ((Intent.START, words.start), (Intent.HELP, words.help)):
            if whole in answers:
                return Reading(intent, whole)
    return NOTHING_SAID


def _stop(said: Sequence[Word], words: OptOutWords, harmless: Sequence[Span], language: str | None) -> Reading | None:
    """Stop, or a doubt where a word means stop in another language than the person's; None for neither."""
    clear = next(_clear_stops(said, words, harmless), None)
    if clear is not None:
        return Reading(Intent.STOP, clear)
    whole, polite = _text(said), _without_courtesies(said, words)
    if language is not None and {whole, polite} & (_of(words.stop_here, language) | _of(words.stop_alone, language)):
        return Reading(Intent.STOP, whole)
    elsewhere = any(whole in stops for stops in words.stop_alone.values())
    if not elsewhere or whole in words.start:
        return None
    return Reading(Intent.UNSURE if language else Intent.STOP, whole)


def _clear_stops(said: Sequence[Word], words: OptOutWords, harmless: Sequence[Span]) -> Iterator[str]:
    """Whatever in the message is a stop by itself, in any language."""
    yield from _whole_clauses(said, words, words.stop)
    pieces = "".join(word.text for word in said)
    if len(said) <= MOST_PIECES and len(pieces) >= SHORTEST_JOINED and pieces in words.stop:
        yield pieces
    for at, word in enumerate(said):
        if word.text in words.openers and (_shouted(word, said) or at == 0) and not _begins(at, word, said, harmless):
            yield word.text
    for start, end in words.stop_phrases.found(said, over_pauses=True):
        if not _covered((start, end), harmless):
            yield _text(said[start:end])


def _shouted(word: Word, said: Sequence[Word]) -> bool:
    """Whether this word is in capitals where others are not."""
    return word.loud and not all(one.loud or len(one.text) < SHORTEST_JOINED for one in said)


def _begins(at: int, word: Word, said: Sequence[Word], harmless: Iterable[Span]) -> bool:
    """Whether the word is part of something harmless; one that is shouted only where it begins it, as in STOP sign."""
    return any(begins == at or (begins < at < ends and not _shouted(word, said)) for begins, ends in harmless)


def _doubts(said: Sequence[Word], words: OptOutWords, harmless: Sequence[Span]) -> Iterator[str]:
    """Whatever in the message may be a refusal."""
    yield from _whole_clauses(said, words, words.refusals)
    for start, end in words.doubts.found(said, over_pauses=False):
        if not any(begins < end and start < ends for begins, ends in harmless):
            yield _text(said[start:end])


def _whole_clauses(said: Sequence[Word], words: OptOutWords, wanted: frozenset[str]) -> Iterator[str]:
    for start, end in clauses(said):
        whole = {_text(said[start:end]), _without_courtesies(said[start:end], words)}
        yield from whole & wanted


def _covered(span: Span, harmless: Iterable[Span]) -> bool:
    """Whether something harmless reaches beyond what was found: stop by takes please stop back, not stop by tonight."""
    start, end = span
    return any(
        begins < end and start < ends and not (start <= begins and ends <= end and span != (begins, ends))
        for begins, ends in harmless
    )


def _corrected(said: Sequence[Word], words: OptOutWords) -> list[Word]:
    return [Word(_meant(word.text, words), word.pause, word.loud) for word in said]


def _meant(word: str, words: OptOutWords) -> str:
    """The stop word that this one is in disguise or mistyped, else the word itself."""
    if word in words.stop or word in words.start:
        return word
    if word in words.slips or (letters := spelled_out(word)) in words.slips:
        return STOP
    if letters in words.openers:
        return letters
    return misspelt(word, words.long_openers) or word


def _without_courtesies(said: Sequence[Word], words: OptOutWords) -> str:
    """What is left without courtesies and signs such as emoji."""
    return spaced(word.text for word in said if word.text not in words.courtesies and word.text[0].isalnum())


def _text(said: Iterable[Word]) -> str:
    return spaced(word.text for word in said)


def _of(lists: Mapping[str, frozenset[str]], language: str) -> frozenset[str]:
    return lists.get(language, frozenset())


def _plain_language(language: str | None) -> str | None:
    """The language without its country and script; None for none."""
    short = (language or "").replace("_", "-").split("-")[0].strip().lower()
    return SAME_LANGUAGE.get(short, short) or None


def _lists(table: Entry) -> dict[str, list[str]]:
    """The lists of one language; phrases stay as they are written, words are made plain."""
    lists = {
        name: [_readable(table, name, text) if name in PHRASES else plain(text) for text in table.texts(name)]
        for name in LISTS
    }
    table.finish()
    return lists


def _readable(table: Entry, name: str, text: str) -> str:
    try:
        parse_phrase(text)
    except ValueError:
        raise table.wrong(
            name, f"'{text}' is no phrase: begin with a word, or a stem of three letters or more"
        ) from None
    return text
