"""Retention as papers show it: what holds for each class of data on a day, as the seller chose."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from orchestrator.compliance.retention_law import EVERYWHERE, RetentionLaw, RetentionRule, Terms
from orchestrator.domain.retention import DataClass
from orchestrator.domain.retention_periods import Period


def periods_of(law: RetentionLaw, on: date, seller_id: str) -> tuple[Period, ...]:
    """A line for each class and rule, with the places where it holds; the last of a class is that for all others."""
    return tuple(line for data_class in DataClass for line in _lines(data_class, law.terms(data_class, on, seller_id)))


def _lines(data_class: DataClass, terms: Terms) -> Iterator[Period]:
    places: defaultdict[RetentionRule, list[str]] = defaultdict(list)
    for place, rule in (*sorted(terms.here.items()), (EVERYWHERE, terms.elsewhere)):
        places[rule].append(place)
    for rule, where in places.items():
        yield Period(
            data=data_class.value,
            jurisdictions=tuple(where),
            keep=str(rule.keep) if rule.keep is not None else "no end",
            clock=rule.clock.value,
            action=rule.action.value,
            citation=rule.citation,
        )
