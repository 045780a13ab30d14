"""After any history, what was held at a moment is what a plain replay of the words known then gives."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.consent_standing import held

START = datetime(2026, 5, 1, tzinfo=UTC)
CHANNELS = ("voice", "sms")
PURPOSES = ("telemarketing", "research")


@dataclass(frozen=True, kw_only=True)
class Said:
    id: int
    event: str
    channel: str
    purpose: str | None
    happened_at: datetime
    recorded_at: datetime
    record_id: UUID


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


WORDS = st.builds(
    lambda event, channel, purpose, happened, late, record: Said(
        id=0,
        event=event,
        channel=channel,
        purpose=purpose,
        happened_at=hour(happened),
        recorded_at=hour(happened + late),
        record_id=UUID(int=record),
    ),
    st.sampled_from(("given", "given", "withdrawn", "refused", "expired", "invalidated", "requested")),
    st.sampled_from((*CHANNELS, "any")),
    st.none() | st.sampled_from(PURPOSES),
    st.integers(0, 6),
    st.integers(0, 4),
    st.integers(1, 3),
)
HISTORIES = st.lists(WORDS, max_size=12).map(lambda said: [replace(one, id=at) for at, one in enumerate(said)])


def cells(said: Said) -> set[tuple[str, str]]:
    """Channel by purpose: a word that names none speaks of each."""
    channels = CHANNELS if said.channel == "any" else (said.channel,)
    purposes = PURPOSES if said.purpose is None else (said.purpose,)
    return {(channel, purpose) for channel in channels for purpose in purposes}


def replayed(history: list[Said], at: datetime) -> dict[int, bool]:
    """Hour by hour: consents are written on a slate, and each later word wipes those that it touches."""
    slate: dict[int, Said] = {}
    stands: dict[int, bool] = {}
    known = [said for said in history if said.recorded_at <= at and said.happened_at <= at]
    for said in sorted(known, key=lambda one: (one.happened_at, one.event != "given")):
        if said.event == "given":
            slate[said.id], stands[said.id] = said, True
        elif said.event != "requested":
            gone = [one for one in slate.values() if wipes(said, one)]
            stands.update({one.id: False for one in gone})
    return stands


def wipes(said: Said, given: Said) -> bool:
    touched = not cells(said).isdisjoint(cells(given))
    return touched and (said.event != "expired" or said.record_id == given.record_id)


@given(history=HISTORIES, hours=st.integers(0, 10))
def test_what_was_held_is_what_a_replay_gives(history: list[Said], hours: int) -> None:
    assert {one.given.id: one.end is None for one in held(history, hour(hours))} == replayed(history, hour(hours))


@given(history=HISTORIES, later=HISTORIES, hours=st.integers(0, 10))
def test_nothing_recorded_later_changes_what_was_held(history: list[Said], later: list[Said], hours: int) -> None:
    at = hour(hours)
    after = [replace(one, id=one.id + 100, recorded_at=at + timedelta(seconds=1)) for one in later]
    assert held([*after, *history], at) == held(history, at)


@given(history=HISTORIES, hours=st.integers(0, 6))
def test_a_withdrawal_of_everything_wins_over_all_that_was_said_before(history: list[Said], hours: int) -> None:
    at = hour(hours)
    words = {"channel": "any", "purpose": None, "happened_at": at, "recorded_at": at}
    no = Said(id=99, event="withdrawn", record_id=UUID(int=9), **words)  # type: ignore[arg-type]
    assert all(one.end is not None for one in held([*history, no], at))
