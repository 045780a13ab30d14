"""An answer as a page that a person reads and prints: one file, no script, nothing fetched from anywhere."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

STYLE = """
body { font: 16px/1.5 Georgia, serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #111; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; border-bottom: 1px solid #999; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; margin: .5rem 0 1rem; }
th, td { border: 1px solid #bbb; padding: .25rem .4rem; text-align: left; vertical-align: top; }
td, dd, li { overflow-wrap: anywhere; }
td { min-width: 4.5em; }
th { background: #eee; } dt { font-weight: bold; } dd { margin: 0 0 .5rem 1rem; }
li p { margin: 0; } .small { font-size: .8rem; color: #444; }
@media print {
  body { margin: 0; max-width: none; font-size: 11pt; }
  h2 { break-after: avoid; } tr { break-inside: avoid; }
}
"""
TITLES = {
    "access": "What we hold about you, and what we do with it",
    "port": "What you provided to us",
}
SECTIONS = (
    ("people", "Who you are to us"),
    ("purposes", "What for"),
    ("categories", "Which kinds of data"),
    ("recipients", "Who receives them"),
    ("transfers", "Other countries"),
    ("kept_for", "How long they are kept"),
    ("rights", "What you may ask"),
    ("source", "Where we have them from"),
    ("automated_decisions", "What is decided by a machine, and how"),
    ("recordings", "Recordings"),
    ("consents", "What you agreed to"),
    ("messages", "What you wrote to us"),
    ("history", "What happened, in order"),
    ("objections", "What you forbade"),
    ("scrubs", "Registers that were asked about your number"),
    ("read_by", "Who read your data"),
    ("requests", "Your requests"),
    ("left_out", "What is not here"),
    ("records", "Every record, as it is stored"),
)
MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*\+00:00$")  # to the minute; the JSON has the rest
NOTHING = "<p>Nothing.</p>"


def page(form: Mapping[str, Any]) -> str:
    """The page of an answer in the form that ``disclosure`` and ``portability`` make."""
    title, controller = TITLES[form["right"]], form["controller"]
    head = (
        f"<h1>{escape(title)}</h1><p>{escape(controller['name'])}, {escape(controller['phone'])}. "
        f"Request {form['request']}, received {escape(form['received_at'][:10])}, "
        f"answered {escape(form['answered_at'][:10])}.</p>"
    )
    body = "".join(_section(heading, name, form[name]) for name, heading in SECTIONS if name in form)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body>{head}{''.join(_notes(form))}{body}</body></html>\n"
    )


def _notes(form: Mapping[str, Any]) -> Iterator[str]:
    if form.get("is_processed") is False:
        yield "<p><strong>We hold no data about you.</strong></p>"
    if form.get("shared_numbers"):
        yield (
            "<p>Somebody else has the same number. What cannot be told apart from theirs is not in this answer, "
            "so that their data stay theirs.</p>"
        )


def _section(heading: str, name: str, value: Any) -> str:
    show = SHOWN.get(name, _any)
    return f"<h2>{escape(heading)}</h2>{show(value) if value else NOTHING}"


def _any(value: Any) -> str:
    if isinstance(value, str):
        return f"<p>{escape(value)}</p>"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in value)}</ul>"
    return _table(value)


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in names)
    body = "".join(f"<tr>{''.join(f'<td>{_cell(row.get(name))}</td>' for name in names)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(_cell(one) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{escape(str(name))}: {_cell(one)}" for name, one in value.items())
    return escape(MOMENT.sub(r"\1 \2 UTC", str(value)))


def _people(people: Sequence[Mapping[str, Any]]) -> str:
    shown = []
    for person in people:
        plain = {**person["profile"], **{name: value for name, value in person.items() if name != "profile"}}
        facts = {name: value for name, value in plain.items() if value not in (None, [], "")}
        terms = "".join(
            f"<dt>{escape(name.replace('_', ' '))}</dt><dd>{_cell(one)}</dd>" for name, one in facts.items()
        )
        shown.append(f"<dl>{terms}</dl>")
    return "".join(shown)


def _events(events: Sequence[Mapping[str, Any]]) -> str:
    return f"<ol>{''.join(_event(event) for event in events)}</ol>"


def _event(event: Mapping[str, Any]) -> str:
    details = "".join(f'<p class="small">{escape(line)}</p>' for line in event["details"])
    note = (
        f'<p class="small">Noted: {escape(event["note"])}</p>'
        if event["kind"] == "disposition" and event["note"]
        else ""
    )
    return (
        f"<li><p>{escape(event['at'][:16].replace('T', ' '))} UTC. {escape(event['sentence'])}</p>{details}{note}</li>"
    )


def _records(records: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    parts = (f"<h3>{escape(name.replace('_', ' '))}</h3>{_terms(rows)}" for name, rows in records.items())
    return "".join(parts)


def _terms(rows: Sequence[Mapping[str, Any]]) -> str:
    """One line a row: as a table most of these would be wider than any page."""
    lines = ("; ".join(f"{name}: {value}" for name, value in row.items() if value is not None) for row in rows)
    return f'<ul class="small">{"".join(f"<li>{escape(line)}</li>" for line in lines)}</ul>'


SHOWN: Mapping[str, Callable[[Any], str]] = {"history": _events, "people": _people, "records": _records}
