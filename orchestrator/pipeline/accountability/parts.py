"""Passages that records, outline and notice share; what nobody has said is a gap that says how to fill it."""

from collections.abc import Iterator, Mapping

from orchestrator.domain.contact_request import LawfulBasis
from orchestrator.domain.page import Block, Gap, Points, Text, rows
from orchestrator.pipeline.accountability.facts import Facts, Use

CARRIER = "Twilio (carrier: places calls, sends texts, looks line types up)"
CARRIER_CONTRACT = "processor_contract"
UNION = frozenset(  # with Iceland, Liechtenstein and Norway, where the GDPR holds as well
    {"AT", "BE", "BG", "HR", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HU", "IE", "IS", "IT", "LI", "LT"}
    | {"LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}
)
KINGDOM = frozenset({"GB"})


def controller(facts: Facts) -> Iterator[Block]:
    """Who answers for the processing: GDPR art. 30(1)(a), 13(1)(a), (b)."""
    seller, known = facts.seller, facts.protection
    officer = known.officer and f"{known.officer}, {known.officer_contact or 'contact not named'}"
    yield Text(f"{seller.name}, {seller.country}. Telephone: {seller.callback_number or 'not set'}.")
    yield _named(facts, "Address", known.address, "address")
    yield _named(facts, "In charge of data protection", officer, "data-protection-officer")
    yield _named(facts, "Supervisory authority", known.authority, "authority")
    if seller.country not in UNION and _reaches(facts, UNION):
        yield _named(facts, "Representative in the Union (art. 27)", known.eu_representative, "eu-representative")
    if seller.country not in KINGDOM and _reaches(facts, KINGDOM):
        yield _named(facts, "Representative in the United Kingdom", known.uk_representative, "uk-representative")
    if known.is_another_firm is None:
        yield Gap("whether you process on behalf of another firm", _set(facts, "another-firm, or --own-firm"))


def _reaches(facts: Facts, places: frozenset[str]) -> bool:
    return not places.isdisjoint(facts.people) or not places.isdisjoint(facts.numbers)


def _named(facts: Facts, what: str, said: str | None, option: str) -> Block:
    return Gap(what, _set(facts, option)) if said is None else Text(f"{what}: {said}")


def _set(facts: Facts, option: str) -> str:
    return f"Name it with `orchestrator sellers set {facts.seller.id} --{option} …`."


def purposes(facts: Facts) -> Iterator[Block]:
    """Why people are contacted, campaign by campaign, and on which basis."""
    if not facts.uses:
        yield Text("There is no campaign: people's data are on record and nobody is contacted.")
        return
    header = ("campaign", "state", "purpose", "about", "lawful basis", "channels")
    yield rows(header, [_use(one) for one in facts.uses])
    for one in facts.uses:
        if one.plan.lawful_basis is None:
            yield Gap(f"the lawful basis of '{one.name}'", "Write lawful_basis in its file (GDPR art. 6(1)).")


def _use(one: Use) -> tuple[object, ...]:
    plan = one.plan
    return (one.name, one.state, plan.purpose, plan.subject, plan.lawful_basis, ", ".join(one.channels))


def people_and_data(facts: Facts) -> Iterator[Block]:
    """Whose data, and of which kinds: GDPR art. 30(1)(c)."""
    yield Text(f"Lists: {len(facts.lists):,}. People on them, by country: {_counted(facts.people) or 'nobody yet'}.")
    yield Text(f"Telephone numbers by country: {_counted(facts.numbers) or 'none yet'}.")
    fields = ", ".join(sorted(facts.fields))
    yield Text(f"Fields that the files brought: {fields or 'no file was imported'}.")
    yield Points(
        (
            "What the calls and texts came to: times, numbers shown, outcomes, agents, dispositions and notes.",
            "Texts sent and received, deliveries of the carrier.",
            "Consents with their evidence, refusals, objections and answers of do-not-call registries.",
            "Each decision whether a person may be contacted, with the facts and rules it rests on.",
            "Recordings: this product makes none.",
        )
    )


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def recipients(facts: Facts) -> Iterator[Block]:
    """Who else gets the data: GDPR art. 30(1)(d), 13(1)(e)."""
    named = [CARRIER] if facts.around.uses_carrier or facts.uses else []
    contracts = [paper for paper in facts.papers if paper.kind == CARRIER_CONTRACT]
    named += [f"{paper.party} (contract: {paper.title})" for paper in contracts if paper.party]
    yield Points(tuple(named)) if named else Text("Nobody yet: no carrier is set and no campaign is there.")
    if not contracts:
        yield Gap("contracts with processors (art. 28)", "File them with `orchestrator documents add`.")


def transfers(facts: Facts) -> Iterator[Block]:
    """Out of the European Economic Area or the United Kingdom: GDPR art. 30(1)(e), 13(1)(f)."""
    here = UNION | KINGDOM
    if not _reaches(facts, here) and facts.seller.country not in here:
        yield Text("Nobody of the European Economic Area or the United Kingdom is on a list.")
        return
    yield Text("Twilio works in the United States among other countries, so that data of people here go there.")
    yield Gap(
        "the ground of the transfer",
        "Name it (adequacy decision, standard clauses) from the carrier's contract.",
    )


def retention(facts: Facts) -> Iterator[Block]:
    """For how long: GDPR art. 30(1)(f), 13(2)(a)."""
    if facts.around.periods is None:
        yield Gap("time limits for erasure", "There is no config/retention.toml; say how long each class stays.")
        return
    found = [
        (one.data, ", ".join(one.jurisdictions), one.keep, one.clock, one.action, one.citation)
        for one in facts.around.periods
    ]
    yield rows(("class", "where", "kept", "since", "then", "by"), found)


def security(facts: Facts) -> Iterator[Block]:
    """What protects the data here, as it was looked at for this page: GDPR art. 30(1)(g), 32."""
    yield Points(facts.around.measures)
    for missing in facts.around.missing_measures:
        yield Gap("a measure that is off", missing)
    yield Gap("measures outside of this product", "Name who may log in where, backups and their test, disks, training.")


def made_of(facts: Facts) -> Iterator[Block]:
    """What the page was made of, so that it can be made again."""
    yield Text(
        f"Made at {facts.at:%Y-%m-%d %H:%M} UTC from the database and the configuration. Rulebook "
        f"{facts.around.rulebook[:16]}…, accepted {facts.around.accepted}."
    )
    if facts.sealed is not None:
        head, root = facts.sealed, bytes(facts.sealed.root).hex()
        yield Text(f"Sealed log of the seller: {head.size:,} entries, root {root}, {head.at:%Y-%m-%d %H:%M} UTC.")


def consent_wanted(facts: Facts) -> bool:
    """Whether any campaign rests on consent."""
    return any(one.plan.lawful_basis is LawfulBasis.CONSENT for one in facts.uses)
