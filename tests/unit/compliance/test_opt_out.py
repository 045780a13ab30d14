"""What people mean by their answers: a stop is never missed, and a doubt suppresses until a person has read it."""

import pytest

from orchestrator.compliance.opt_out import Intent, OptOutWords, classify
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
    ],
)
def test_a_stop_is_a_stop_in_three_languages(said: str) -> None:
    assert classify(said, WORDS) is Intent.STOP


@pytest.mark.parametrize(
    "said",
    [
        "I want to stop this",
        "no thanks",
        "not interested",
        "who is this, leave",
        "wrong number",
        "this is spam",
        "why would I not unsubscribe",
        "non merci",
        "je ne veux pas",
        "basta ya",
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
        ("see you at the bus stopover", Intent.OTHER),
    ],
)
def test_the_rest_is_what_it_says(said: str, intent: Intent) -> None:
    assert classify(said, WORDS) is intent


def test_a_list_that_is_missing_is_named() -> None:
    with pytest.raises(UserError, match="stop_phrases"):
        OptOutWords.parse('[stop]\nen = ["stop"]')


@pytest.mark.parametrize("text", ["S T O P", "s.t.o.p", "st op", "\u0405\u0422\u041e\u0420", "S-T-O-P!"])
def test_a_stop_in_disguise_is_a_stop(text: str) -> None:
    assert classify(text, WORDS) is Intent.STOP


@pytest.mark.parametrize("text", ["st0p", "STAHP", "go away", "Nein", "abmelden", "She died", "deceased"])
def test_what_looks_like_a_refusal_suppresses_and_asks_a_person(text: str) -> None:
    assert classify(text, WORDS) is Intent.UNSURE


@pytest.mark.parametrize("text", ["ok", "I am in", "is it at 5", "my no"])
def test_short_words_in_a_row_are_no_stop_by_themselves(text: str) -> None:
    assert classify(text, WORDS) is not Intent.STOP
