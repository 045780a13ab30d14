"""Before a launch: what would be texted, what it costs, whose text has a hole, and words that must be there."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from typer.testing import CliRunner, Result

from orchestrator.cli import campaigns, messages
from orchestrator.domain.errors import UserError
from orchestrator.persistence.dossiers import NUMBER, PROFILE
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.people import consents, contact_points, contacts
from orchestrator.persistence.tables.proof import access_numbers, accesses
from tests.conftest import KEYS
from tests.integration.campaigns.builders import NOW, a_list, a_seller

FILE = """
name    = "Autumn texts"
seller  = "acme-roofing"
purpose = "telemarketing"
lists   = ["autumn"]

[sms]
senders = ["+12125550190"]
templates.en = "Acme Roofing: {first_name}, your check is due. https://bit.ly/roof Reply STOP to opt out."
templates.es = "Acme Roofing: {first_name}, su revisión – ¡hoy! Responda STOP."
"""
PEOPLE = (
    ("+12125550101", "en", {"first_name": "Ada", "external_id": "A-1"}),
    ("+12125550102", "es", {"first_name": "Bo"}),
    ("+12125550103", "de", {"first_name": "Cy" * 80}),
    ("+15145550104", "en", {"name": "no first name"}),
)


@pytest.fixture
def here(sqlite_url: str, sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four people on a list, and the campaign's file."""
    monkeypatch.setenv("ORCHESTRATOR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ORCHESTRATOR_SECRET_KEYS", KEYS)
    a_seller(sqlite_store)
    ids = a_list(sqlite_store, ["accepted"] * len(PEOPLE))
    keyring = sqlite_store.keyring
    with sqlite_store.write() as tx:
        for contact_id, (number, language, profile) in zip(ids, PEOPLE, strict=True):
            facts = {"profile_sealed": keyring.seal_json(profile, PROFILE), "language": language}
            tx.execute(update(contacts).where(contacts.c.id == contact_id).values(facts))
            point = {"number_key": keyring.number_key(number), "number_sealed": keyring.seal(number, NUMBER)}
            place = {"country": "CA" if number.startswith("+1514") else "US", "position": 1, "created_at": NOW}
            tx.execute(insert(contact_points).values(seller_id="acme-roofing", contact_id=contact_id, **point, **place))
    path = tmp_path / "campaign.toml"
    path.write_text(FILE)
    return path


def run(app: Any, *arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def refusal(app: Any, arguments: Sequence[str]) -> str:
    with pytest.raises(UserError) as error:
        CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    return str(error.value)


def test_a_preview_shows_words_segments_cost_and_holes_and_is_noted(here: Path, sqlite_store: Store) -> None:
    run(campaigns.app, "create", str(here))
    shown = json.loads(run(messages.app, "preview", "Autumn texts", "--json").stdout)
    (text,) = shown["texts"]
    assert (shown["people"], shown["sampled"], text["held"], text["missing_fields"]) == (4, 4, 1, {"first_name": 1})
    assert (text["worst"]["segments"], text["worst"]["alphabet"]) == (2, "GSM-7")
    assert text["people_by_segments"] == {"1": 2, "2": 1}
    assert (text["ucs2_people"], text["fell_back"]) == (1, [{"wanted": "de", "taken": "en", "people": 1}])
    assert text["segments_by_country"] == {"US": 4}
    assert shown["cost"] == {"currency": "USD", "by_country": {"US": "0.0332"}, "known": "0.0332"}
    assert any("bit.ly" in warning for warning in shown["warnings"])
    assert any("error 30034" in warning for warning in shown["warnings"])
    told = run(messages.app, "preview", "Autumn texts").stdout
    assert "sms.templates: typically 1 segment" in told
    assert "1 person lacks a field and would wait: first_name 1" in told
    one = run(messages.app, "preview", "Autumn texts", "--contact", "+12125550102").stdout
    assert "forced by 'ó' (latin small letter o with acute), '–' (en dash)" in one
    assert "| Acme Roofing: Bo, su revisión – ¡hoy! Responda STOP." in one
    assert "Acme Roofing: Ada" in run(messages.app, "preview", "Autumn texts", "--contact", "A-1").stdout
    with sqlite_store.read() as tx:
        noted = tx.execute(select(accesses.c.action, accesses.c.people).order_by(accesses.c.id)).all()
        keys = len(tx.execute(select(access_numbers)).all())
    assert (noted, keys) == ([("messages.preview", 4), ("messages.preview", 4), *[("messages.preview", 1)] * 2], 10)
    assert "Nobody on the lists" in refusal(messages.app, ["preview", "Autumn texts", "--contact", "+12125550199"])


def test_preflight_shows_the_texts_and_a_launch_without_the_words_is_refused(here: Path, sqlite_store: Store) -> None:
    here.write_text(
        FILE.replace("Reply STOP to opt out", "See you").replace("Acme Roofing: {first_name}, su", "{first_name}, su")
    )
    run(campaigns.app, "create", str(here))
    told = run(campaigns.app, "preflight", "Autumn texts").stdout
    assert "The launch would be refused" in told
    assert "sms.templates.en, for CA, US: it does not say how to stop it, as in" in told
    assert "sms.templates: typically" in told
    shown = json.loads(run(campaigns.app, "preflight", "Autumn texts", "--json").stdout)
    assert len(shown["launch_refused"]) == 5
    said = refusal(campaigns.app, ["launch", "Autumn texts"])
    assert said.startswith("'Autumn texts' is not launched, since its words lack what must be said.")
    assert "sms.templates.es, for CA, US: it does not say on whose behalf it is (House rule" in said
    assert "sms.templates.es, for CA: it does not say on whose behalf it is (CASL" in said
    run(campaigns.app, "create", str(here), "--set", "purpose=informational", "--set", "sms.marketing=false")
    with sqlite_store.read() as tx:
        assert tx.execute(select(consents)).all() == []
    assert "the campaign is running" in run(campaigns.app, "launch", "Autumn texts").stdout


def test_a_script_that_does_not_say_who_why_and_how_to_stop_is_refused(here: Path) -> None:
    (here.parent / "roof.md").write_text("Good day, how are you?")
    voice = """
[voice]
caller_ids = ["+12125550191"]
queue = "sales"
script = "roof.md"
information_message = "This is Acme Roofing, +1 212 555 0100. Press 9 and we will not call again."
"""
    here.write_text(FILE.split("[sms]")[0] + voice)
    run(campaigns.app, "create", str(here))
    said = refusal(campaigns.app, ["launch", "Autumn texts"])
    assert "voice.script (roof.md), for US: it does not say why, as in" in said
    assert "it does not say a number to call back" in said
    (here.parent / "roof.md").write_text(
        "I am with Acme Roofing, 212 555 0100, calling about your roof. Say so, and we will not call again."
    )
    run(campaigns.app, "create", str(here))
    assert "the campaign is running" in run(campaigns.app, "launch", "Autumn texts").stdout


def test_links_are_https_and_shortened_by_a_service_alone(here: Path) -> None:
    here.write_text(FILE.replace("https://bit.ly", "http://bit.ly"))
    assert "must hold links as https:// alone, not 'http://bit.ly/roof'" in refusal(
        campaigns.app, ["create", str(here)]
    )
    here.write_text(FILE.replace("[sms]", "[sms]\nshorten_links = true"))
    assert "must name a messaging_service for shorten_links" in refusal(campaigns.app, ["create", str(here)])
    here.write_text(FILE + 'messages.reminder.en = "Acme Roofing. STOP"\n')
    strategy = ["--strategy", "text-series"]
    assert "sends the message 'last_word'" in refusal(campaigns.app, ["create", str(here), *strategy])
