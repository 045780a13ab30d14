"""What a person said last, kept apart from the code under test: which contact each of their numbers still forbids."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from orchestrator.domain.contact_request import Channel, Purpose


class Kind(NamedTuple):
    """A kind of contact: whether it sells, and over which channel."""

    sells: bool
    channel: Channel


ALL = frozenset(Kind(sells, channel) for sells in (True, False) for channel in Channel)
SALES = frozenset(kind for kind in ALL if kind.sells)
TEXTS = frozenset(kind for kind in ALL if kind.channel is Channel.SMS)


def kind_of(purpose: Purpose, channel: Channel) -> Kind:
    return Kind(purpose is not Purpose.INFORMATIONAL, channel)


def named(channel: Channel) -> frozenset[Kind]:
    """A no to one channel: nothing sells on any, and nothing else comes over that one."""
    return SALES | {kind for kind in ALL if kind.channel is channel}


@dataclass
class No:
    """One no: when and how it was said, and what it forbids."""

    when: int
    how: str
    forbids: frozenset[Kind]


@dataclass
class Yes:
    """One yes of the person's own, and what it allows again."""

    when: int
    allows: frozenset[Kind]


FOR_GOOD = frozenset({"restriction"})  # a yes to being contacted is no answer to it


class LastWords:
    """Every word by number. A person is all their numbers: a no by any binds each, and so does a later yes."""

    def __init__(self) -> None:
        self._noes: dict[str, list[No]] = defaultdict(list)
        self._yeses: dict[str, list[Yes]] = defaultdict(list)
        self._clock = count()

    def no(self, numbers: Iterable[str], how: str, forbids: frozenset[Kind] = ALL) -> None:
        for number in numbers:
            self._noes[number].append(No(next(self._clock), how, forbids))

    def yes(self, number: str, allows: frozenset[Kind]) -> None:
        self._yeses[number].append(Yes(next(self._clock), allows))

    def texts_again(self, number: str) -> None:
        """START: it answers a STOP by message, and nothing that was said in another way."""
        for no in self._noes[number]:
            if no.how in {"message", "doubt"}:
                no.forbids -= TEXTS

    def taken_back(self, how: str) -> None:
        """It turns out that nothing was said: a doubt was none, a restriction is lifted."""
        for noes in self._noes.values():
            noes[:] = [no for no in noes if no.how != how]

    def forbid(self, numbers: Collection[str], kind: Kind) -> list[str]:
        """How the person said no to this, last of all."""
        agreed = [yes.when for number in numbers for yes in self._yeses[number] if kind in yes.allows]
        last_yes = max(agreed, default=-1)
        noes = [no for number in numbers for no in self._noes[number] if kind in no.forbids]
        return [no.how for no in noes if no.how in FOR_GOOD or no.when > last_yes]
