"""TwiML read, and how long its words take to speak."""

from collections.abc import Iterable
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from sandbox.courier import LONGEST_DOCUMENT_BYTES, Reply

WORDS_PER_SECOND = 2.6
PLAYED_FILE_SECONDS = 5.0
PRESSED_KEY_SECONDS = 0.3


class DocumentError(Exception):
    """A document that Twilio cannot use; ``code`` is its number for why."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


def parse(text: str) -> list[Element]:
    """The verbs of a document, in order; DocumentError 12100 where it is no TwiML. Nothing at all means no verbs."""
    if not text.strip():
        return []
    try:
        root = ET.fromstring(text)  # noqa: S314 - what our own application answers; expat bounds entities
    except ET.ParseError as error:
        raise DocumentError(12100) from error
    if root.tag != "Response":
        raise DocumentError(12100)
    return list(root)


def document_in(reply: Reply) -> list[Element]:
    """The verbs that an application answered with; DocumentError says what was wrong with the answer."""
    if reply.failure is not None or reply.status >= 300:
        raise DocumentError(11205 if reply.failure == "ct" else 11200)
    if len(reply.text.encode()) > LONGEST_DOCUMENT_BYTES:
        raise DocumentError(11750)
    if reply.text.strip() and not any(kind in reply.content_type for kind in ("xml", "html")):
        raise DocumentError(12300)
    return parse(reply.text)


def words_of(verb: Element) -> str:
    """What a Say says, its markup left out."""
    return " ".join("".join(verb.itertext()).split())


def seconds_of(verb: Element) -> float:
    """How long a Say, Play or Pause lasts; 0 for any other verb."""
    if verb.tag == "Pause":
        return number_in(verb, "length", 1.0)
    times = max(1.0, number_in(verb, "loop", 1.0))
    if verb.tag == "Say":
        return times * max(0.5, len(words_of(verb).split()) / WORDS_PER_SECOND)
    if verb.tag == "Play":
        return times * (len(verb.get("digits", "")) * PRESSED_KEY_SECONDS or PLAYED_FILE_SECONDS)
    return 0.0


def heard_in(verbs: Iterable[Element]) -> str:
    """What of these can be heard: the words, and the addresses of what is played."""
    parts = [
        words_of(verb) if verb.tag == "Say" else (verb.text or "").strip()
        for verb in verbs
        if verb.tag in {"Say", "Play"}
    ]
    return " ".join(part for part in parts if part)


def number_in(verb: Element, name: str, default: float) -> float:
    """The attribute as a number; the default where it is absent or no number."""
    try:
        return float(verb.get(name, default))
    except ValueError:
        return default


def is_true(verb: Element, name: str, *, default: bool) -> bool:
    """The attribute as yes or no."""
    return verb.get(name, str(default)).lower() == "true"
