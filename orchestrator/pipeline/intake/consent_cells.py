"""What a record says the person allowed or forbade: an unclear yes is no consent, an unclear no is a no."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from orchestrator.domain.contact_request import ConsentChannel, ConsentLevel, ConsentSource, Purpose
from orchestrator.persistence.consents import Identity
from orchestrator.pipeline.intake.cell_text import cleaned, folded, unwrapped, value
from orchestrator.pipeline.intake.columns import Column
from orchestrator.pipeline.intake.consent_words import (
    CALLABLE,
    CHANNEL_WORDS,
    LEVELS,
    NO,
    NOT_GIVEN,
    PURPOSE_WORDS,
    REFUSED,
    SAYS_AUTOMATED,
    SAYS_NOT,
    SOURCE_WORDS,
    YES,
)
from orchestrator.pipeline.intake.header_words import Field
from orchestrator.pipeline.intake.moments import moment

EVIDENCE = (
    *(Field.CONSENT_TEXT, Field.CONSENT_SOURCE, Field.CONSENT_URL, Field.CONSENT_IP, Field.CONSENT_RECORDING),
    Field.CONSENT_USER_AGENT,
)
UNPROVEN = "consent without a date and evidence counts nowhere"
NOT_UNDERSTOOD = "consent not understood, so not taken"
IN_FUTURE = "consent dated in the future, so unproven"
BAD_PURPOSE = "what the consent is for was not understood, so it counts nowhere"
BAD_DATE = "consent date not understood"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentClaim:
    """A consent as a record claims it; without ``evidence`` it is unproven and counts nowhere."""

    channel: ConsentChannel
    level: ConsentLevel
    given_at: datetime | None
    expires_at: datetime | None = None
    automated: bool = False
    source: ConsentSource | None = None
    evidence: Mapping[str, str] | None = None
    purpose: Purpose | None = None
    notice_version: str | None = None

    def identity(self, number_key: bytes) -> Identity:
        """What tells it from other consents for the number."""
        proven_at = self.given_at if self.evidence is not None else None
        purpose = self.purpose.value if self.purpose is not None else None
        return number_key, self.channel.value, self.level.value, self.automated, purpose, proven_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the person allowed, whether they said no and for which channel, and what could not be used."""

    claims: tuple[ConsentClaim, ...] = ()
    refusal: ConsentChannel | None = None
    notes: tuple[str, ...] = ()


NO_WISHES = Wishes()
# What people write beside a number, in its own cell.
SAYS_NO = re.compile(
    r"\b(?:do\W?n.?t|do not|no) (?:call|contact|text|phone)|\bdnc\b|\bstop|\bopt\w*\W?out|\bunsubscri", re.IGNORECASE
)


class WishReader:
    """Reads the consent and do-not-call columns of a layout; ``purpose`` is that of consents which name none."""

    def __init__(self, columns: Sequence[Column], purpose: Purpose | None = None) -> None:
        self.purpose = purpose
        self.refusals = [column for column in columns if column.field is Field.DO_NOT_CALL]
        self.phones = [column for column in columns if column.field is Field.PHONE]
        self.consents = [column for column in columns if column.field.startswith("consent")]
        asked = [column for column in self.consents if column.field is Field.CONSENT]
        # A date alone is a yes only where no column says yes or no.
        self.claims = asked or [column for column in self.consents if column.field is Field.CONSENT_AT]

    def read(self, cells: Sequence[str], country: str, now: datetime) -> Wishes:
        """The wishes of one record."""
        spoken = [ConsentChannel.ANY for column in self.phones if SAYS_NO.search(_cell(cells, column))]
        if not self.refusals and not self.consents:
            return Wishes(refusal=ConsentChannel.ANY) if spoken else NO_WISHES
        noes = spoken + [_channel_of(column) for column in self.refusals if _is_no(_cell(cells, column))]
        claims: list[ConsentClaim] = []
        notes: list[str] = []
        for column in self.claims:
            text = _word(_cell(cells, column))
            if text in REFUSED:
                noes.append(_channel_of(column))
                continue
            if not _is_yes(column, text, notes):
                continue
            claims.append(self._claim(column, text, cells, country, now, notes))
        return Wishes(claims=tuple(claims), refusal=_widest(noes), notes=tuple(dict.fromkeys(notes)))

    def _claim(
        self, column: Column, text: str, cells: Sequence[str], country: str, now: datetime, notes: list[str]
    ) -> ConsentClaim:
        channel, _, written = column.label.partition(":")
        said = {field: found for field in Field if (found := self._value(field, channel, cells))}
        given_at = _given_at(said.get(Field.CONSENT_AT, ""), country, now, notes)
        evidence = {field.value.removeprefix("consent_"): said[field] for field in EVIDENCE if field in said}
        meant = said.get(Field.CONSENT_PURPOSE, "")
        purpose = _purpose(meant) if meant else self.purpose
        understood = purpose is not None or not meant
        if not understood:
            notes.append(BAD_PURPOSE)
        if given_at is None or not evidence:
            notes.append(UNPROVEN)
        else:
            evidence["at"] = said[Field.CONSENT_AT]
        level = LEVELS.get(folded(said.get(Field.CONSENT_LEVEL, ""))) or LEVELS.get(text)
        return ConsentClaim(
            channel=_channel(channel, said.get(Field.CONSENT_CHANNEL, "")),
            level=level or (ConsentLevel.EXPRESS_WRITTEN if written else ConsentLevel.EXPRESS),
            given_at=given_at,
            expires_at=moment(said.get(Field.CONSENT_EXPIRES_AT, ""), country),
            automated=_automated(said),
            source=_source(said.get(Field.CONSENT_SOURCE, "")),
            evidence=evidence if given_at is not None and evidence and understood else None,
            purpose=purpose,
            notice_version=said.get(Field.CONSENT_NOTICE, "")[:64] or None,
        )

    def _value(self, field: Field, channel: str, cells: Sequence[str]) -> str:
        """The cell of that field for the channel, else of the field for every channel."""
        columns = [column for column in self.consents if column.field is field]
        for label in dict.fromkeys((channel, "")):
            for column in columns:
                if column.label.partition(":")[0] == label and (text := value(_cell(cells, column))):
                    return text
        return ""


def _cell(cells: Sequence[str], column: Column) -> str:
    return cells[column.position] if column.position < len(cells) else ""


def _word(cell: str) -> str:
    """The cell's words for comparing, or the sign that stands alone in it."""
    text = unwrapped(cleaned(cell))
    return folded(text.removesuffix(".0") if text in {"1.0", "0.0"} else text) or text


def _is_no(cell: str) -> bool:
    """Whether a do-not-call cell says no; a word that we do not know does."""
    word = _word(cell)
    # "never" is no consent, and here no permission either: it may well mean never call.
    return bool(word.strip("-–—. ?")) and word not in NO - {"never"} and word not in CALLABLE


def _is_yes(column: Column, text: str, notes: list[str]) -> bool:
    if not text or text in NOT_GIVEN:
        return False
    known = text in YES or text in LEVELS or column.field is Field.CONSENT_AT
    if not known:
        notes.append(NOT_UNDERSTOOD)
    return known


def _channel_of(column: Column) -> ConsentChannel:
    channel = column.label.partition(":")[0]
    return ConsentChannel.SMS if channel == "sms" else ConsentChannel.ANY


def _widest(channels: Sequence[ConsentChannel]) -> ConsentChannel | None:
    if not channels:
        return None
    return ConsentChannel.ANY if ConsentChannel.ANY in channels else channels[0]


def _channel(label: str, cell: str) -> ConsentChannel:
    if label:
        return ConsentChannel(label)
    found = [channel for channel, form in CHANNEL_WORDS if re.search(form, folded(cell))]
    return ConsentChannel(found[0]) if len(found) == 1 else ConsentChannel.ANY


def _given_at(cell: str, country: str, now: datetime, notes: list[str]) -> datetime | None:
    given_at = moment(cell, country) if cell else None
    if cell and given_at is None:
        notes.append(BAD_DATE)
    if given_at is not None and given_at > now:
        notes.append(IN_FUTURE)
        return None
    return given_at


def _automated(said: Mapping[Field, str]) -> bool:
    flag = _word(said.get(Field.CONSENT_AUTOMATED, ""))
    if flag:
        return flag in YES
    wording = said.get(Field.CONSENT_TEXT, "")
    return SAYS_AUTOMATED.search(wording) is not None and SAYS_NOT.search(wording) is None


def _purpose(cell: str) -> Purpose | None:
    word = folded(cell)
    if word.replace(" ", "_") in set(Purpose):
        return Purpose(word.replace(" ", "_"))
    return next((purpose for purpose, form in PURPOSE_WORDS if re.search(rf"\b({form})\b", word)), None)


def _source(cell: str) -> ConsentSource | None:
    word = folded(cell)
    if not word:
        return None
    if word.replace(" ", "_") in set(ConsentSource):
        return ConsentSource(word.replace(" ", "_"))
    return next((source for source, form in SOURCE_WORDS if re.search(rf"\b({form})\b", word)), ConsentSource.OTHER)
