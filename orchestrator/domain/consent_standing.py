"""What becomes of a consent: which later word ends it, and which contact it serves.

The ledger is never changed, so what stands at a moment is worked out from its entries: rows of it or events, anything
that names ``event``, ``channel``, ``purpose``, ``happened_at``, ``recorded_at`` and ``record_id``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from orchestrator.domain.consent_event import ConsentState
from orchestrator.domain.contact_request import Channel, ConsentChannel, Purpose

Entry: TypeAlias = Any
TAKES_BACK = frozenset({ConsentState.WITHDRAWN, ConsentState.REFUSED, ConsentState.INVALIDATED})


@dataclass(frozen=True, slots=True)
class Standing:
    """A consent, and the entry that has ended it, None while nothing has."""

    given: Entry
    end: Entry | None


def held(entries: Iterable[Entry], at: datetime) -> list[Standing]:
    """Every consent on record at that moment, oldest first, as it stood then.

    What was recorded later changes nothing of it, whatever it says of earlier days.
    """
    known = [entry for entry in entries if entry.recorded_at <= at and entry.happened_at <= at]
    given = sorted((entry for entry in known if entry.event == ConsentState.GIVEN), key=lambda entry: entry.happened_at)
    return [Standing(entry, ended_by(entry, known)) for entry in given]


def ended_by(given: Entry, entries: Iterable[Entry]) -> Entry | None:
    """The first later entry about the same number that ends this consent; of the same moment, the end wins."""
    ends = [entry for entry in entries if entry.happened_at >= given.happened_at and _ends(entry, given)]
    return min(ends, key=lambda entry: entry.happened_at, default=None)


def _ends(entry: Entry, given: Entry) -> bool:
    meant = _same_channel(entry, given) and _same_purpose(entry, given)
    if entry.event == ConsentState.EXPIRED:  # a request that nobody answered expires too, and takes nothing with it
        return meant and entry.record_id is not None and entry.record_id == given.record_id
    return meant and entry.event in TAKES_BACK


def _same_channel(entry: Entry, given: Entry) -> bool:
    return entry.channel in {ConsentChannel.ANY, given.channel} or given.channel == ConsentChannel.ANY


def _same_purpose(entry: Entry, given: Entry) -> bool:
    """A consent that names no purpose is ended by a no to any."""
    return entry.purpose is None or given.purpose is None or entry.purpose == given.purpose


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a campaign contacts people for, by channel: a text that sells is marketing, whatever the campaign is."""

    voice: Purpose
    sms: Purpose

    @classmethod
    def of(cls, purpose: Purpose, *, sells: bool, sells_by_text: bool) -> "Wanted":
        """Those of a campaign; ``sells``: it has a sales component, ``sells_by_text``: its texts are marketing."""
        voice = Purpose.TELEMARKETING if sells else purpose
        service = voice in {Purpose.INFORMATIONAL, Purpose.RESEARCH, Purpose.DEBT_COLLECTION, Purpose.EMERGENCY}
        return cls(voice, Purpose.TELEMARKETING if sells_by_text and service else voice)

    def on(self, channel: Channel) -> Purpose:
        """The purpose of what is said over that channel."""
        return self.voice if channel is Channel.VOICE else self.sms


def served(channel: ConsentChannel, purpose: Purpose | None, wanted: Wanted) -> ConsentChannel | None:
    """The channels over which a consent for one purpose serves these; None: it serves another purpose.

    A consent whose wording named no purpose is not for another one: it serves on every channel that it covers.
    """
    if purpose is None:
        return channel
    fits = [one for one in Channel if channel.covers(one) and wanted.on(one) is purpose]
    if not fits:
        return None
    return channel if all(one in fits for one in Channel if channel.covers(one)) else ConsentChannel(fits[0].value)
