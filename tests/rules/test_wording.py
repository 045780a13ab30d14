"""What texts and scripts must say: each rule is seen to miss its part and to find it, in the words of each language."""

from datetime import date, timedelta

import pytest

from orchestrator.compliance.notices import Audience, Part, Said, Wording, unsaid
from orchestrator.compliance.rule import EVERYWHERE, Rule
from orchestrator.compliance.rulebook import Rulebook
from orchestrator.domain.contact_request import Channel, Purpose
from orchestrator.domain.errors import UserError
from orchestrator.pipeline.text_notices import notices_of
from tests.rules.questions import RULEBOOK
from tests.world import NOON, files_of, rulebook_of

TODAY = date(2026, 11, 23)
NAME = "Acme Roofing"
LACKS_ALL = "Hello there."
NEEDS_NO_WORDS = {Part.SENDER: f"{NAME}: hello.", Part.CONTACT: "Hello, call (212) 555-0100."}


def lacks(text: str, language: str, *places: str, channel: Channel = Channel.SMS, on: date = TODAY) -> set[str]:
    audience = Audience(channel=channel, places=frozenset(places), on=on, purpose=Purpose.TELEMARKETING)
    return {one.rule for one in unsaid(RULEBOOK, Said(text=text, language=language, seller_name=NAME), audience)}


def check_of(rule: Rule) -> Wording:
    assert isinstance(rule.check, Wording)
    return rule.check


def sayings() -> list[tuple[str, str, str]]:
    """Every rule with each language that it has words in, and the first of these words."""
    found = []
    for rule in RULEBOOK.wordings:
        check = check_of(rule)
        found += [(rule.id, language, words[0]) for language, words in check.words.items()]
        found += [(rule.id, "en", "")] if not check.words else []
    return found


@pytest.mark.parametrize(("rule_id", "language", "word"), sayings())
def test_each_rule_misses_its_part_and_finds_it_in_each_language(rule_id: str, language: str, word: str) -> None:
    rule = RULEBOOK.rule(rule_id)
    check, applies = check_of(rule), rule.heading.applies
    (channel,) = applies.channels
    place = next(iter(applies.jurisdictions - {EVERYWHERE}), "DE")
    said = NEEDS_NO_WORDS.get(check.says, f"{word} {LACKS_ALL}")
    assert rule_id in lacks(LACKS_ALL, language, place, channel=channel)
    assert rule_id not in lacks(said, language, place, channel=channel)
    assert rule_id not in lacks(
        LACKS_ALL, language, place, channel=channel, on=rule.heading.effective - timedelta(days=1)
    )


@pytest.mark.parametrize(
    ("text", "language", "place", "missing"),
    [
        ("Acme Roofing: hi. Reply STOP to opt out.", "en", "US", set()),
        ("Acme Roofing: stop by on Sunday!", "en", "US", {"everywhere.text-opt-out", "us.text-keyword"}),
        ("Acme Roofing: until the end of June.", "en", "GB", {"everywhere.text-opt-out"}),
        ("Acme Roofing : offre. Répondez ARRÊT pour ne plus en recevoir.", "fr", "CA", set()),
        ("Acme Roofing : offre. Répondez FIN.", "fr-CA", "CA", {"everywhere.text-opt-out", "ca.text-keyword"}),
        ("Acme Roofing: oferta. Responda BAJA.", "es", "US", set()),
        ("Dächer: Angebot. STOPP zum Abmelden.", "de", "AT", {"everywhere.text-sender"}),
        ("(광고) Acme Roofing 무료수신거부 080-555-0100", "ko", "KR", set()),
        ("Acme Roofing (광고) 무료수신거부", "ko", "KR", {"kr.text-label"}),
        ("Acme Roofing: hi. STOP", "xx", "GB", set()),
    ],
)  # fmt: skip
def test_texts_of_every_day(text: str, language: str, place: str, missing: set[str]) -> None:
    assert lacks(text, language, place) == missing


def test_a_script_says_for_whom_why_how_to_be_called_and_how_it_stops() -> None:
    script = "I am with Acme Roofing, 212 555 0100, calling about your roof. Say so, and we will not call again."
    assert lacks(script, "any", "US", "CA", "GB", channel=Channel.VOICE) == set()
    assert lacks("Hello, how are you?", "any", "US", channel=Channel.VOICE) == {
        "us.script-seller",
        "us.script-purpose",
        "us.script-contact",
        "everywhere.script-seller",
        "everywhere.script-opt-out",
    }


def test_the_lack_is_told_with_words_and_law() -> None:
    audience = Audience(channel=Channel.SMS, places=frozenset({"CA"}), on=TODAY, purpose=Purpose.TELEMARKETING)
    found = unsaid(RULEBOOK, Said(text="Acme Roofing !", language="fr", seller_name=NAME), audience)
    told = next(one.told for one in found if one.rule == "ca.text-keyword")
    assert told.startswith("it does not say how to stop it, as in STOP or unsubscribe or opt out (CASL")


@pytest.mark.parametrize(
    ("text", "language", "country", "told"),
    [
        ("Acme Roofing: offre. Répondez ARRÊT.", "fr", "CA", (True, True)),
        ("Acme Roofing: offre. Répondez FIN.", "fr", "CA", (True, False)),
        ("acme roofing: hi", "en", "AU", (True, False)),
        ("Roofs: hi. STOP", "en", "NZ", (False, True)),
        ("Acme Roofing 수신거부", "ko", "KR", (True, True)),
    ],
)
def test_the_gate_is_told_what_the_text_of_this_person_holds(
    text: str, language: str, country: str, told: tuple[bool, bool]
) -> None:
    found = notices_of(RULEBOOK, Said(text=text, language=language, seller_name=NAME), country, NOON)
    assert (found.sender_identified, found.opt_out_notice) == told


def test_under_an_older_rulebook_without_words_the_known_ones_count() -> None:
    said = Said(text="Acme Roofing. Reply STOP.", language="en", seller_name=NAME)
    assert notices_of(rulebook_of(), said, "US", NOON).opt_out_notice is True


WORDLESS = """
[[wording]]
id = "test.wording"
applies = { jurisdiction = "US", channel = "sms", purpose = "any" }
class = "policy"
citation = "tests"
source = "tests"
effective = 2000-01-01
verified = { on = 2026-11-21, how = "read" }
says = "opt_out"
"""


def test_a_rule_without_the_words_it_asks_for_is_refused() -> None:
    with pytest.raises(UserError, match="words"):
        Rulebook.parse(files_of(WORDLESS))
