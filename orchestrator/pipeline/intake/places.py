"""Countries, regions, postal codes, zones and languages as lists name them; None for what cannot be read."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import available_timezones

import holidays
import holidays.registry
import phonenumbers

from orchestrator.pipeline.intake.cell_text import folded

# What people call the countries that lists come from, beside ISO 3166's codes and English names.
COUNTRY_WORDS = {
    "US": "united states of america|u s|u s a|america|etats unis|etats unis d amerique|estados unidos|eeuu|ee uu|"
    "vereinigte staaten|vereinigte staaten von amerika|usa",
    "GB": "uk|u k|united kingdom|great britain|britain|england|scotland|wales|northern ireland|royaume uni|"
    "grande bretagne|angleterre|reino unido|inglaterra|vereinigtes konigreich|grossbritannien|britain uk",
    "CA": "kanada|canada",
    "AU": "australie|australien|aus",
    "DE": "deutschland|allemagne|alemania|germany",
    "FR": "france|frankreich|francia",
    "ES": "espana|spanien|espagne|spain",
    "IT": "italia|italien|italie|italy",
    "IE": "republic of ireland|eire|irland|irlande|irlanda",
    "NL": "holland|the netherlands|niederlande|pays bas|paises bajos|nederland",
    "BE": "belgien|belgique|belgica|belgie",
    "AT": "osterreich|autriche",
    "CH": "schweiz|suisse|suiza|svizzera",
    "MX": "mexico|mexique|mexiko|mejico",
    "PT": "portugal",
    "PL": "polska|polen|pologne",
    "IN": "bharat|indien|inde",
    "BR": "brasil|brasilien|bresil",
    "PR": "puerto rico|porto rico",
}
LANGUAGE_WORDS = {
    "en": "english|anglais|ingles|englisch|eng",
    "es": "spanish|espanol|espagnol|spanisch|castellano|spa",
    "fr": "french|francais|frances|franzosisch|fra|fre",
    "de": "german|deutsch|allemand|aleman|deu|ger",
    "it": "italian|italiano|italien|italienisch|ita",
    "pt": "portuguese|portugues|portugais|portugiesisch|por",
    "nl": "dutch|nederlands|neerlandais|niederlandisch|nld",
    "pl": "polish|polski|polonais|polnisch|pol",
    "zh": "chinese|mandarin|cantonese|chinois|chino|zho",
    "vi": "vietnamese|vie",
    "tl": "tagalog|filipino|tgl",
    "ru": "russian|russe|ruso|russisch|rus",
    "ar": "arabic|arabe|arabisch|ara",
    "ko": "korean|coreen|coreano|kor",
    "ht": "haitian creole|creole|kreyol|hat",
}
# North American words for a zone; elsewhere the same letters mean other zones.
NORTH_AMERICAN_ZONES = {
    "America/New_York": "eastern|eastern time|et|est|edt|eastern standard time|est5edt|us eastern",
    "America/Chicago": "central|central time|ct|cst|cdt|central standard time|cst6cdt|us central",
    "America/Denver": "mountain|mountain time|mt|mst|mdt|mountain standard time|mst7mdt|us mountain",
    "America/Los_Angeles": "pacific|pacific time|pt|pst|pdt|pacific standard time|pst8pdt|us pacific",
    "America/Phoenix": "arizona|us mountain standard time|us arizona",
    "America/Anchorage": "alaska|alaska time|akst|akdt|alaskan standard time|us alaska",
    "Pacific/Honolulu": "hawaii|hawaii time|hst|hast|hawaiian standard time|us hawaii",
    "America/Halifax": "atlantic|atlantic time|atlantic standard time",
    "America/St_Johns": "newfoundland|newfoundland time|newfoundland standard time",
}
SUBDIVIDED = frozenset({"US", "CA", "AU", "GB"})
LANGUAGE_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}))?(?:\.utf-?8)?", re.IGNORECASE)
POSTAL_FORMS: Mapping[str, re.Pattern[str]] = {
    "US": re.compile(r"(\d{5})(?:[- ]?(\d{4}))?"),
    "CA": re.compile(r"([A-Z]\d[A-Z]) ?(\d[A-Z]\d)"),
    "GB": re.compile(r"([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})"),
    "AU": re.compile(r"(\d{4})"),
}
POSTAL_JOINTS = {"US": "-", "CA": " ", "GB": " "}
LEADING_ZEROS = {"US": 5, "AU": 4}
ANY_POSTAL = re.compile(r"[A-Z0-9][A-Z0-9 -]{1,11}")


@lru_cache(maxsize=4096)
def country_named(text: str) -> str | None:
    """ISO 3166 alpha-2 for a code, a name, or a calling code."""
    word = folded(text)
    if text.lstrip("+").isdecimal() and len(text) <= 4:
        region = phonenumbers.region_code_for_country_code(int(text.lstrip("+")))
        return region if region not in {"ZZ", "001"} else None
    return _countries().get(word)


@lru_cache(maxsize=4096)
def region_named(text: str, country: str) -> str | None:
    """The subdivision's code, as in LA, NSW or SCT; None also for countries whose subdivisions we do not use."""
    code = text.strip().upper().removeprefix(f"{country}-")
    names = _subdivisions(country)
    if code in names.values():
        return code
    return names.get(folded(text))


@lru_cache(maxsize=4096)
def zone_named(text: str, country: str) -> str | None:
    """The IANA zone; the words of North America count there alone."""
    zone = _zones().get(text.strip().casefold().replace(" ", "_"))
    if zone is not None:
        return zone
    return _north_american_zones().get(folded(text)) if country in {"US", "CA"} else None


@lru_cache(maxsize=4096)
def language_named(text: str) -> str | None:
    """A language tag, as in en or fr-CA."""
    name = _words(LANGUAGE_WORDS).get(folded(re.sub(r"\(.*\)", "", text)))
    if name is not None:
        return name
    match = LANGUAGE_TAG.fullmatch(text.strip())
    if match is None or (len(match[1]) == 3 and not match[3]):
        return None
    return "-".join(
        part for part in (match[1].lower(), match[2] and match[2].title(), (match[3] or "").upper()) if part
    )


@lru_cache(maxsize=65_536)
def postal_code(text: str, country: str) -> str | None:
    """The code as its country writes it, with the leading zeros that a spreadsheet dropped."""
    code = (
        re.sub(r"\s+", " ", text.strip().upper()).removesuffix(".0").removeprefix("Z:")
    )  # as Facebook's leads have it
    if code.isdecimal() and country in LEADING_ZEROS and len(code) >= 3:
        code = code.zfill(LEADING_ZEROS[country])
    form = POSTAL_FORMS.get(country)
    if form is None:
        return code if ANY_POSTAL.fullmatch(code) else None
    match = form.fullmatch(code)
    return POSTAL_JOINTS.get(country, "").join(part for part in match.groups() if part) if match else None


@cache
def _countries() -> dict[str, str]:
    table = resources.files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text("utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    known = {code for code, _ in rows}
    names = {folded(name): code for code, name in rows}
    for name, entry in holidays.registry.COUNTRIES.items():
        names |= {folded(word): entry[1] for word in (name, *entry[1:]) if entry[1] in known}
    return names | _words(COUNTRY_WORDS) | {code.lower(): code for code in known}


@cache
def _subdivisions(country: str) -> dict[str, str]:
    if country not in SUBDIVIDED:
        return {}
    calendar = getattr(holidays, holidays.registry.COUNTRIES[_module(country)][0])
    names = {folded(name): code for name, code in calendar.subdivisions_aliases.items()}
    return {name: code for name, code in names.items() if " " not in code}


def _module(country: str) -> str:
    return next(name for name, entry in holidays.registry.COUNTRIES.items() if entry[1] == country)


@cache
def _zones() -> dict[str, str]:
    return {zone.casefold(): zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")}


@cache
def _north_american_zones() -> dict[str, str]:
    return _words(NORTH_AMERICAN_ZONES)


def _words(table: Mapping[str, str]) -> dict[str, str]:
    return {word: code for code, words in table.items() for word in words.split("|")}
