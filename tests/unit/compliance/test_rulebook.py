"""The rulebook refuses an entry that lacks its law, its dates or its honesty, and says where."""

from collections.abc import Callable

import pytest

from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.errors import UserError
from orchestrator.law import rule_files
from orchestrator.settings import config_dir

FILES = rule_files(config_dir())
ENTRY = """
[[ring_time]]
id        = "xx.ring"
applies   = { jurisdiction = "US", channel = "voice", purpose = "telemarketing" }
class     = "law"
citation  = "A law"
source    = "a book"
effective = 2026-01-01
verified  = { on = 2026-11-21, how = "read" }
min_seconds = 15
"""


def with_entry(text: str) -> Rulebook:
    """The rulebook with one more file."""
    return Rulebook.parse(FILES | {"rules/us/extra.toml": text})


def test_an_entry_that_is_whole_is_read() -> None:
    assert with_entry(ENTRY).rule("xx.ring").heading.citation == "A law"


def lacking(field: str) -> str:
    return "\n".join(line for line in ENTRY.splitlines() if not line.startswith(field))


@pytest.mark.parametrize("field", ["applies", "class", "citation", "source", "effective", "verified", "min_seconds"])
def test_an_entry_that_lacks_a_field_is_refused(field: str) -> None:
    with pytest.raises(UserError, match=f"rules/us/extra.toml, ring_time xx.ring, field '{field}': is missing"):
        with_entry(lacking(field))


def test_an_entry_without_an_id_is_refused() -> None:
    with pytest.raises(UserError, match=r"rules/us/extra\.toml, ring_time 1, field 'id': is missing"):
        with_entry(lacking("id "))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda text: text.replace("min_seconds", "minimum_seconds"), "field 'min_seconds': is missing"),
        (lambda text: text + "max_seconds = 3", "field 'max_seconds': is unknown"),
        (lambda text: text.replace("how = ", "hew = "), "verified, field 'how': is missing"),
        (lambda text: text.replace('"read"', '"certain"'), "'certain' is none of read, read-2nd, recalled"),
        (lambda text: text.replace('"voice"', '"fax"'), "'fax' is none of voice, sms"),
        (lambda text: text.replace('jurisdiction = "US", ', ""), "applies, field 'jurisdiction': is missing"),
        (lambda text: text.replace('"telemarketing"', '"sales"'), "field 'purpose': 'sales' is none of"),
        (lambda text: text.replace("2026-01-01", '"soon"'), "field 'effective': must be a date"),
        (lambda text: text.replace("ring_time", "ringtime"), "no check reads 'ringtime'; did you mean 'ring_time'"),
        (lambda text: text.replace("= 15", "= 0"), "field 'min_seconds': must be above zero"),
        (lambda text: text + 'unless = [{ consent = { level = "oral" } }]', "consent, field 'level': is unknown"),
        (lambda text: text + "unless = [{}]", "an empty condition"),
        (lambda text: text + ENTRY, "The id 'xx.ring' stands twice"),
        (lambda text: text.replace("xx.ring", "us.fcc.ring-time"), "The id 'us.fcc.ring-time' stands twice"),
        (lambda _: "[[", "rules/us/extra.toml is not TOML"),
        (lambda _: "[ring_time]", "must be written as [[ring_time]]"),
    ],
)
def test_an_entry_that_means_nothing_is_refused(change: Callable[[str], str], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        with_entry(change(ENTRY))
    assert sentence in str(caught.value)


def test_the_digest_covers_every_file() -> None:
    digest = Rulebook.parse(FILES).digest
    assert digest == Rulebook.parse(dict(reversed(FILES.items()))).digest
    for name in ("rules/us/federal.toml", "numbering/nanp.toml"):
        assert Rulebook.parse(FILES | {name: FILES[name] + "\n# a remark"}).digest != digest


def test_the_same_texts_are_read_once_and_again_beside_other_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Rulebook.parse(FILES)
    assert Rulebook.parse(dict(reversed(FILES.items()))) is first
    monkeypatch.setattr("orchestrator.compliance.rulebook.holidays_version", "another")
    assert Rulebook.parse(FILES).digest != first.digest


def test_the_history_reaches_back_as_far_as_any_rule_reads() -> None:
    assert Rulebook.parse(FILES).history_days == 60


@pytest.mark.parametrize(
    ("country", "covered"),
    [
        ("US", True),
        ("PR", True),
        ("GB", True),
        ("CA", True),
        ("AU", True),
        ("FR", True),
        ("KE", False),
        ("JM", False),
        ("", False),
    ],
)
def test_countries_are_covered_where_rules_speak_of_them(country: str, covered: bool) -> None:
    assert Rulebook.parse(FILES).covered(country) is covered


def test_a_rule_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(UserError, match=r"did you mean 'us\.fcc\.ring-time'"):
        Rulebook.parse(FILES).rule("us.fcc.ringtime")
