"""Hundreds of messages in eighteen languages: what must stop, what must at least be asked about, what must pass."""

from functools import cache
from pathlib import Path

import pytest

from orchestrator.compliance.opt_out import Intent, OptOutWords, classify
from orchestrator.settings import config_dir

WORDS = OptOutWords.parse((config_dir() / "opt_out_words.toml").read_text("utf-8"))
CORPUS = Path(__file__).parent / "opt_out_corpus"
LANGUAGES = {"en", "fr", "de", "es", "pt", "it", "nl", "sv", "no", "da", "fi", "pl", "cs", "tr", "ja", "ko", "zh", "hi"}
SUPPRESSES = {Intent.STOP, Intent.UNSURE}


def corpus(name: str) -> list[tuple[str, str]]:
    """Language and text of each line."""
    lines = (CORPUS / f"{name}.txt").read_text("utf-8").splitlines()
    return [(language, text) for language, _, text in (line.partition(" ") for line in lines) if language in LANGUAGES]


@pytest.mark.parametrize("name", ["stop", "harmless"])
def test_every_language_is_there(name: str) -> None:
    assert {language for language, _ in corpus(name)} == LANGUAGES


@pytest.mark.parametrize("told", [True, False])
def test_whoever_says_no_is_suppressed_whether_their_language_is_known_or_not(told: bool) -> None:
    missed = [text for language, text in corpus("stop") if said(text, language, told) not in SUPPRESSES]
    assert missed == []


def test_a_clear_no_is_hardly_ever_in_doubt() -> None:
    doubted = [text for language, text in corpus("stop") if said(text, language, False) is Intent.UNSURE]
    assert len(doubted) <= len(corpus("stop")) / 50, doubted


@pytest.mark.parametrize("told", [True, False])
def test_what_may_be_a_no_suppresses_until_a_person_has_read_it(told: bool) -> None:
    passed = [text for language, text in corpus("refusal") if said(text, language, told) not in SUPPRESSES]
    assert passed == []


@pytest.mark.parametrize("told", [True, False])
def test_nobody_who_means_no_harm_is_stopped(told: bool) -> None:
    stopped = [text for language, text in corpus("harmless") if said(text, language, told) is Intent.STOP]
    assert stopped == []


def test_a_doubt_is_no_dumping_ground() -> None:
    doubted = [text for language, text in corpus("harmless") if said(text, language, False) is Intent.UNSURE]
    assert len(doubted) <= len(corpus("harmless")) / 50, doubted


@cache
def said(text: str, language: str, told: bool) -> Intent:
    return classify(text, WORDS, language if told else None)
