"""What a campaign would text: each person's own words, what they cost in segments, and whose words have a hole."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from orchestrator.domain.campaign import SmsPlan
from orchestrator.domain.contact_request import LineType
from orchestrator.domain.message_text import Alphabet, Encoding, encoding_of, missing_fields, render
from orchestrator.domain.message_variants import Variant, variant
from orchestrator.persistence.dossiers import Dossier, Number

NOTHING: Mapping[str, str] = {}
NO_TEXTS = frozenset({LineType.LANDLINE, LineType.TOLL_FREE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One text for one person. ``text`` and ``encoding`` None: the person lacks the ``missing`` fields, and waits."""

    contact_id: int
    number: str
    country: str
    message: str | None
    variant: Variant
    text: str | None = None
    encoding: Encoding | None = None
    missing: tuple[str, ...] = ()


@dataclass
class TextOutlook:
    """One of the campaign's texts over all who were looked at; ``scale`` is how many people each of them stands for."""

    message: str | None
    scale: float = 1.0
    whole: list[Rendered] = field(default_factory=list)  # those without a hole
    missing: Counter[str] = field(default_factory=Counter)  # people by field that they lack
    held: int = 0  # people who lack any
    fell_back: Counter[tuple[str, str]] = field(default_factory=Counter)  # wanted language, language taken

    def add(self, one: Rendered) -> None:
        """Count one person's text."""
        if one.variant.fell_back:
            self.fell_back[one.variant.wanted or "", one.variant.language] += 1
        self.missing.update(one.missing)
        self.held += bool(one.missing)
        if one.encoding is not None:
            self.whole.append(one)

    @property
    def in_order(self) -> Sequence[Rendered]:
        """The texts from the cheapest to the dearest."""
        return sorted(self.whole, key=lambda one: (_size(one), one.contact_id))

    @property
    def worst(self) -> Rendered | None:
        """The dearest text."""
        return self.in_order[-1] if self.whole else None

    @property
    def typical(self) -> Rendered | None:
        """The one in the middle."""
        return self.in_order[len(self.whole) // 2] if self.whole else None

    @property
    def by_segments(self) -> dict[int, int]:
        """How many people's text has how many segments."""
        return dict(sorted(Counter(one.encoding.segments for one in self.whole if one.encoding).items()))

    @property
    def in_ucs_2(self) -> list[Rendered]:
        """The texts that a character puts into UCS-2."""
        return [one for one in self.whole if one.encoding and one.encoding.alphabet is Alphabet.UCS_2]

    @property
    def segments_by_country(self) -> Counter[str]:
        """Segments for everybody, estimated from those who were looked at."""
        found: Counter[str] = Counter()
        for one in self.whole:
            found[one.country] += one.encoding.segments if one.encoding else 0
        return Counter({country: round(count * self.scale) for country, count in found.items()})


def _size(one: Rendered) -> tuple[int, int]:
    return (one.encoding.segments, one.encoding.units) if one.encoding else (0, 0)


def outlooks(
    sms: SmsPlan, people: Sequence[Dossier], everybody: int, shared: Mapping[str, str] = NOTHING
) -> list[TextOutlook]:
    """One outlook a text of the campaign, from these people, who stand for ``everybody``.

    ``shared`` are fields that every text may name, whoever it goes to.
    """
    scale = everybody / len(people) if people else 1.0
    found = {name: TextOutlook(name, scale) for name in sms.every_message}
    for person in people:
        for one in rendered(sms, person, shared):
            found[one.message].add(one)
    return list(found.values())


def rendered(sms: SmsPlan, person: Dossier, shared: Mapping[str, str] = NOTHING) -> Iterator[Rendered]:
    """Every text of the campaign in this person's words; none for somebody without a number."""
    number = _textable(person.numbers)
    if number is None:
        return
    for name, templates in sms.every_message.items():
        chosen = variant(templates, person.contact.language)
        fields = {**person.profile, **shared}
        missing = tuple(missing_fields(chosen.template, fields))
        text = None if missing else render(chosen.template, fields)
        yield Rendered(
            contact_id=person.contact.contact_id,
            number=number.number,
            country=number.country,
            message=name,
            variant=chosen,
            text=text,
            encoding=None if text is None else encoding_of(text),
            missing=missing,
        )


def _textable(numbers: Sequence[Number]) -> Number | None:
    """The number that would be texted, as far as line types tell."""
    able = [number for number in numbers if number.line_type not in NO_TEXTS]
    return next(iter(able or numbers), None)
