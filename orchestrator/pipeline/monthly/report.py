"""The whole report of a month: its sections, as a page, as JSON and as tables for a spreadsheet."""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestrator.compliance.rights_law import RightsLaw
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.compliance.zone import zone
from orchestrator.domain.account import Finding
from orchestrator.domain.errors import UserError
from orchestrator.domain.month import Month, Section
from orchestrator.domain.page import Block, Heading, Page, Text, rows
from orchestrator.persistence import call_counts, protection, sellers
from orchestrator.persistence.store import Store
from orchestrator.pipeline.accountability.rendering import as_html
from orchestrator.pipeline.monthly import contact, house, refusals
from orchestrator.pipeline.monthly.contact import Look

SECTIONS: tuple[Callable[[Look], Section], ...] = (
    contact.made,
    contact.abandoned,
    refusals.honoured,
    refusals.contacted_after,
    contact.decided,
    house.scrubbed,
    house.consented,
    house.requested,
    house.exceptions,
    house.uninformed,
    house.alarms,
    house.readings,
    house.broken,
)
OF_THE_HOUSE = frozenset({"exceptions", "carrier_alarms", "doctor"})
MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A seller's month. ``why_zone`` says whose clock it is counted by."""

    seller_id: str
    seller: str
    month: Month
    why_zone: str
    rulebook: str
    made_at: datetime
    sections: Sequence[Section]

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the seller's own is on record: what binds the whole installation does not count."""
        return not any(section.rows for section in self.sections if section.name not in OF_THE_HOUSE)

    @property
    def is_over(self) -> bool:
        """Whether the month was over when the report was made."""
        return self.made_at >= self.month.ends


def report_of(store: Store, rulebook: Rulebook, rights: RightsLaw, seller_id: str, text: str, now: datetime) -> Report:
    """The report of the month that ``text`` names; raises UserError for one that has not begun."""
    with store.read() as tx:
        call_counts.of_one_moment(tx)
        seller = sellers.on_record(tx, seller_id)
        set_zone = protection.of_seller(tx, store.keyring, seller_id).time_zone
        name, why = _zone(set_zone, seller.country, rulebook)
        month = Month.read(text, zone(name))
        if month.begins > now:
            raise UserError(f"--month: {month.name} has not begun in {name}; name one that has.")
        look = Look(tx=tx, seller_id=seller_id, month=month, rulebook=rulebook, rights=rights, now=now)
        return Report(
            seller_id=seller_id,
            seller=seller.name,
            month=month,
            why_zone=why,
            rulebook=rulebook.digest,
            made_at=now,
            sections=[section(look) for section in SECTIONS],
        )


def _zone(chosen: str | None, country: str, rulebook: Rulebook) -> tuple[str, str]:
    if chosen is not None:
        return chosen, "the seller's own zone, as set"
    known = rulebook.numbering.countries.get(country)
    if known is not None and len(known.zones) == 1:
        return known.zones[0], f"the zone of {country}"
    return "UTC", "no zone of the seller's is set: `orchestrator sellers set ID --time-zone …`"


def doctors(findings: Sequence[Finding]) -> Section:
    """What the doctor found when the report was made: it keeps no record of the month."""
    return Section(
        name="doctor",
        title="What the doctor finds now",
        how="Looked at when this report was made: findings of the month itself are not kept.",
        header=("verdict", "check", "seen", "what_to_do"),
        rows=[(str(one.verdict), one.check, one.seen, one.do) for one in findings],
    )


def report_form(report: Report) -> dict[str, Any]:
    """The report as plain JSON."""
    return {
        "seller": report.seller_id,
        "month": report.month.name,
        "zone": report.month.zone,
        "zone_because": report.why_zone,
        "from": _iso(report.month.begins),
        "until": _iso(report.month.ends),
        "made_at": _iso(report.made_at),
        "is_over": report.is_over,
        "is_empty": report.is_empty,
        "rulebook": report.rulebook,
        "sections": {one.name: {"how": one.how, "rows": one.forms()} for one in report.sections},
    }


def files(report: Report) -> dict[str, str]:
    """Every file of the report by its name."""
    base = f"{report.seller_id}-{report.month.name}"
    found = {
        f"{base}.html": as_html(page(report)),
        f"{base}.json": json.dumps(report_form(report), ensure_ascii=False, indent=1),
    }
    return found | {f"{base}-{one.name}.csv": _csv(one) for one in report.sections}


def page(report: Report) -> Page:
    """The report for people."""
    month = report.month
    blocks: list[Block] = [
        Text(f"{month.name} in {month.zone} ({report.why_zone})."),
        Text(f"From {_iso(month.begins)} until before {_iso(month.ends)}."),
        Text(f"Made at {_iso(report.made_at)} under the rulebook {report.rulebook[:16]}…, recounted from the rows."),
    ]
    blocks += [] if report.is_over else [Text("The month is not over: this is what is known of it so far.")]
    blocks += [Text("Nothing of this seller is on record for the month.")] if report.is_empty else []
    for section in report.sections:
        header = tuple(name.replace("_", " ") for name in section.header)
        table: Block = rows(header, [[_readable(cell) for cell in _cells(section, row)] for row in section.forms()])
        blocks += [Heading(section.title), Text(section.how), table if section.rows else Text(section.empty)]
    return Page(f"Compliance report of {report.seller}, {month.name}", tuple(blocks))


def _readable(cell: Any) -> Any:
    """As people read it, moments to the second; CSV and JSON have them whole."""
    return MOMENT.sub(r"\1 \2 UTC", cell) if isinstance(cell, str) else cell


def _cells(section: Section, form: dict[str, Any]) -> list[Any]:
    return [form[name] for name in section.header]


def _csv(section: Section) -> str:
    text = io.StringIO()
    lines = [[_harmless(cell) for cell in _cells(section, form)] for form in section.forms()]
    csv.writer(text).writerows([section.header, *lines])
    return text.getvalue()


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
