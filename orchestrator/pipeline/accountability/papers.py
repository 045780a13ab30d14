"""Records of processing (art. 30), the outline of an impact assessment (35(7)), a notice's facts (13, 14)."""

from collections.abc import Callable, Iterator, Mapping

from orchestrator.domain.contact_request import LawfulBasis
from orchestrator.domain.page import Block, Gap, Heading, Page, Points, Text, rows
from orchestrator.pipeline.accountability import parts
from orchestrator.pipeline.accountability.facts import Facts


def records(facts: Facts) -> Page:
    """The records of processing activities: GDPR art. 30(1), and (2) where we process on behalf of another firm."""
    blocks: list[Block] = [
        Heading("Controller (a)"),
        *parts.controller(facts),
        *_as_processor(facts),
        Heading("Purposes (b)"),
        *parts.purposes(facts),
        Heading("People and data (c)"),
        *parts.people_and_data(facts),
        Heading("Recipients (d)"),
        *parts.recipients(facts),
        Heading("Transfers (e)"),
        *parts.transfers(facts),
        Heading("Time limits (f)"),
        *parts.retention(facts),
        Heading("Security (g)"),
        *parts.security(facts),
        *parts.made_of(facts),
    ]
    return Page(f"Records of processing activities: {facts.seller.name}", tuple(blocks))


def _as_processor(facts: Facts) -> Iterator[Block]:
    if facts.protection.is_another_firm:
        yield Text(f"We contact people on behalf of {facts.seller.name}, as its processor (art. 30(2)).")
        yield Gap("the processor", "Name yourselves with address, representative and data protection officer.")


def outline(facts: Facts) -> Page:
    """The outline of a data protection impact assessment: art. 35(7)(a) to (d). A person judges the risks."""
    blocks: list[Block] = [
        Heading("The processing and its purposes (a)"),
        *parts.purposes(facts),
        *_means(facts),
        *parts.people_and_data(facts),
        *parts.recipients(facts),
        Heading("Legitimate interests pursued (a)"),
        *_interests(facts),
        Heading("Necessity and proportionality (b)"),
        Points(
            (
                "Each contact is decided by the law of the person's place moments before it is made; no rule means no.",
                "A refusal binds every campaign and channel of the seller at once, and takes back what is on its way.",
                f"Consents on record: {_events(facts.consents) or 'none'}.",
            )
        ),
        *parts.retention(facts),
        Gap("why less would not do", "Say why each field and each contact is needed for the purpose."),
        Heading("Risks to people (c)"),
        rows(("risk", "who meets it", "what lessens it here"), _risks(facts)),
        Gap(
            "likelihood and severity of each risk",
            "A person judges them, with the data protection officer (art. 35(2)).",
        ),
        Heading("Measures (d)"),
        *parts.security(facts),
        Gap(
            "views of people or of those who speak for them",
            "Seek them where it is fitting (art. 35(9)), or say why not.",
        ),
        *parts.made_of(facts),
    ]
    return Page(f"Outline of a data protection impact assessment: {facts.seller.name}", tuple(blocks))


def _events(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _means(facts: Facts) -> Iterator[Block]:
    found = []
    for one in facts.uses:
        voice = one.plan.voice
        machine = "yes" if one.detects_machines else "no"
        message = "yes" if voice is not None and voice.voicemail is not None else "no"
        found.append((one.name, one.plan.strategy, one.plan.attempts.cadence, machine, message))
    if found:
        yield rows(("campaign", "strategy", "cadence", "listens for machines", "leaves recorded messages"), found)


def _interests(facts: Facts) -> Iterator[Block]:
    resting = [one.name for one in facts.uses if one.plan.lawful_basis is LawfulBasis.LEGITIMATE_INTEREST]
    if not resting:
        yield Text("No campaign rests on a legitimate interest.")
        return
    yield Text(f"These campaigns rest on a legitimate interest: {', '.join(resting)}.")
    tests = [paper.title for paper in facts.papers if paper.kind == "balancing_test"]
    yield Points(tuple(tests)) if tests else Gap("the balancing test", "File it with `orchestrator documents add`.")


def _risks(facts: Facts) -> list[tuple[str, str, str]]:
    """What such campaigns can do to people; only what these campaigns do is listed."""
    found = [("unwanted or repeated contact", "everybody on a list", "caps, registries, hours, refusals")]
    if any(one.plan.voice for one in facts.uses):
        found.append(("silent or abandoned calls", "people who answer", "a budget by law; agents reserved"))
    if any(one.detects_machines for one in facts.uses):
        found.append(("a person taken for a machine", "people who answer", "tests of the detection; counted as lost"))
    if facts.numbers:
        found.append(("somebody else answers the number", "holders of reassigned numbers", "wrong numbers end contact"))
    return [
        *found,
        ("data in the wrong hands", "everybody on a list", "sealed fields, recorded readings"),
    ]


def notice_facts(facts: Facts) -> Page:
    """The facts that a privacy notice must hold: art. 13(1), (2), and 14 for data that came from elsewhere."""
    blocks: list[Block] = [
        Heading("Who is responsible (13(1)(a), (b))"),
        *parts.controller(facts),
        Heading("Why, and on which basis (13(1)(c), (d))"),
        *parts.purposes(facts),
        *_interests(facts),
        Heading("Which data, and where they come from (14(1)(d), 14(2)(f))"),
        *parts.people_and_data(facts),
        Gap(
            "the source of each list",
            "Say who collected the data: people are told at first contact at the latest.",
        ),
        Heading("Who gets them (13(1)(e))"),
        *parts.recipients(facts),
        Heading("Transfers (13(1)(f))"),
        *parts.transfers(facts),
        Heading("For how long (13(2)(a))"),
        *parts.retention(facts),
        Heading("Rights (13(2)(b) to (d), 21(4))"),
        Points(
            (
                "Access, rectification, erasure, restriction, portability.",
                "Objection to direct marketing at any time, without reasons; it is told apart from the rest.",
                "Complaint to a supervisory authority.",
                *(["Withdrawal of consent, as easily as it was given."] if parts.consent_wanted(facts) else []),
            )
        ),
        Heading("Automated decisions (13(2)(f))"),
        Text("Rules decide whether and when somebody is contacted; nothing with legal effect is decided about them."),
        *parts.made_of(facts),
    ]
    return Page(f"Facts for a privacy notice: {facts.seller.name}", tuple(blocks))


PAPERS: Mapping[str, Callable[[Facts], Page]] = {"records": records, "dpia": outline, "notice-facts": notice_facts}
