"""config/retention.toml speaks of everything, and whoever bends it stays within the law."""

from datetime import date

import pytest

from orchestrator.compliance.retention_law import RetentionLaw
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.errors import UserError
from orchestrator.domain.retention import Action, Clock, DataClass, Period
from orchestrator.law import load_rulebook
from orchestrator.persistence.retention.holdings import HOLDINGS, KEPT, classes_by_table
from orchestrator.persistence.tables.families import metadata
from tests.world import CONFIG

TEXT = (CONFIG / "retention.toml").read_text("utf-8")
TODAY = date(2026, 11, 22)
OWN = """
seller = "acme"

[[period]]
class = "contacts"
jurisdiction = ["*"]
keep = { months = 18 }
why = "they move house"
"""


@pytest.fixture(scope="module")
def law() -> RetentionLaw:
    return RetentionLaw.parse(TEXT)


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook(CONFIG)


def test_every_table_of_the_schema_is_in_a_class() -> None:
    """Whoever makes a table decides how long its rows stay: a holding, something that goes with one, or KEPT."""
    assert set(classes_by_table()) == set(metadata.tables)


def test_every_class_has_tables_but_the_recordings_which_nobody_makes() -> None:
    spoken_of = {data_class for classes in classes_by_table().values() for data_class in classes}
    assert set(DataClass) - spoken_of == {DataClass.RECORDINGS}


def test_a_table_that_is_kept_has_a_reason_and_no_time(law: RetentionLaw) -> None:
    for data_class in set(KEPT.values()):
        rule = law.terms(data_class, TODAY).elsewhere
        assert (rule.action, rule.keep) == (Action.KEEP, None), data_class
        assert len(rule.why) > 20


def test_every_holding_knows_each_clock_that_the_law_names_for_it(law: RetentionLaw) -> None:
    for holding in HOLDINGS:
        terms = law.terms(holding.data_class, TODAY)
        assert {rule.clock for rule in (*terms.here.values(), terms.elsewhere)} <= set(holding.clocks)


@pytest.mark.parametrize(
    ("data_class", "place", "years", "clock"),
    [
        (DataClass.ATTEMPTS, "US", 5, Clock.CREATION),
        (DataClass.CONSENTS, "US", 5, Clock.EACH_USE),
        (DataClass.CONSENTS, "DE", 5, Clock.EACH_USE),
        (DataClass.CONSENTS, "FR", 3, Clock.EACH_USE),
        (DataClass.CONSENTS, "SK", 4, Clock.EACH_USE),
        (DataClass.ATTEMPTS, "CA", 3, Clock.CREATION),
        (DataClass.ATTEMPTS, "GB", 3, Clock.CREATION),
        (DataClass.CONSENTS, "JP", 3, Clock.EACH_USE),
        (DataClass.CONSENTS, None, 5, Clock.EACH_USE),  # nobody knows where: the longest
    ],
)
def test_records_stay_as_long_as_each_place_asks(
    law: RetentionLaw, data_class: DataClass, place: str | None, years: int, clock: Clock
) -> None:
    rule = law.terms(data_class, TODAY).of(place)
    assert (rule.keep, rule.clock) == (Period(12 * years), clock)


def test_raw_deliveries_stay_thirty_days(law: RetentionLaw) -> None:
    assert law.terms(DataClass.RAW_DELIVERIES, TODAY).elsewhere.keep == Period(0, 30)


def test_nothing_that_a_rule_looks_back_on_may_go_sooner(law: RetentionLaw, rulebook: Rulebook) -> None:
    law.require_history(rulebook.history_days)
    read = {DataClass.ATTEMPTS, DataClass.CONTACTS, DataClass.CONSENTS}
    shortest = min(rule.keep.fewest_days for rule in law.rules if rule.keep and rule.data_class in read)
    law.require_history(shortest - 1)
    with pytest.raises(UserError, match=f"looks {shortest} days back"):
        law.require_history(shortest)


def test_a_seller_may_choose_within_the_floor_and_the_ceiling() -> None:
    law = RetentionLaw.parse(TEXT, {"retention/acme.toml": OWN})
    assert law.terms(DataClass.CONTACTS, TODAY, "acme").of("NL").keep == Period(18)
    assert law.terms(DataClass.CONTACTS, TODAY, "acme").of("US").keep == Period(60), "which it did not name"
    assert law.terms(DataClass.CONTACTS, TODAY, "beta").of("NL").keep == Period(36)


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("months = 18", "months = 5", "allows 6 months to 5 years"),
        ("months = 18", "years = 6", "allows 6 months to 5 years"),
        ('"contacts"', '"suppressions"', "is kept for good by 'suppressions'"),
        ('["*"]', '["DE"]', "must name places that retention.toml names"),
        ("keep =", "keeps =", "'keeps': is unknown|'keep': is missing"),
        ("seller =", "sellers =", "'seller': is missing"),
        ('why = "they move house"', "", "'why': is missing"),
    ],
)
def test_a_seller_who_goes_beyond_is_told_what_is_allowed(before: str, after: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        RetentionLaw.parse(TEXT, {"retention/acme.toml": OWN.replace(before, after, 1)})


def test_a_seller_cannot_let_go_of_reasons_before_the_calls() -> None:
    own = OWN.replace('"contacts"', '"decisions"')
    with pytest.raises(UserError, match="keep decisions as long"):
        RetentionLaw.parse(TEXT, {"retention/acme.toml": own})


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("keep         = { years = 5 }", "keep         = { years = 4 }", "must lie between at_least"),
        ("keep         = { years = 5 }", "keep         = { weeks = 5 }", "must be years, months or days"),
        ("keep         = { years = 5 }", "keep         = { years = 0 }", "must be above zero"),
        ('clock        = "last-contact"', 'clock        = "creation"', "'clock': of 'contacts' may be last-contact"),
        ('action       = "delete"', 'action       = "blank"', "'action': of 'contacts' may be delete or keep"),
        ('class        = "contacts"', 'class        = "contact"', "is none of"),
        ('kind         = "law"', 'kind         = "wish"', "is none of law, policy"),
        ('how = "read"', 'how = "heard"', "is none of read"),
        ("verified ", "verifying", "is unknown|is missing"),
        ('id           = "fr.contacts"', 'id           = "us.contacts"', "the id 'us.contacts' is given twice"),
        ('jurisdiction = ["FR", ', 'jurisdiction = ["*", ', "two periods for contacts in"),
    ],
)
def test_a_slip_in_the_file_is_named(before: str, after: str, sentence: str) -> None:
    assert before in TEXT
    text = TEXT.replace(before, after, 1)
    text = text.replace("effective    = 2016-06-21", "effective    = 2018-05-25", 1)
    with pytest.raises(UserError, match=sentence):
        RetentionLaw.parse(text)


def test_no_class_may_be_left_without_an_answer_for_everywhere() -> None:
    with pytest.raises(UserError, match=r"no period for 'offers' with jurisdiction"):
        RetentionLaw.parse(TEXT.replace('class        = "offers"', 'class        = "agent-states"').replace(
            'id           = "offers"\nclass        = "agent-states"\njurisdiction = ["*"]',
            'id           = "offers"\nclass        = "agent-states"\njurisdiction = ["NZ"]',
        ))  # fmt: skip
