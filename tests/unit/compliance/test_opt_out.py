"""What people mean by their answers: a stop is never missed, and a doubt suppresses until a person has read it."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.compliance.opt_out import Intent, OptOutWords, Reading, classify, read
from orchestrator.domain.errors import UserError
from orchestrator.settings import config_dir

WORDS = OptOutWords.parse((config_dir() / "opt_out_words.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    "said",
    [
        "STOP",
        "stop",
        "Stop!",
        " stop. thank you",
        "STOP please",
        "StopAll",
        "stop all",
        "QUIT",
        "End",
        "REVOKE",
        "optout",
        "Opt out",
        "opt-out",
        "OPT - OUT",
        "Cancel",
        "UNSUBSCRIBE",
        "remove",
        "TD",
        "please stop texting me",
        "Don't text me again",
        "do not call",
        "Take me off your list",
        "ARRET",
        "Arrêt",
        "ARRÊTEZ",
        "Désabonner",
        "STOP SMS",
        "ne m'appelez plus",
        "BAJA",
        "Alto",
        "parar",
        "Cancelar",
        "No",
        "no me llamen más",
        "“STOP”",
        "stop\nsending",
        "ＳＴＯＰ",
        "I want to stop this",
        "why would I not unsubscribe",
        "basta ya",
        "go away",
        "abmelden",
        "st0p",
        "STAHP",
        "🛑",
    ],
)
def test_a_stop_is_a_stop(said: str) -> None:
    assert classify(said, WORDS) is Intent.STOP


@pytest.mark.parametrize(
    "said",
    [
        "no thanks",
        "not interested",
        "who is this, leave",
        "wrong number",
        "this is spam",
        "non merci",
        "je ne veux pas",
        "no interest in this",
        "my lawyer will hear of this",
        "never",
        "yes but no",
    ],
)
def test_what_looks_like_a_refusal_is_unsure(said: str) -> None:
    assert classify(said, WORDS) is Intent.UNSURE


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("START", Intent.START),
        ("Yes", Intent.START),
        ("yes please", Intent.START),
        ("unstop", Intent.START),
        ("Sí", Intent.START),
        ("Oui !", Intent.START),
        ("HELP", Intent.HELP),
        ("info", Intent.HELP),
        ("Ayuda", Intent.HELP),
        ("aide", Intent.HELP),
        ("Thursday at four works", Intent.OTHER),
        ("", Intent.OTHER),
        ("👍", Intent.OTHER),
        ("好的", Intent.OTHER),  # okay, as to a confirmation of a stop: it opens nothing again
        ("see you at the bus stopover", Intent.OTHER),
    ],
)
def test_the_rest_is_what_it_says(said: str, intent: Intent) -> None:
    assert classify(said, WORDS) is intent


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("[en]", "no stop words"),
        ('[en]\nstop = ["stop"]\ndoubt = ["no"]', "en, field 'doubt': is unknown; did you mean 'doubts'"),
        ('[en]\nstop = ["stop"]\nstop_phrases = [".. me"]', "en, field 'stop_phrases'"),
        ('[en]\nstop = ["stop"]\nharmless = ["st*"]', "a stem of three letters"),
    ],
)
def test_a_file_that_cannot_be_used_says_where(content: str, named: str) -> None:
    with pytest.raises(UserError, match=named):
        OptOutWords.parse(content)


@pytest.mark.parametrize(
    ("said", "language", "intent"),
    [
        ("no", None, Intent.STOP),
        ("no", "es", Intent.STOP),
        ("no", "es-MX", Intent.STOP),
        ("no gracias", "es", Intent.STOP),
        ("no gracias", None, Intent.UNSURE),
        ("no", "de", Intent.UNSURE),
        ("ende", "de", Intent.STOP),
        ("ende", "es", Intent.UNSURE),
        ("ret", "tr", Intent.STOP),
        ("ret", "da", Intent.UNSURE),
        ("td", "zh-Hans", Intent.STOP),
        ("T", "zh", Intent.STOP),
        ("T", None, Intent.OTHER),
        ("fine", "it", Intent.STOP),
        ("fine", None, Intent.OTHER),
        ("nei", "nb", Intent.STOP),
        *(("STOP", language, Intent.STOP) for language in ("es", "de", "tr", "ja", "xx", "")),
    ],
)
def test_a_language_settles_what_a_word_means_and_never_takes_stop_away(
    said: str, language: str | None, intent: Intent
) -> None:
    assert classify(said, WORDS, language) is intent


@pytest.mark.parametrize(
    ("said", "reading"),
    [
        ("Wrong number. STOP.", Reading(Intent.STOP, "stop")),
        ("ok, don't text me", Reading(Intent.STOP, "dont text")),
        ("退订 谢谢", Reading(Intent.STOP, "退订")),
        ("hmm, not interested", Reading(Intent.UNSURE, "not interested")),
        ("Yes!", Reading(Intent.START, "yes")),
        ("see you", Reading(Intent.OTHER, None)),
    ],
)
def test_what_decided_is_told(said: str, reading: Reading) -> None:
    assert read(said, WORDS) == reading


@pytest.mark.parametrize("text", ["S T O P", "s.t.o.p", "st op", "\u0405\u0422\u041e\u0420", "S-T-O-P!"])
def test_a_stop_in_disguise_is_a_stop(text: str) -> None:
    assert classify(text, WORDS) is Intent.STOP


@pytest.mark.parametrize("text", ["She died", "deceased", "no gracias", "rather not"])
def test_what_looks_like_a_refusal_suppresses_and_asks_a_person(text: str) -> None:
    assert classify(text, WORDS) is Intent.UNSURE


@pytest.mark.parametrize("text", ["ok", "I am in", "is it at 5", "my no"])
def test_short_words_in_a_row_are_no_stop_by_themselves(text: str) -> None:
    assert classify(text, WORDS) is not Intent.STOP


ORNAMENT = st.text(st.sampled_from(" .!?,;:-*'\"\n\t…🙏😡👍\u200b\ufe0f"), max_size=4)
IN_EACH = [
    "stop",
    "arrêt",
    "abmelden",
    "baja",
    "sair",
    "annulla",
    "afmelden",
    "avsluta",
    "lopeta",
    "wypisz",
    "iptal",
    "退订",
]


@given(ORNAMENT, st.sampled_from(IN_EACH), st.sampled_from([str.upper, str.lower, str.title]), ORNAMENT)
@settings(max_examples=150, deadline=None)
def test_no_ornament_and_no_case_hides_a_stop(before: str, word: str, case: Callable[[str], str], after: str) -> None:
    assert classify(before + case(word) + after, WORDS) is Intent.STOP


@given(st.text(max_size=80), st.none() | st.text(max_size=8))
@settings(max_examples=150, deadline=None)
def test_whatever_is_written_is_read(said: str, language: str | None) -> None:
    reading = read(said, WORDS, language)
    assert (reading.matched is None) is (reading.intent is Intent.OTHER)
