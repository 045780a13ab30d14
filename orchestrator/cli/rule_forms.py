"""What a rule says of itself, for the commands that show rules."""

from collections.abc import Sequence

from orchestrator.compliance.entry import HOW_VERIFIED, nearest
from orchestrator.compliance.rule import EVERYWHERE, Rule
from orchestrator.compliance.rule_text import Written, plain, sentences
from orchestrator.compliance.rulebook import READERS, Rulebook
from orchestrator.domain.contact_request import Purpose
from orchestrator.domain.errors import UserError


def rule_form(rule: Rule) -> dict[str, object]:
    """The heading of a rule as plain JSON."""
    heading = rule.heading
    return {
        "id": rule.id,
        "kind": heading.kind,
        "jurisdictions": jurisdictions(rule),
        "channels": sorted(heading.applies.channels),
        "purposes": sorted(heading.applies.purposes),
        "class": heading.rule_class.value,
        "citation": heading.citation,
        "source": heading.source,
        "effective": heading.effective.isoformat(),
        "expires": heading.expires.isoformat() if heading.expires else None,
        "verified_on": heading.verified_on.isoformat(),
        "verified_how": heading.verified_how,
        "note": heading.note,
    }


def whole_form(rule: Rule, written: Written) -> dict[str, object]:
    """The heading, whom the rule binds in every respect, and its content as written and in words."""
    applies = rule.heading.applies
    bound = {
        "modes": sorted(applies.modes),
        "callers": sorted(applies.callers),
        "not_callers": sorted(applies.exempt_callers),
        "subscribers": sorted(applies.subscribers),
        "line_types": sorted(applies.line_types),
        "products": sorted(applies.products),
        "codes": sorted(applies.codes),
        "exemptions": sorted(applies.exemptions),
        "message_kinds": sorted(applies.message_kinds),
    }
    purposes = ["any"] if applies.purposes == frozenset(Purpose) else sorted(applies.purposes)
    file = f"config/{written.file}"
    says = sentences(written)
    return rule_form(rule) | {"purposes": purposes, **bound, "file": file, "content": written.content, "says": says}


def calendar_form(written: Written) -> dict[str, object]:
    """A calendar as plain JSON."""
    heading = {name: plain(value) for name, value in written.fields.items() if name in {"citation", "source", "note"}}
    file = f"config/{written.file}"
    content, says = written.content, sentences(written)
    return {"id": written.id, "kind": written.kind, **heading, "file": file, "content": content, "says": says}


def jurisdictions(rule: Rule) -> list[str]:
    """Where it binds, sorted."""
    return sorted(rule.heading.applies.jurisdictions)


def known_place(named: str, rulebook: Rulebook) -> str:
    """The jurisdiction in capitals; raises UserError for one that no number plan has: it would have no rules."""
    place = named.upper()
    place = "GB" + place[2:] if place[:2] == "UK" and place[2:3] in {"", "-"} else place
    country, _, region = place.partition("-")
    plan = rulebook.numbering.countries.get(country)
    spoken = place == EVERYWHERE or any(place in rule.heading.applies.jurisdictions for rule in rulebook.rules)
    if not spoken and (plan is None or (region and region not in plan.regions)):
        raise UserError(f"--jurisdiction '{named}' is none that the rulebook knows; write it as in US, US-LA or GB.")
    return place


def of_kind(rules: Sequence[Rule], kind: str) -> list[Rule]:
    """The rules of that kind; raises UserError for a kind that no check reads."""
    if kind not in READERS:
        raise UserError(f"--kind '{kind}' is no kind of rule{nearest(kind, READERS)}; there are {', '.join(READERS)}.")
    return [rule for rule in rules if rule.heading.kind == kind]


def verified_so(rules: Sequence[Rule], how: str) -> list[Rule]:
    """The rules verified in that way; raises UserError for a way that there is not."""
    if how not in HOW_VERIFIED:
        raise UserError(f"--how '{how}' is no way to verify a rule; there are {', '.join(HOW_VERIFIED)}.")
    return [rule for rule in rules if rule.heading.verified_how == how]
