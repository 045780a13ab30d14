"""Drafts of what a breach makes somebody say: to the authority, to the people, to the controller.

Counts, times, categories and contacts are filled in from the record; what a person has to judge is a gap with its name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from orchestrator.compliance.breach_law import Whom
from orchestrator.domain.breach import IN_ENGLISH, Touched
from orchestrator.domain.breach_words import DEFAULT, NoticeWords, words_for
from orchestrator.domain.campaign import Seller
from orchestrator.domain.page import Block, Gap, Heading, Page, Points, Text, rows
from orchestrator.domain.protection import Protection
from orchestrator.persistence.tables.columns import Record
from orchestrator.pipeline.breaches.clocks import Clock, Standing

NOT_NAMED = "`orchestrator sellers set {seller} --{option} …` names it for every notice to come."


@dataclass(frozen=True, slots=True, kw_only=True)
class Affair:
    """A breach as it concerns one seller."""

    breach: Record
    seller: Seller
    protection: Protection
    touched: Touched
    clocks: Sequence[Clock]
    uncovered: Sequence[str]
    now: datetime

    def due(self, whom: Whom) -> Sequence[Clock]:
        """The clocks about them."""
        return [clock for clock in self.clocks if clock.duty.whom is whom]


def drafts(affair: Affair, words: Mapping[str, NoticeWords]) -> dict[str, Page]:
    """Every draft by the name of its file, without an ending."""
    seller = affair.seller.id
    found = {f"authority-{seller}": to_authority(affair)}
    if affair.protection.is_another_firm is not False:
        found[f"controller-{seller}"] = to_controller(affair)
    for language in _languages(affair):
        found[f"people-{seller}-{language}"] = to_people(affair, language, words)
    return found


def _languages(affair: Affair) -> list[str]:
    """Those of the people who were touched; where none is on record, the seller's."""
    own = affair.protection.language or DEFAULT
    return sorted({language or own for language in affair.touched.languages} or {own})


def to_authority(affair: Affair) -> Page:
    """The notice to the authority: GDPR art. 33(3), (a) to (d), and where it is late why (art. 33(1))."""
    breach = affair.breach
    blocks: list[Block] = [
        Text(f"From: {affair.seller.name}, {affair.seller.country}."),
        _or_gap(affair.protection.authority, "Authority: {}", "the competent authority", affair, "authority"),
        _or_gap(
            affair.protection.address, "Address of the controller: {}", "the controller's address", affair, "address"
        ),
        Text(f"Aware of it since {_moment(breach.aware_at)}; this draft is of {_moment(affair.now)}."),
        *_deadlines(affair),
        Heading("The nature of the breach (art. 33(3)(a))"),
        Text(f"What is known: {breach.what_happened}. Account or token: {breach.actor}."),
        Text(f"Between {_moment(breach.since)} and {_moment(breach.until)}."),
        *_counts(affair.touched),
        Gap("kind of the breach", "Say whether confidentiality, integrity or availability was harmed, and how."),
        Heading("Who can be asked (art. 33(3)(b))"),
        *_officer(affair),
        Heading("Likely consequences (art. 33(3)(c))"),
        Gap("likely consequences", "A person judges them: who has the data now, and what can be done with them?"),
        Heading("Measures taken or proposed (art. 33(3)(d))"),
        Gap("measures", "Name what was done: access ended, keys or tokens changed, people told; and what will be."),
    ]
    return Page(f"Notice of a personal data breach ({breach.id})", tuple(blocks))


def to_controller(affair: Affair) -> Page:
    """The processor's notice to its controller, without undue delay: GDPR art. 33(2)."""
    breach = affair.breach
    blocks: list[Block] = [
        Text(f"To: {affair.seller.name}. We process personal data on your behalf, and a breach touched them."),
        Text(f"We have known of it since {_moment(breach.aware_at)}. Your own clock begins with this notice."),
        Text(f"What is known: {breach.what_happened}. Between {_moment(breach.since)} and {_moment(breach.until)}."),
        *_counts(affair.touched),
        Text("The draft of a notice to the authority and those to the people go with this notice; you decide on them."),
        Gap("whom to ask on our side", "Name a person of the processor, with telephone and e-mail address."),
        Gap("measures", "Name what was done on our side, and what will be."),
    ]
    return Page(f"Notice to the controller of a personal data breach ({breach.id})", tuple(blocks))


def to_people(affair: Affair, language: str, known: Mapping[str, NoticeWords]) -> Page:
    """The notice to the people, in plain language: GDPR art. 34(2). In English with a gap where a tongue is missing."""
    words = words_for(language, known)
    spoken = words or known[DEFAULT]
    names = {
        "seller": affair.seller.name,
        "since": f"{affair.breach.since:%Y-%m-%d %H:%M}",
        "until": f"{affair.breach.until:%Y-%m-%d %H:%M}",
    }
    blocks: list[Block] = [] if words else [Gap(f"translation into {language}", "Have this notice translated.")]
    blocks += [Text(spoken.begin.format(**names)), Text(spoken.when.format(**names)), Text(spoken.which)]
    blocks.append(Points(tuple(spoken.category[one] for one in affair.touched.categories)))
    for title, fill in (
        (spoken.what, spoken.fill.what),
        (spoken.consequences, spoken.fill.consequences),
        (spoken.measures, spoken.fill.measures),
    ):
        blocks += [Heading(title), Gap(title, fill)]
    blocks += [Heading(spoken.contact), _officer_in(spoken, affair, names), Text(spoken.complain)]
    return Page(spoken.title, tuple(blocks), spoken.language)


def _officer_in(words: NoticeWords, affair: Affair, names: Mapping[str, str]) -> Block:
    known = affair.protection
    if known.officer is None or known.officer_contact is None:
        return Gap(words.contact, words.fill.officer)
    return Text(words.officer.format(**names, officer=known.officer, officer_contact=known.officer_contact))


def _officer(affair: Affair) -> Iterator[Block]:
    known = affair.protection
    yield _or_gap(known.officer, "{}", "who is in charge of data protection", affair, "data-protection-officer")
    yield _or_gap(known.officer_contact, "{}", "how to reach them", affair, "officer-contact")


def _or_gap(said: str | None, form: str, what: str, affair: Affair, option: str) -> Block:
    if said is not None:
        return Text(form.format(said))
    return Gap(what, NOT_NAMED.format(seller=affair.seller.id, option=option))


def _deadlines(affair: Affair) -> Iterator[Block]:
    for clock in affair.due(Whom.AUTHORITY):
        yield Text(
            f"To be told by {_moment(clock.due_at)} at the latest ({clock.duty.citation}), unless {clock.duty.unless}."
        )
        if clock.standing is Standing.LATE:
            yield Gap("reasons for the delay", "The time is up; the notice must say why it comes late (art. 33(1)).")
    if affair.uncovered:
        yield Gap(
            f"duties in {', '.join(affair.uncovered)}",
            "No deadline of these countries is on file here: ask somebody who knows their law.",
        )


def _counts(touched: Touched) -> Iterator[Block]:
    yield Text(f"People, about: {touched.people:,}. Telephone numbers, about: {touched.numbers:,}.")
    if touched.unlisted:
        yield Text(f"{touched.unlisted:,} of these numbers belong to nobody who is on a list now.")
    yield rows(("country of the number", "numbers"), sorted(touched.countries.items()))
    yield Text("Categories of data that the account could see:")
    yield Points(tuple(IN_ENGLISH[one] for one in touched.categories))
    yield rows(("kind of reading", "times"), sorted(touched.readings.items()))


def _moment(at: datetime | None) -> str:
    return "no fixed hour" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
