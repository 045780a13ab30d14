"""Duties that one fact of the question settles: ring time, message content, registrations, bans, the number itself."""

from dataclasses import dataclass
from typing import ClassVar

from orchestrator.compliance.case import Case, Moment
from orchestrator.compliance.condition import EVERY_REGISTRATION
from orchestrator.compliance.entry import Entry
from orchestrator.compliance.rule import ALLOWED, Finding, Heading, Shelf, refusal
from orchestrator.domain.decision import Cure

CONTENTS = {"sender_identified": "who sends it", "opt_out_notice": "how to opt out"}
CONTACT_MARKS = ("declared_emergency", "work_number")


@dataclass(frozen=True, slots=True, kw_only=True)
class RingTime:
    """An unanswered call rings at least so long."""

    kind: ClassVar[str] = "ring_time"
    covers: ClassVar[bool] = False
    min_seconds: int
    only_if_known: bool
    lookback_days: int = 0

    def judge(self, case: Case, _at: Moment, _: Heading, /) -> Finding:
        """Refuse where the call would be given up earlier, or where that is not known and must be."""
        rings = case.request.attempt.ring_timeout_seconds
        if rings is None and self.only_if_known:
            return ALLOWED
        if rings is None:
            return refusal(f"How long the call rings is not known; it must be {self.min_seconds} s.", Cure.CAMPAIGN)
        if rings < self.min_seconds:
            return refusal(f"The call rings {rings} s; it must be {self.min_seconds} s at least.", Cure.CAMPAIGN)
        return ALLOWED


def read_ring_time(entry: Entry, _: Shelf) -> RingTime:
    """Read ``min_seconds``, and whether a ring of unknown length passes."""
    return RingTime(min_seconds=entry.whole("min_seconds"), only_if_known=entry.flag("only_if_known"))


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageContent:
    """A message carries what the law wants in it."""

    kind: ClassVar[str] = "message_content"
    covers: ClassVar[bool] = False
    carries: tuple[str, ...]
    only_if_known: bool
    lookback_days: int = 0

    def judge(self, case: Case, _at: Moment, _: Heading, /) -> Finding:
        """Refuse where a part is missing, or not known to be there."""
        for part in self.carries:
            there = getattr(case.message, part)
            if there is False or (there is None and not self.only_if_known):
                return refusal(f"The message is not known to say {CONTENTS[part]}.", Cure.CAMPAIGN)
        return ALLOWED


def read_message_content(entry: Entry, _: Shelf) -> MessageContent:
    """Read what the message ``carries``."""
    carries = entry.texts("carries")
    unknown = [part for part in carries if part not in CONTENTS]
    if unknown or not carries:
        raise entry.wrong("carries", f"must be of {', '.join(CONTENTS)}")
    return MessageContent(carries=carries, only_if_known=entry.flag("only_if_known"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationHeld:
    """The caller is registered there."""

    kind: ClassVar[str] = "registration"
    covers: ClassVar[bool] = False
    any_of: tuple[str, ...]
    where: str
    lookback_days: int = 0

    def judge(self, case: Case, _at: Moment, _: Heading, /) -> Finding:
        """Refuse where none of the registrations is in place."""
        held = case.request.campaign.caller.registrations
        if EVERY_REGISTRATION in held or any(needed in held for needed in self.any_of):
            return ALLOWED
        return refusal(
            f"The caller's registration for {self.where} is not known to be in place.",
            Cure.REGISTRATION,
            self.any_of[0],
        )


def read_registration(entry: Entry, shelf: Shelf) -> RegistrationHeld:
    """Read ``any_of``, the ids under which the registration may be named."""
    any_of = entry.texts("any_of")
    if not any_of:
        raise entry.wrong("any_of", "is missing")
    return RegistrationHeld(any_of=any_of, where=shelf.label(any_of[-1] if any_of[0].islower() else any_of[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prohibition:
    """No such contact at all, where the contact bears the mark; always where ``mark`` is empty."""

    kind: ClassVar[str] = "prohibition"
    covers: ClassVar[bool] = False
    mark: str
    because: str
    cure: Cure
    lookback_days: int = 0

    def judge(self, case: Case, _at: Moment, _: Heading, /) -> Finding:
        """Refuse."""
        if self.mark and not getattr(case.request.contact, self.mark):
            return ALLOWED
        return refusal(self.because, self.cure)


def read_prohibition(entry: Entry, _: Shelf) -> Prohibition:
    """Read why (``because``), the contact's ``mark`` where it takes one, and what would cure it."""
    return Prohibition(
        mark=entry.one_of("mark", CONTACT_MARKS) if entry.has("mark") else "",
        because=entry.text("because"),
        cure=Cure(entry.one_of("cure", tuple(Cure))),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """The law lets such contact be, as far as this rule's text goes."""

    kind: ClassVar[str] = "permission"
    covers: ClassVar[bool] = True
    lookback_days: int = 0

    def judge(self, _case: Case, _at: Moment, _: Heading, /) -> Finding:
        """Allow."""
        return ALLOWED


def read_permission(_entry: Entry, _: Shelf) -> Permission:
    """Nothing more to read."""
    return Permission()


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidNumber:
    """The number exists in its country's plan."""

    kind: ClassVar[str] = "valid_number"
    covers: ClassVar[bool] = False
    lookback_days: int = 0

    def judge(self, case: Case, _at: Moment, _: Heading, /) -> Finding:
        """Refuse what is no telephone number."""
        if case.place.number_is_valid:
            return ALLOWED
        return refusal("This is no valid telephone number.", Cure.JURISDICTION)


def read_valid_number(_entry: Entry, _: Shelf) -> ValidNumber:
    """Nothing more to read."""
    return ValidNumber()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Silence means no: every country in question has a rule that speaks of this kind of contact."""

    kind: ClassVar[str] = "coverage"
    covers: ClassVar[bool] = False
    shelf: Shelf
    lookback_days: int = 0

    def judge(self, case: Case, _at: Moment, _: Heading, /) -> Finding:
        """Refuse where a country's rules do not speak of this kind of contact."""
        if not case.uncovered:
            return ALLOWED
        where = " and ".join(self.shelf.label(country) for country in case.uncovered)
        purpose = case.request.campaign.purpose.value.replace("_", " ")
        return refusal(
            f"No rule for {where} covers {purpose} contact by {case.channel.value}.",
            Cure.RULEBOOK,
            ", ".join(case.uncovered),
        )


def read_coverage(_entry: Entry, shelf: Shelf) -> Coverage:
    """Nothing more to read."""
    return Coverage(shelf=shelf)
