"""What would be texted, in lines for people and as plain JSON: preflight's short form and the preview share it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from orchestrator.cli.counted import counted

if TYPE_CHECKING:
    from orchestrator.pipeline.text_outlook import Rendered, TextOutlook
    from orchestrator.rehearsal.cost import Bill


def bill_of(texts: "Iterable[TextOutlook]") -> "Bill":
    """What the segments of everybody cost by config/prices.toml."""
    from orchestrator.config_files import load_prices
    from orchestrator.rehearsal.cost import Charge
    from orchestrator.settings import config_dir

    prices = load_prices(config_dir())
    every: Counter[str] = sum((text.segments_by_country for text in texts), Counter())
    return prices.bill(Counter({(Charge.SEGMENT, country): count for country, count in every.items()}))


def name_of(message: str | None) -> str:
    """The text's place in the campaign file."""
    return "sms.templates" if message is None else f"sms.messages.{message}"


def lines(texts: "Sequence[TextOutlook]") -> list[str]:
    """Each text in short, and what all of them cost."""
    told = [line for text in texts for line in _outlook_lines(text)]
    return [*told, *_cost_lines(bill_of(texts))]


def _outlook_lines(text: "TextOutlook") -> list[str]:
    worst, typical = text.worst, text.typical
    told = []
    if worst is not None and typical is not None:
        more = "" if worst.encoding == typical.encoding else f", at worst {size(worst)}"
        told.append(f"{name_of(text.message)}: typically {size(typical)}{more}")
    told += [
        f"  {taken} instead of {wanted}: {counted(people, 'person', 'people')}"
        for (wanted, taken), people in text.fell_back.most_common()
    ]
    if text.held:
        lacking = ", ".join(f"{name} {people:,}" for name, people in text.missing.most_common())
        told.append(f"  {counted(text.held, 'person lacks', 'people lack')} a field and would wait: {lacking}")
    return told


def size(one: "Rendered") -> str:
    """Segments and encoding, and what forces the dearer one."""
    if one.encoding is None:
        return f"nothing, since {', '.join(one.missing)} is missing"
    forced = f", forced by {one.encoding.forced_words}" if one.encoding.forced_by else ""
    return f"{counted(one.encoding.segments, 'segment')} ({one.encoding.units} of {one.encoding.alphabet}{forced})"


def _cost_lines(bill: "Bill") -> list[str]:
    told = ["Once to everybody, by estimate:"] if bill.items else []
    for item in bill.items:
        price = f"{item.amount:,.2f} {bill.currency}" if item.amount is not None else "without a price in prices.toml"
        told.append(f"  {item.country}: {counted(item.count, 'segment')}, {price}")
    return told


def form(text: "TextOutlook") -> dict[str, Any]:
    """One text over all who were looked at, as plain JSON."""
    return {
        "message": name_of(text.message),
        "worst": one_form(text.worst),
        "typical": one_form(text.typical),
        "people_by_segments": {str(segments): people for segments, people in text.by_segments.items()},
        "ucs2_people": len(text.in_ucs_2),
        "held": text.held,
        "missing_fields": dict(text.missing.most_common()),
        "fell_back": [
            {"wanted": wanted, "taken": taken, "people": people}
            for (wanted, taken), people in text.fell_back.most_common()
        ],
        "segments_by_country": dict(text.segments_by_country),
    }


def bill_form(bill: "Bill") -> dict[str, Any]:
    """The cost as plain JSON; a country without a price has none."""
    by_country = {item.country: None if item.amount is None else str(item.amount) for item in bill.items}
    return {"currency": bill.currency, "by_country": by_country, "known": str(bill.known)}


def one_form(one: "Rendered | None") -> dict[str, Any] | None:
    """One person's text as plain JSON."""
    if one is None:
        return None
    encoding = one.encoding
    return {
        "contact": one.contact_id,
        "country": one.country,
        "message": name_of(one.message),
        "language": one.variant.language,
        "wanted_language": one.variant.wanted,
        "text": one.text,
        "missing_fields": list(one.missing),
        "alphabet": encoding.alphabet if encoding else None,
        "units": encoding.units if encoding else None,
        "segments": encoding.segments if encoding else None,
        "forced_by": list(encoding.forced_by) if encoding else [],
    }
