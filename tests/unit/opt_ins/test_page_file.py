"""A page's file: what must be in it, and what people are shown by it."""

import pytest

from orchestrator.domain.contact_request import Channel, ConsentChannel, Purpose
from orchestrator.domain.errors import UserError
from orchestrator.domain.opt_in_file import page_as_dict, page_from_dict, parse_page
from orchestrator.domain.people_words import PeopleWords, bare
from orchestrator.pipeline.unsubscribing.about import CONFIRMATION, MEANS, RENEWAL
from tests.integration.opt_ins.pages import PAGE_TOML, WORDS, a_page
from tests.world import CONFIG


def test_a_page_says_everything_that_a_consent_needs_in_each_of_its_languages() -> None:
    page = a_page()
    shown = page.shown("es").splitlines()
    assert shown[:4] == [
        "Consejos y ofertas para su tejado",
        "Acme Roofing le envía consejos y ofertas para su tejado.",
        "[ ] Envíenme mensajes, también de forma automatizada.",
        "[ ] Llámenme, una persona.",
    ]
    assert "Aviso de privacidad: https://www.example.com/privacy" in shown
    assert "Hasta 4 mensajes al mes." in shown
    assert page.confirmation("en") == (
        "Acme Roofing: reply YES to confirm tips and offers (Up to 4 messages a month). "
        "Message and data rates may apply. HELP for help, STOP to cancel."
    )
    assert [choice.channel for choice in page.choices] == [ConsentChannel.SMS, ConsentChannel.VOICE]
    assert page_from_dict(page_as_dict(page)) == page


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ('channel = "sms"', 'channel = "any"', "each is ticked by itself"),
        ('id = "calls"', 'id = "texts"', "two choices by the same id"),
        ('choices.calls = "Call me, by a person."', "", "texts.en.choices: texts, calls"),
        ('terms_url = "https:', 'terms_url = "http:', "'terms_url' must be an https address"),
        ('sender = "+12125550101"', "", "either a sender or a messaging_service"),
        ('sender = "+12125550101"', 'sender = "ACME"', "which people can answer"),
        ('countries = ["US"]', 'countries = ["XX"]', "two letters"),
        ("[texts.es]", "[texts.tlh]", "en, es, fr, de"),
        ('version = "2026-11"', "", "'version' is missing"),
        ('keyword = "Join"', 'keyword = "join us"', "one word"),
        ('offer = "tips and offers"', 'offer = "tips"\nconfirmation = "Reply YES to {x}."', "must name {brand}"),
        ('countries = ["US"]', 'countries = ["US"]\nvalid_days = { US = 90 }', "texts.en.validity"),
        ('id = "roof-tips"', 'id = "u"', "at least two letters"),
        ('id = "roof-tips"', 'id = "static"', "must not be 'static'"),
        ('brand = "Acme Roofing"', 'brand = "Acme\\nRoofing"', "one printed line"),
    ],
)
def test_a_page_that_could_not_be_proven_is_refused_with_what_to_mend(was: str, becomes: str, told: str) -> None:
    assert was in PAGE_TOML
    with pytest.raises(UserError) as refusal:
        parse_page(PAGE_TOML.replace(was, becomes, 1), WORDS)
    assert told in str(refusal.value)


def test_a_period_is_the_country_s_else_everybody_s() -> None:
    stated = PAGE_TOML.replace('countries = ["US"]', 'countries = ["US"]\nvalid_days = { "*" = 730, FR = 365 }')
    for intro in ("[texts.en]\n", "[texts.es]\n"):
        stated = stated.replace(intro, f'{intro}validity = "For two years."\n')
    page = parse_page(stated, WORDS)
    assert (page.valid_for("FR"), page.valid_for("US")) == (365, 730)
    assert "For two years." in page.shown("en")
    assert a_page().valid_for("US") is None


@pytest.mark.parametrize(("wanted", "shown"), [("es", "es"), ("es-MX", "es"), ("ES", "es"), ("de", "en"), (None, "en")])
def test_a_visitor_is_shown_their_language_where_the_page_speaks_it(wanted: str | None, shown: str) -> None:
    assert a_page().language_of(wanted) == shown


@pytest.mark.parametrize("answer", ["YES", "Yes!", " yes. ", "Sí", "SI", "Oui", "JA", "はい。", "네", "हाँ", "हां।"])
def test_the_word_that_a_confirmation_asks_for_is_a_yes(answer: str) -> None:
    assert bare(answer) in WORDS.yes
    assert bare(answer) not in WORDS.no


@pytest.mark.parametrize("answer", ["है", "हो", "バイ", "ばい", "नहा", "si senor"])
def test_what_only_looks_like_a_yes_or_a_no_is_neither(answer: str) -> None:
    assert bare(answer) not in WORDS.yes | WORDS.no


@pytest.mark.parametrize("answer", ["No!", "NEIN.", "não", "hayır", "HAYIR", "नहीं", "아니요", "いいえ。"])
def test_a_no_is_heard_with_its_accents_and_without(answer: str) -> None:
    assert bare(answer) in WORDS.no


def test_the_words_of_all_languages_are_complete_and_a_lacking_one_is_named() -> None:
    content = (CONFIG / "people.toml").read_text("utf-8")
    assert WORDS.yes.isdisjoint(WORDS.no)
    with pytest.raises(UserError, match=r"\[fr\] lacks 'stop_all'"):
        PeopleWords.parse(content.replace('stop_all = "Tout arrêter"\n', ""))


@pytest.mark.parametrize("language", WORDS.by_language)
def test_whatever_the_way_out_tells_there_are_words_for_it(language: str) -> None:
    """A word that is missing would be an empty line on the page, and nobody would notice."""
    told = {f"purpose_{purpose}" for purpose in (*Purpose, CONFIRMATION, RENEWAL)}
    told |= {f"about_how_{channel}" for channel in Channel} | {f"stopped_{channel}" for channel in ConsentChannel}
    told |= {f"means_{means}" for means in (*MEANS.values(), "import", "other")}
    assert told <= WORDS.by_language[language].keys()
