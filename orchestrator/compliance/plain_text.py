"""What people write, made comparable: words without case, accents, disguise and ornament, and where they pause."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Letters that accents do not explain, and those of other alphabets that pass for Latin ones; apostrophes and what has
# no width go.
LETTERS = str.maketrans(
    "ıøłđŁØĐ\u0455\u0442\u043e\u0440\u0430\u0435\u0456\u0441\u0445\u0443\u03bf\u03c4\u03c1\u03b1\u03b5",
    "ioldlodstopaeicxyotpae",
    "'\u2019\u2018`\u00b4\u02bc\ufe0f\u200b\u200d",
)
LIGATURES = {"æ": "ae", "œ": "oe", "$": "s"}
DIGITS_FOR_LETTERS = str.maketrans("013457", "oieast")
DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
ELISION = re.compile(r"\b([cdjlmnst]|qu|un|all|dell|dall|nell|sull)['\u2019`](?=\w{2})", re.IGNORECASE)
LETTER_SIGN = re.compile(r"[æœ]|\$(?=[a-z])")
CHUNK = re.compile(r"[\w\u0300-\u036f\u0900-\u097f]+|[^\s]|\n")
PAUSES = frozenset('.!?;,:/|\n()[]"…–—。、！？，；：．“”„«»¡¿।')
SEVERAL = 3  # single letters in a row are a word that was spelled apart
ACCENTS = 200  # the combining classes of what stands above and below Latin letters; Hindi's signs are lower


@dataclass(frozen=True, slots=True)
class Word:
    """One word. ``pause``: a stop of the voice comes before it; ``loud``: written in capitals."""

    text: str
    pause: bool = False
    loud: bool = False


def words_of(message: str) -> list[Word]:
    """The words in order; a sign such as an emoji is a word, and so is each character of Chinese, Japanese, Korean."""
    return _said_once(_joined_letters(list(_chunks(message))))


def plain(message: str) -> str:
    """The words with one space between them."""
    return spaced(word.text for word in words_of(message))


def spaced(words: Iterable[str]) -> str:
    """The words with one space between them, and none between characters of a script that has none."""
    text = ""
    for word in words:
        text += word if not text or (_stands_alone(text[-1]) and _stands_alone(word[0])) else f" {word}"
    return text


def clauses(words: Sequence[Word]) -> list[tuple[int, int]]:
    """From where to where each clause goes: a clause begins at a pause."""
    starts = [0, *(at for at, word in enumerate(words) if word.pause and at)]
    return list(zip(starts, [*starts[1:], len(words)], strict=True)) if words else []


def spelled_out(word: str) -> str:
    """The word with the letters that its digits stand for: st0p is stop; a number stays a number."""
    return word.translate(DIGITS_FOR_LETTERS) if not word.isdigit() else word


def _chunks(message: str) -> Iterable[Word]:
    pause = False
    whole_words = ELISION.sub(r"\1 ", unicodedata.normalize("NFKC", message).replace("_", " "))  # d'arreter
    for chunk in CHUNK.findall(whole_words.translate(LETTERS)):
        if chunk in PAUSES:
            pause = True
            continue
        for text in _bare(chunk):
            yield Word(text, pause, len(chunk) > 2 and chunk.isupper())
            pause = False


def _bare(chunk: str) -> Iterable[str]:
    """The words of a run of letters: one, or one for each character where a script has no spaces."""
    decomposed = unicodedata.normalize("NFKD", chunk.casefold())
    bare = unicodedata.normalize("NFC", "".join(c for c in decomposed if unicodedata.combining(c) < ACCENTS))
    latin = ""
    for character in bare.translate(LETTERS):
        if _stands_alone(character):
            yield from [latin] if latin else []
            latin = ""
            yield character
        elif character.isalnum() or unicodedata.category(character) in {"Mc", "Mn"} or character == "$":
            latin += character
    if latin.strip("$"):
        yield DRAWN_OUT.sub(r"\1", LETTER_SIGN.sub(lambda found: LIGATURES[found[0]], latin))


def _stands_alone(character: str) -> bool:
    return "\u3040" <= character <= "\ud7a3" or unicodedata.category(character) == "So"


def _joined_letters(words: list[Word]) -> list[Word]:
    """S T O P and s.t.o.p are one word; letters of a word count once where they are drawn out."""
    joined: list[Word] = []
    run: list[Word] = []
    for word in [*words, Word("")]:
        if len(word.text) == 1 and word.text.isascii():
            run.append(word)
            continue
        joined += run if len(run) < SEVERAL else [Word("".join(one.text for one in run), run[0].pause, run[0].loud)]
        run = []
        joined += [word] if word.text else []
    return joined


def _said_once(words: list[Word]) -> list[Word]:
    """Stop stop stop is stop."""
    return [word for at, word in enumerate(words) if at == 0 or word.text != words[at - 1].text]
