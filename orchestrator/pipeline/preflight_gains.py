"""What a missing fact is worth: the hours in which people could be contacted if it were known, by asking the gate."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

import zipcodes

from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.contact_request import (
    ConsentChannel,
    ConsentFacts,
    ConsentLevel,
    ConsentSource,
    ContactFacts,
    LineType,
    RegistryAnswer,
)
from orchestrator.persistence.dossiers import Dossier
from orchestrator.pipeline.asking import Desk, asker, reassigned_answer, state_of
from orchestrator.strategies.consent import allows_automated_calls
from orchestrator.strategies.next_step import next_step
from orchestrator.strategies.state import Take, Wait

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
Answers = Mapping[bytes, Sequence[RegistryAnswer]]
Change = Callable[[Desk, Dossier], Dossier | None]


@dataclass(frozen=True, slots=True)
class Prospect:
    """Somebody in the sample, with what the registries say of their numbers."""

    person: Dossier
    registries: Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """How many people lack a fact, and the contact-hours more of the next seven days if they had it; estimates.

    Never less than none: what is known may also bar (a landline may be dialled by machine, which Florida forbids), and
    that is no gain.
    """

    fact: str
    assumed: str
    people: int
    hours: int


def gains_of(desk_of: Callable[[Answers], Desk], sample: Sequence[Prospect], scale: float) -> tuple[int, list[Gain]]:
    """The contact-hours as things are, and what each fact would add; both scaled from the sample to everybody."""
    clock = _Hours(desk_of)
    before = [clock.of(prospect) for prospect in sample]
    found = []
    for fact, assumed, change in FACTS:
        people = more = 0
        for prospect, hours in zip(sample, before, strict=True):
            changed = change(desk_of(prospect.registries), prospect.person)
            if changed is not None:
                people += 1
                more += clock.of(Prospect(changed, prospect.registries)) - hours
        found.append(Gain(fact=fact, assumed=assumed, people=round(people * scale), hours=max(0, round(more * scale))))
    return round(sum(before) * scale), found


class _Hours:
    """Counts a person's open hours; people of whom the same is known share one count."""

    def __init__(self, desk_of: Callable[[Answers], Desk]) -> None:
        self._desk_of = desk_of
        self._known: dict[object, int] = {}

    def of(self, prospect: Prospect) -> int:
        """In how many hours of the next seven days somebody could begin to contact them, as their facts stand."""
        desk = self._desk_of(prospect.registries)
        kind = _kind(desk, prospect)
        if kind not in self._known:
            self._known[kind] = open_hours(desk, prospect.person)
        return self._known[kind]


def open_hours(desk: Desk, person: Dossier) -> int:
    """Steps through the week by the hour while it is open, and to the next opening where it is not."""
    live, start = desk.campaign, desk.now
    end = min(start + WEEK, live.plan.ends_at or start + WEEK)
    state, at, hours = state_of(person, ()), start, 0
    while at < end:
        ask = asker(replace(desk, now=at), person, {})
        step = next_step(state, live.plan, live.strategy, live.cadence, at, ask)
        if not isinstance(step, Take | Wait):
            break
        hours += isinstance(step, Take)
        at = at + HOUR if isinstance(step, Take) else max(step.until, at + timedelta(minutes=1))
    return hours


def _kind(desk: Desk, prospect: Prospect) -> object:
    """Everything about a person that an answer may depend on, but who they are."""
    person = prospect.person
    places = desk.rulebook.places
    numbers = tuple(
        (
            places.find(_facts(person, number.number)),
            number.country,
            number.line_type,
            number.dead,
            tuple(person.consents[number.key]),
            tuple(prospect.registries[number.key]),
            reassigned_answer(person, number, desk.now),
        )
        for number in person.numbers
    )
    attempts = tuple(
        (row.key, row.channel, row.outcome, row.ended_at, row.step, row.error_code) for row in person.own_attempts
    )
    past = (tuple(person.history), tuple(person.suppressions), attempts)
    return (numbers, person.contact.subscriber, person.contact.language, past)


def _facts(person: Dossier, number: str) -> ContactFacts:
    contact = person.contact
    return ContactFacts(
        number=number,
        country=contact.country,
        region=contact.region,
        postal_code=person.profile.get("postal_code"),
        time_zone=contact.time_zone,
    )


def with_postal_code(desk: Desk, person: Dossier) -> Dossier | None:
    """The person with a postal code of their region, in that zone of it which most of its postal codes lie in."""
    if person.profile.get("postal_code"):
        return None
    code = code_in(desk.rulebook, person.contact.country, _region(desk.rulebook, person))
    return replace(person, profile={**person.profile, "postal_code": code}) if code else None


def _region(rulebook: Rulebook, person: Dossier) -> str | None:
    """The region on record, else the one that the first number belongs to."""
    if person.contact.region:
        return str(person.contact.region)
    regions = rulebook.numbering.origin(person.numbers[0].number).regions if person.numbers else ()
    return regions[0] if regions else None


def code_in(rulebook: Rulebook, country: str, region: str | None) -> str | None:
    """A postal code of the region; None where the tables hold none."""
    plan = rulebook.numbering.countries.get(country)
    if plan is None or region is None:
        return None
    if plan.postal == "zip":
        return _zip_in(region)
    return next((code for code, spot in plan.postal_prefixes.items() if spot.regions == (region,)), None)


@cache
def _zip_in(state: str) -> str | None:
    rows: list[dict[str, str]] = zipcodes.filter_by(state=state)  # type: ignore[no-untyped-call]
    rows = [row for row in rows if row["timezone"]]
    if not rows:
        return None
    usual, _ = Counter(row["timezone"] for row in rows).most_common(1)[0]
    return str(next(row["zip_code"] for row in rows if row["timezone"] == usual))


def with_line_type(_desk: Desk, person: Dossier) -> Dossier | None:
    """The person with every unknown line a landline."""
    if all(number.line_type != LineType.UNKNOWN for number in person.numbers):
        return None
    known = [
        replace(number, line_type=LineType.LANDLINE.value) if number.line_type == LineType.UNKNOWN else number
        for number in person.numbers
    ]
    return replace(person, numbers=known)


def with_consent(desk: Desk, person: Dossier) -> Dossier | None:
    """The person with a proven written consent to everything, given yesterday on a form of the seller's own."""
    consents = {number.key: tuple(person.consents[number.key]) for number in person.numbers}
    if all(allows_automated_calls(given, desk.now) for given in consents.values()):
        return None
    word = _consent(desk.now, desk.campaign.plan.subject)
    return replace(person, consents={key: (*given, word) for key, given in consents.items()})


def _consent(now: datetime, subject: str | None) -> ConsentFacts:
    return ConsentFacts(
        channel=ConsentChannel.ANY,
        level=ConsentLevel.EXPRESS_WRITTEN,
        automated=True,
        given_at=now.replace(minute=0, second=0, microsecond=0) - timedelta(days=1),
        evidence=True,
        source=ConsentSource.OWN_FORM,
        opt_out_offered_at_collection=True,
        subject=subject,
    )


FACTS: tuple[tuple[str, str, Change], ...] = (
    ("postal code", "one in the time zone of most postal codes of the person's region", with_postal_code),
    ("line type", "every unknown line is a landline", with_line_type),
    ("consent", "a proven written consent to automated calls and messages, given yesterday", with_consent),
)
