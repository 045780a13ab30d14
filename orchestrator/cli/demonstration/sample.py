"""A sample list as a CRM exports it, over four countries, with the registries and the campaign that go with it.

Seeded: the same people each time. All numbers are set aside for fiction.
"""

import csv
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

SEED = 20261122
Place = tuple[str, str, str]  # area code, region, postal code


def _places(text: str) -> tuple[Place, ...]:
    found = [entry.split(maxsplit=2) for entry in text.replace("\n", " ").split(",")]
    return tuple((area, region, postal_code) for area, region, postal_code in found)


FIRST_NAMES = (
    "Ada",
    "Ben",
    "Chloe",
    "Dev",
    "Elif",
    "Femi",
    "Grace",
    "Hugo",
    "Ines",
    "Jun",
    "Kofi",
    "Lena",
    "Mia",
    "Noor",
)
LAST_NAMES = (
    "Abbot",
    "Baker",
    "Cole",
    "Diaz",
    "Evans",
    "Frost",
    "Green",
    "Hale",
    "Ito",
    "Jones",
    "Khan",
    "Lopez",
    "Moss",
)
US_PLACES = _places("""
212 NY 10001, 315 NY 13202, 516 NY 11550, 585 NY 14604, 716 NY 14202, 305 FL 33101, 813 FL 33602,
850 FL 32501, 904 FL 32202, 407 FL 32801, 504 LA 70112, 225 LA 70801, 318 LA 71101, 214 TX 75201,
713 TX 77002, 512 TX 78701, 915 TX 79901, 215 PA 19102, 412 PA 15222, 717 PA 17101, 404 GA 30303,
912 GA 31401, 919 NC 27601, 704 NC 28202, 804 VA 23219, 312 IL 60601, 217 IL 62701, 614 OH 43215,
216 OH 44113, 303 CO 80202, 602 AZ 85003, 213 CA 90012, 415 CA 94102, 619 CA 92101, 206 WA 98101
""")
CA_PLACES = _places("""
416 ON M5V 2T6, 613 ON K1P 1J1, 514 QC H2Y 1C6, 418 QC G1R 4P5, 902 NS B3J 1S9, 506 NB E1C 4Z6,
204 MB R3C 4A5, 403 AB T2P 1J9, 604 BC V6B 4Y8, 709 NL A1C 5M3
""")
AU_STATES = (("NSW", "2000"), ("VIC", "3000"), ("QLD", "4000"), ("WA", "6000"), ("SA", "5000"))
STATES_WITH_LISTS = ("CO", "FL", "LA", "PA", "TX")  # of those that the sample's people live in
PER_AREA = 100
FIRST_WAVE = 60  # of those whom the campaign serves first: in half an hour it comes to everybody's country
HEADER = (
    "Customer ID", "First Name", "Last Name", "Home Phone", "Mobile", "State", "Postal Code",
    "SMS Consent", "Call Consent", "Consent Date", "Consent Level", "Consent Text", "Consent Source",
)  # fmt: skip
AGREEMENT = "I agree that Acme Roofing may call and text me, also by automated means."


@dataclass(frozen=True)
class SampleList:
    """One country's file."""

    country: str
    path: Path
    records: int


@dataclass(frozen=True)
class Sample:
    """Everything that the demo imports."""

    lists: Sequence[SampleList]
    registries: Sequence[tuple[str, Path]]
    campaign: Path


def write(folder: Path, now: datetime) -> Sample:
    """Write the files."""
    rows = {"US": _us(), "GB": _gb(), "CA": _ca(), "AU": _au()}
    random_source = random.Random(SEED)  # noqa: S311 - a sample, no secret
    lists, listed = [], {}
    for country, people in rows.items():
        path = folder / f"crm-{country.lower()}.csv"
        numbers = _write_list(path, country, list(people), random_source, now)
        lists.append(SampleList(country, path, len(numbers)))
        listed[country] = [number for pair in numbers for number in pair if number and random_source.random() < 0.12]
    return Sample(lists, _registries(folder, listed, rows), _campaign(folder, now))


def _us() -> Iterator[tuple[str, str, str, str]]:
    for area, state, zip_code in US_PLACES:
        for line in range(PER_AREA):
            yield f"({area}) 555-01{line:02d}", f"+1{area}55501{line:02d}", state, zip_code


def _ca() -> Iterator[tuple[str, str, str, str]]:
    for area, province, postal_code in CA_PLACES:
        for line in range(FIRST_WAVE // len(CA_PLACES)):
            yield f"{area}-555-01{line:02d}", f"+1{area}55501{line:02d}", province, postal_code


def _gb() -> Iterator[tuple[str, str, str, str]]:
    for line in range(FIRST_WAVE):
        yield f"020 7946 0{line:03d}", f"+442079460{line:03d}", "ENG", "SW1A 1AA"


def _au() -> Iterator[tuple[str, str, str, str]]:
    for line in range(1000):
        state, postcode = AU_STATES[line % len(AU_STATES)]
        yield f"0491 57{line // 100} {line % 100:02d}0", f"+6149157{line // 100}{line % 100:02d}0", state, postcode


def _write_list(
    path: Path, country: str, people: Sequence[tuple[str, str, str, str]], source: random.Random, now: datetime
) -> list[tuple[str, str | None]]:
    """One record a person, one in eight with a second number; the numbers of each, in E.164."""
    numbers: list[tuple[str, str | None]] = []
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        at = 0
        while at < len(people):
            two = source.random() < 0.12 and at + 1 < len(people)
            first, second = people[at], people[at + 1] if two else None
            writer.writerow(_record(country, at, first, second, source, now))
            numbers.append((first[1], second[1] if second else None))
            at += 2 if two else 1
        for row in _mess(country):
            writer.writerow(row)
    return numbers


def _record(
    country: str,
    at: int,
    first: tuple[str, str, str, str],
    second: tuple[str, str, str, str] | None,
    source: random.Random,
    now: datetime,
) -> list[str]:
    texts, calls = source.random() < 0.35, source.random() < 0.25
    given = (now - timedelta(days=source.randint(1, 60))).date().isoformat() if texts or calls else ""
    evidence = [given, "express written", AGREEMENT, "web form"] if given else ["", "", "", ""]
    return [
        f"{country}-{at:05d}",
        source.choice(FIRST_NAMES),
        source.choice(LAST_NAMES),
        first[0],
        second[0] if second else "",
        first[2],
        first[3],
        "yes" if texts else "no",
        "yes" if calls else "no",
        *evidence,
    ]


def _mess(country: str) -> Iterator[list[str]]:
    """What every export holds: a rounded number, no number at all, and somebody twice."""
    blank = [""] * (len(HEADER) - 4)
    yield [f"{country}-90001", "Ada", "Abbot", "1.50456E+10", *blank]
    yield [f"{country}-90002", "Ben", "Baker", "n/a", *blank]
    yield [f"{country}-00000", "Cole", "Cole", "", *blank]


def _registries(
    folder: Path, listed: dict[str, list[str]], rows: dict[str, Iterator[tuple[str, str, str, str]]]
) -> list[tuple[str, Path]]:
    """A do-not-call file for each registry that the gate will ask, in the registry's own format."""
    assert rows  # noqa: S101 - the washes below name every number that was sent
    american, british = listed["US"], [f"0{number[3:]}" for number in listed["GB"]]
    washed = set(listed["AU"])
    files = {
        "us-national": [f"{number[2:5]},{number[5:]}" for number in american],
        **{f"us-{state.lower()}": _of_state(state, american)[::2] for state in STATES_WITH_LISTS},
        "uk-tps": [f"{number:<12}" for number in british],
        "ca-dncl": [f"{number[2:5]},{number[5:]}" for number in listed["CA"]],
        "au-dncr": [f"0{number[3:]},{'Y' if number in washed else 'N'}" for _, number, _, _ in _au()],
    }
    return [(kind, _lines(folder / f"{kind}.csv", lines)) for kind, lines in files.items()]


def _of_state(state: str, numbers: Sequence[str]) -> list[str]:
    """Those under the state's own area codes, as ten digits."""
    areas = {area for area, region, _ in US_PLACES if region == state}
    return [number[2:] for number in numbers if number[2:5] in areas]


def _lines(path: Path, lines: Sequence[str]) -> Path:
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode("ascii"))
    return path


def _campaign(folder: Path, now: datetime) -> Path:
    path = folder / "campaign.toml"
    ends = (now + timedelta(days=20)).strftime("%Y-%m-%dT%H:%M:%SZ")
    path.write_text(CAMPAIGN.format(ends=ends, caller_ids=json.dumps(CALLER_IDS)), "utf-8")
    return path


CALLER_IDS = ("+12125550100", "+13055550101", "+14165550102", "+442079460103")
CAMPAIGN = """\
name     = "Spring roof offer"
seller   = "acme-roofing"
purpose  = "telemarketing"
subject  = "roof-offer"
lawful_basis = "legitimate_interest"
lists    = ["gb", "ca", "au", "us"]
ends_at  = {ends}

[voice]
caller_ids = {caller_ids}
local_presence = true
mobile_without_consent = "preview"
ring_timeout_seconds = 25
amd = "connect-first"
queue = "roof-sales"
information_message = "This is Acme Roofing, +1 212 555 0100. Press 9 and we will not call again."

[sms]
senders = ["+12125550104", "+12125550105"]
templates.en = "Acme Roofing: {{first_name}}, your spring check is due. Reply STOP to opt out."

[attempts]
cadence = "demo"
"""
