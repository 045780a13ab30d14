"""What a header means."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from orchestrator.pipeline.intake.header_words import (
    ABOUT_A_PHONE,
    CHANNELS,
    CONSENT_PARTS,
    CONSENTS,
    EXACT,
    LABELS,
    NEVER,
    NUMBER_WORDS,
    OUR_OWN,
    PHONE_STARTS,
    PHONE_WORDS,
    REFUSALS,
    WHOSE_NUMBER,
    Field,
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """A field, and what the header adds to it: a phone's label, or the channel that a consent or a no covers."""

    field: Field
    label: str = ""


IGNORED = Meaning(Field.IGNORE)
COMPOUND = re.compile(r"(?P<consent>consent|optin|einwilligung|zustimmung)(?!ement|imiento|ed)s?")  # consentdate


@lru_cache(maxsize=1024)
def meaning(header: str) -> Meaning | None:
    """What the header says, IGNORED for a known one that we do not keep, None where it says nothing."""
    words = tokens(header)
    text = " ".join(words)
    if text in OUR_OWN or NEVER & set(words) or text.startswith("e mail"):
        return IGNORED
    return _refusal(words, text) or _consent(words, text) or _own_phrase(text) or _phone(words, text)


def tokens(header: str) -> tuple[str, ...]:
    """Lower-case words without accents, signs and ordinals: "PhoneNumber_2" is phone number."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", header) if not unicodedata.combining(sign))
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)|[^A-Za-z0-9ß]+", " ", plain)
    parted = COMPOUND.sub(r" \g<consent> ", spaced.casefold())
    return tuple(word for word in parted.split() if not word.isdigit())


def field_named(name: str) -> Meaning | None:
    """The meaning of a field's own name, as ``--map`` gives it; a channel may lead a consent: sms_consent."""
    text = name.strip().lower().replace("-", "_").replace(" ", "_")
    for label, field in (("", text), *((channel, text.removeprefix(channel + "_")) for channel, _ in CHANNELS)):
        if field in set(Field) and (not label or (text != field and field.startswith(("consent", "do_not_call")))):
            return Meaning(Field(field), label)
    return None


def _refusal(words: tuple[str, ...], text: str) -> Meaning | None:
    if not _says(text, REFUSALS) or _says(text, ("opt in", "optin")):
        return None
    if set(words) & {"reason", "source", "grund", "motif", "motivo", "by", "notes"}:
        return IGNORED
    channel = _channel(words)
    # "do not call" is a no to the caller; only where messages alone are named does it cover no more.
    return Meaning(Field.DO_NOT_CALL, channel if channel == "sms" else "")


def _consent(words: tuple[str, ...], text: str) -> Meaning | None:
    if not _says(text, CONSENTS):
        return None
    channel = _channel(words)
    for field, names in CONSENT_PARTS:
        if set(words) & set(names.split()):
            return Meaning(field, channel)
    if (
        words[-1] in {"text", "texts", "message"} and "to" not in words
    ):  # "Consent text" is a wording, "Text consent" a channel
        return Meaning(Field.CONSENT_TEXT, _channel(words[:-1]))
    if set(words) & {"written", "pewc", "schriftlich", "ecrit"}:
        return Meaning(Field.CONSENT, f"{channel}:written")
    return Meaning(Field.CONSENT, channel)


def _own_phrase(text: str) -> Meaning | None:
    field = EXACT.get(text) or EXACT.get(text.replace("_", " "))
    if field is None and text.replace(" ", "_") in set(Field):
        field = Field(text.replace(" ", "_"))
    return Meaning(field) if field not in {None, Field.PHONE} and field is not None else None


def _phone(words: tuple[str, ...], text: str) -> Meaning | None:
    named = any(word in PHONE_WORDS or word.startswith(PHONE_STARTS) or word.endswith("phone") for word in words)
    numbered = bool(words) and words[-1] in NUMBER_WORDS and set(words[:-1]) <= WHOSE_NUMBER
    if not named and not numbered:
        return None
    if set(words) & ABOUT_A_PHONE or text in {"no", "nr", "num"}:
        return IGNORED
    return Meaning(Field.PHONE, phone_label(words))


def phone_label(words: tuple[str, ...]) -> str:
    """home, work, mobile …, empty where the header does not say."""
    for label, starts in LABELS:
        if any(word.startswith(starts) for word in words):
            return label
    return ""


def _channel(words: tuple[str, ...]) -> str:
    found = [channel for channel, names in CHANNELS if names & set(words)]
    return found[0] if len(found) == 1 else ""


def _says(text: str, phrases: tuple[str, ...]) -> bool:
    padded = f" {text} "
    return any(f" {phrase} " in padded for phrase in phrases)
