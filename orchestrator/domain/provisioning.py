"""What an installation needs to be there at the carrier, what is there, and what is done about the difference."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

Value = str | bool | int
Known = Mapping[str, str]  # the sids of what is there, by the key of its wish
NEW = "(new)"  # stands for a sid that is not known before the thing is made


class Kind(StrEnum):
    """Sorts of things at the carrier."""

    WORKSPACE = "workspace"
    ACTIVITY = "activity"
    TASK_CHANNEL = "task-channel"
    QUEUE = "queue"
    WORKFLOW = "workflow"
    NUMBER = "number"
    SERVICE = "service"
    SERVICE_NUMBER = "service-number"


class Action(StrEnum):
    """What is done about one wish. ``refuse``: it is not ours, or cannot be; nothing is done."""

    CREATE = "create"
    ADOPT = "adopt"
    CHANGE = "change"
    LEAVE = "leave"
    REFUSE = "refuse"


# What the carrier keeps as it was made, whatever one asks.
FIXED: Mapping[Kind, frozenset[str]] = {Kind.ACTIVITY: frozenset({"available"})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A thing that must be there. ``within``: the key of what it lies in, ``needs``: of what its fields name.

    ``sid``: it is this one, and none is made. ``comes_along``: what it lies in has it from the beginning. ``fields``
    gives what must be set, by the carrier's names, from the sids that are known.
    """

    kind: Kind
    name: str
    fields: Callable[[Known], Mapping[str, Value]] = field(default=lambda _: {})
    within: str | None = None
    needs: tuple[str, ...] = ()
    sid: str | None = None
    comes_along: bool = False
    may_make: bool = True

    @property
    def key(self) -> str:
        """What the wish is called."""
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What is there: its fields by the carrier's names, and when it was made."""

    sid: str
    name: str
    fields: Mapping[str, object]
    made_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is done about a wish, and the fields that it sets: what they are and what they become."""

    wish: Wish
    action: Action
    sid: str | None = None
    changes: Mapping[str, tuple[object, Value]] = field(default_factory=dict)
    why: str = ""


class Workbench(Protocol):
    """The carrier's things: looked at, made and changed. ``within`` is the sid of what they lie in.

    Looking and changing raise what asking a Carrier raises; making may end in DispatchUncertainError.
    """

    def flex_workspace(self) -> str | None:
        """The workspace of the account's Flex, None where it has no Flex."""

    def find(self, kind: Kind, name: str, within: str | None) -> Thing | None:
        """The thing of that very name."""

    def fetch(self, kind: Kind, sid: str, within: str | None) -> Thing | None:
        """The thing of that sid, None where it is gone."""

    def create(self, kind: Kind, name: str, fields: Mapping[str, Value], within: str | None) -> str:
        """Make it; its sid."""

    def change(self, kind: Kind, sid: str, fields: Mapping[str, Value], within: str | None) -> None:
        """Set these fields, and no other."""
