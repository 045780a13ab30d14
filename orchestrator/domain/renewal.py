"""Which consents may be renewed by asking: what they must say, and what must not have been said since."""

from collections.abc import Collection, Iterable
from typing import Any, TypeAlias

from orchestrator.domain.consent_event import ConsentState
from orchestrator.domain.consent_standing import TAKES_BACK, ended_by
from orchestrator.domain.contact_request import Channel, ConsentChannel, SuppressionKind
from orchestrator.domain.opt_in import Choice

Entry: TypeAlias = Any
# Whoever said one of these is not asked for anything, whenever it was.
NEVER_ASKED = frozenset(
    {
        SuppressionKind.RESTRICTION,
        SuppressionKind.ERASED,
        SuppressionKind.CEASE_REQUEST,
        SuppressionKind.ATTORNEY_REPRESENTED,
    }
)


def suits(entry: Entry, choice: Choice) -> bool:
    """Whether the consent is one for just that choice: a renewal gives what was had, and nothing more."""
    covered = ConsentChannel(entry.channel).covers(Channel(choice.channel.value))
    same = entry.purpose == choice.purpose.value and bool(entry.automated) == choice.automated
    return covered and same and entry.to_caller and entry.subject is None


def is_last_word(entry: Entry, choice: Choice, entries: Iterable[Entry], stops: Iterable[Entry]) -> bool:
    """Whether the person has said nothing since, neither a no to anything nor a proven yes to the same."""
    said = list(entries)
    refused = any(one.event in TAKES_BACK and one.happened_at >= entry.happened_at for one in said)
    stopped = any(stop.at >= entry.happened_at or stop.kind in NEVER_ASKED for stop in stops)
    return not refused and not stopped and not any(_renews(one, entry, choice, said) for one in said)


def was_asked(entry: Entry, choice: Choice, asked: Iterable[Entry]) -> bool:
    """Whether the person was asked to renew this consent already, whatever came of it."""
    return any(
        one.channel == choice.channel.value
        and one.purpose == choice.purpose.value
        and bool(one.automated) == choice.automated
        and one.happened_at >= entry.happened_at
        for one in asked
    )


def _renews(one: Entry, entry: Entry, choice: Choice, said: Collection[Entry]) -> bool:
    newer = (one.happened_at, one.id) > (entry.happened_at, entry.id)
    given = one.event == ConsentState.GIVEN and one.evidence_sealed is not None
    return newer and given and suits(one, choice) and ended_by(one, said) is None
