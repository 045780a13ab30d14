"""Which later word ends a consent, and which contact a consent serves."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from orchestrator.domain.consent_event import ConsentState
from orchestrator.domain.consent_standing import Wanted, ended_by, served
from orchestrator.domain.contact_request import Channel, ConsentChannel, Purpose

NOON = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)
RECORD, OTHER = UUID(int=1), UUID(int=2)
SELLING = Purpose.TELEMARKETING


@dataclass(frozen=True, kw_only=True)
class Said:
    event: str = "given"
    channel: str = "voice"
    purpose: str | None = None
    happened_at: datetime = NOON
    record_id: UUID | None = None


def later(event: str, channel: str = "any", purpose: str | None = None, record_id: UUID | None = None) -> Said:
    at = NOON + timedelta(seconds=1)
    return Said(event=event, channel=channel, purpose=purpose, record_id=record_id, happened_at=at)


@pytest.mark.parametrize(
    ("given", "word", "ends"),
    [
        (Said(), later("withdrawn"), True),
        (Said(), later("refused"), True),
        (Said(), later("invalidated"), True),
        (Said(), later("requested"), False),
        (Said(), later("given"), False),
        (Said(), later("withdrawn", "voice"), True),
        (Said(), later("withdrawn", "sms"), False),
        (Said(channel="any"), later("withdrawn", "sms"), True),
        (Said(purpose="fundraising"), later("withdrawn", purpose="research"), False),
        (Said(purpose="fundraising"), later("withdrawn", purpose="fundraising"), True),
        (Said(purpose="fundraising"), later("withdrawn"), True),
        (Said(), later("withdrawn", purpose="research"), True),
        (Said(record_id=RECORD), later("expired", record_id=RECORD), True),
        (Said(record_id=RECORD), later("expired", record_id=OTHER), False),
        # One opt-in may give several consents under one record, and each has its own time.
        (Said(record_id=RECORD), later("expired", "sms", record_id=RECORD), False),
        (Said(purpose="research", record_id=RECORD), later("expired", "any", "fundraising", RECORD), False),
        (Said(), later("expired"), False),
    ],
)
def test_a_later_word_ends_what_it_speaks_of(given: Said, word: Said, ends: bool) -> None:
    assert (ended_by(given, [given, word]) is word) is ends


@pytest.mark.parametrize(("seconds", "ends"), [(-1, False), (0, True), (1, True)])
def test_a_withdrawal_wins_from_its_own_second_on_over_what_was_said_before(seconds: int, ends: bool) -> None:
    word = Said(event="withdrawn", channel="any", happened_at=NOON + timedelta(seconds=seconds))
    assert (ended_by(Said(), [word]) is word) is ends


def test_the_first_of_several_ends_is_the_end() -> None:
    first, second = later("withdrawn"), Said(event="withdrawn", happened_at=NOON + timedelta(days=1))
    assert ended_by(Said(), [second, first]) is first


@pytest.mark.parametrize(
    ("purpose", "sells", "by_text", "voice", "sms"),
    [
        (Purpose.FUNDRAISING, False, True, Purpose.FUNDRAISING, Purpose.FUNDRAISING),
        (Purpose.INFORMATIONAL, False, False, Purpose.INFORMATIONAL, Purpose.INFORMATIONAL),
        (Purpose.INFORMATIONAL, False, True, Purpose.INFORMATIONAL, SELLING),
        (Purpose.RESEARCH, True, False, SELLING, SELLING),
    ],
)
def test_what_sells_is_marketing_whatever_it_is_called(
    purpose: Purpose, sells: bool, by_text: bool, voice: Purpose, sms: Purpose
) -> None:
    wanted = Wanted.of(purpose, sells=sells, sells_by_text=by_text)
    assert (wanted.on(Channel.VOICE), wanted.on(Channel.SMS)) == (voice, sms)


@pytest.mark.parametrize(
    ("channel", "purpose", "serves"),
    [
        ("any", None, "any"),
        ("any", Purpose.INFORMATIONAL, "voice"),
        ("any", SELLING, "sms"),
        ("voice", SELLING, None),
        ("sms", SELLING, "sms"),
        ("any", Purpose.RESEARCH, None),
    ],
)
def test_a_consent_serves_its_own_purpose_alone(channel: str, purpose: Purpose | None, serves: str | None) -> None:
    wanted = Wanted(voice=Purpose.INFORMATIONAL, sms=SELLING)
    assert served(ConsentChannel(channel), purpose, wanted) == serves


def test_every_state_but_giving_and_asking_can_end_a_consent() -> None:
    ending = {
        state
        for state in ConsentState
        if ended_by(Said(record_id=RECORD), [later(state.value, record_id=RECORD)]) is not None
    }
    assert ending == set(ConsentState) - {ConsentState.GIVEN, ConsentState.REQUESTED}
