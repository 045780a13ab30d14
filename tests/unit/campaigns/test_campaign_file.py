"""A campaign file says exactly what it means, or one sentence says what to change."""

import json
import re
from datetime import UTC, datetime, time

import pytest

from orchestrator.domain.campaign_file import parse_campaign, plan_as_dict, plan_from_dict
from orchestrator.domain.carrier import AmdMode
from orchestrator.domain.contact_request import LawfulBasis, Mode, Purpose
from orchestrator.domain.errors import UserError
from tests.unit.campaigns.files import CALLS_ONLY, EVERY_FIELD


def test_every_field_of_the_file_arrives_in_the_plan() -> None:
    plan = parse_campaign(EVERY_FIELD)
    assert (plan.name, plan.seller, plan.purpose) == ("Spring roof offer", "acme-roofing", Purpose.TELEMARKETING)
    assert (plan.subject, plan.lawful_basis, plan.lists) == ("roof-offer", LawfulBasis.CONSENT, ("spring-leads",))
    assert plan.starts_at == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert plan.voice is not None
    assert plan.voice.caller_ids == ("+12125550100", "+13055550101")
    assert (plan.voice.amd, plan.voice.max_abandonment) == (AmdMode.VERDICT_FIRST, 0.03)
    assert plan.sms is not None
    assert set(plan.sms.templates) == {"en", "es"}
    assert (plan.attempts.per_number, plan.attempts.per_contact, plan.canary_contacts) == (4, 7, 50)


def test_hours_are_spelled_out_day_by_day_and_unnamed_days_are_closed() -> None:
    hours = parse_campaign(EVERY_FIELD).hours
    assert hours is not None
    assert hours["wed"] == ((time(9, 30), time(12, 30)), (time(13, 30), time(19)))
    assert hours["sat"] == ((time(10), time(14)),)
    assert "sun" not in hours


def test_what_is_left_out_takes_the_careful_default() -> None:
    plan = parse_campaign(CALLS_ONLY)
    assert plan.voice is not None
    assert (plan.strategy, plan.priority, plan.hours, plan.sms) == ("consent-tiered", 5, None, None)
    assert (plan.voice.mobile_without_consent, plan.voice.amd, plan.voice.local_presence) == (Mode.PREVIEW, None, False)


def test_options_replace_whole_fields() -> None:
    plan = parse_campaign(CALLS_ONLY, {"name": "Other calls", "lists": ["winter", "spring"]})
    assert (plan.name, plan.lists) == ("Other calls", ("winter", "spring"))


def test_how_old_an_answer_about_reassignment_may_be_is_optional() -> None:
    assert parse_campaign(CALLS_ONLY).reassigned_check_days is None
    assert parse_campaign(f"reassigned_check_days = 30\n{CALLS_ONLY}").reassigned_check_days == 30


@pytest.mark.parametrize("days", ["0", "366", "true", "1.5"])
def test_an_age_that_is_none_is_refused(days: str) -> None:
    with pytest.raises(UserError, match="'reassigned_check_days' must be"):
        parse_campaign(f"reassigned_check_days = {days}\n{CALLS_ONLY}")


@pytest.mark.parametrize("text", [EVERY_FIELD, CALLS_ONLY, f"reassigned_check_days = 30\n{CALLS_ONLY}"])
def test_a_plan_survives_the_database(text: str) -> None:
    plan = parse_campaign(text)
    assert plan_from_dict(json.loads(json.dumps(plan_as_dict(plan)))) == plan


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ("purpose  =", "porpose  =", "'porpose' is no known field; did you mean 'purpose'?"),
        ("ring_timeout_seconds", "ring_timeout_secs", "'voice.ring_timeout_secs' is no known field; did you mean"),
        ("[canary]", "[kanary]", "'kanary' is no known field; did you mean 'canary'?"),
        ('"telemarketing"', '"marketing"', "'purpose' must be 'telemarketing', 'informational',"),
        ("ring_timeout_seconds = 25", "ring_timeout_seconds = 14", "must be at least 15, not 14."),
        ('"+12125550100", "+13055550101"', '"2125550100"', "'voice.caller_ids.1' must be a full number in E.164"),
        ('"+12125550100", "+13055550101"', '"+1212555010"', "must be a full number in E.164"),
        ('"+12125550100", "+13055550101"', '"+11234567890"', "must be a full number in E.164"),
        ('"+12125550100", "+13055550101"', '"+12125550100", "+12125550100"', "names '+12125550100' twice"),
        ('["+12125550100", "+13055550101"]', "[]", "'voice.caller_ids' must name at least 1."),
        ('= "preview"', '= "predictive"', "must be 'preview' or 'progressive', not 'predictive'."),
        ('= "preview"', '= "manual"', "must be 'preview' or 'progressive', not 'manual'."),
        ("max_abandonment = 0.03", "max_abandonment = 0.0", "'voice.max_abandonment' must be more than 0"),
        ("max_abandonment = 0.03", "max_abandonment = 3", "'voice.max_abandonment' must be at most 1, not 3."),
        ('"verdict-first"', '"off"', "leaves a voicemail, which needs machines to be detected"),
        ("voicemail.text ", "voicemail.words ", "'voice.voicemail.words' is no known field"),
        ("https://www", "http://www", "'voice.voicemail.recording' must be the https address of an audio file"),
        ("mon-fri", "mon-fry", "'hours' has no day 'mon-fry'; use mon, tue,"),
        ("mon-fri", "fri-mon", "'hours' has no day 'fri-mon'"),
        ("sat     =", "fri     =", "'hours' names fri twice"),
        ('"09:30", "12:30"', '"12:30", "12:30"', "start before it ends, not 12:30 to 12:30."),
        ('"13:30", "19:00"', '"12:00", "19:00"', "in order without overlap"),
        ('["10:00", "14:00"]', '["10:00"]', "each span of sat as two times"),
        ('["10:00", "14:00"]', '["10:00", "24:00"]', '"HH:MM" from "00:00" to "23:59", not \'24:00\'.'),
        ('messaging_service = "MG00000000000000000000000000000000"', "", "'sms' must name either"),
        ("marketing = true", 'senders = ["+12125550100"]', "'sms' must name either a messaging_service or senders"),
        ("marketing = true", 'marketing = "yes"', "'sms.marketing' must be true or false, not 'yes'."),
        ("{first_name}, your", "{first_name, your", "'sms.templates.en' must hold each field in braces"),
        ("templates.es", "templates.Spanish", "'sms.templates.Spanish' must be a language"),
        ("2026-12-20T00:00:00Z", "2026-11-23T09:00:00Z", "'ends_at' must be later than 'starts_at'."),
        ("2026-12-20T00:00:00Z", "2026-12-20T00:00:00", "'ends_at' must say its offset from UTC"),
        ("2026-12-20T00:00:00Z", "12", "'ends_at' must be a date and time with its offset"),
        ("priority = 5", "priority = 10", "'priority' must be at most 9, not 10."),
        ("priority = 5", "priority = true", "'priority' must be a whole number"),
        ('name     = "Spring roof offer"', "", "'name' is missing; add it."),
        ('"Spring roof offer"', '"2026"', "'name' must be one printed line"),
        ('"consent-tiered"', '"../secrets"', "'strategy' must be a name of small letters"),
        ('["spring-leads"]', "[]", "'lists' must name at least 1."),
        ("contacts = 50", "contacts = 0", "'canary.contacts' must be at least 1, not 0."),
        ('name     = "Spring', 'name     = Spring"', "The campaign file cannot be read as TOML: "),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(written: str, instead: str, said: str) -> None:
    assert written in EVERY_FIELD
    with pytest.raises(UserError) as error:
        parse_campaign(EVERY_FIELD.replace(written, instead))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_field_is_named_before_the_field_that_it_replaced() -> None:
    with pytest.raises(UserError, match="'nmae' is no known field; did you mean 'name'"):
        parse_campaign(CALLS_ONLY.replace("name ", "nmae "))


def test_a_campaign_without_a_channel_contacts_nobody() -> None:
    with pytest.raises(UserError, match=r"add \[voice\], \[sms\] or both"):
        parse_campaign(CALLS_ONLY.partition("[voice]")[0])


AGREED = '\n[dispositions.signed]\nlabel = "Signed"\noutcome = "reached"\nnext = "done"\nrest_hours = 1.5\n'


def test_a_campaign_brings_dispositions_of_its_own() -> None:
    plan = parse_campaign(CALLS_ONLY + AGREED)
    signed = plan.dispositions["signed"]
    assert (signed.id, signed.label, signed.outcome, signed.next_step) == ("signed", "Signed", "reached", "done")
    assert signed.rest_seconds == 5400
    assert plan_from_dict(json.loads(json.dumps(plan_as_dict(plan)))) == plan


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ('"done"', '"later"', "'dispositions.signed.next' must be 'done', 'retry', 'callback'"),
        ('"reached"', '"busy"', "outcome must be one of reached, hung_up, machine, fax, not_in_service"),
        ('outcome = "reached"\nnext = "done"', 'outcome = "machine"\nnext = "callback"', "nobody was there to say so"),
        ("rest_hours = 1.5", "rest_hours = -1", "'dispositions.signed.rest_hours' must be at least 0"),
        ("rest_hours", "rest_days", "'dispositions.signed.rest_days' is no known field"),
        ("[dispositions.signed]", "[dispositions.'Signed !']", "small letters, digits and dashes"),
        ("rest_hours = 1.5", "default = true\n[dispositions.b]\nlabel='B'\nnext='done'\ndefault=true", "there is one"),
    ],
)
def test_a_disposition_that_makes_no_sense_is_said_in_one_sentence(written: str, instead: str, said: str) -> None:
    with pytest.raises(UserError, match=re.escape(said)):
        parse_campaign(CALLS_ONLY + AGREED.replace(written, instead))
