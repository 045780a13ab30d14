"""What one record says."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestrator.domain.contact_request import ConsentChannel, ConsentLevel, ConsentSource, Purpose
from orchestrator.pipeline.intake.entry import Entry, EntryReader, name_key
from orchestrator.pipeline.intake.file_form import inspect
from orchestrator.pipeline.intake.layout import lay_out
from orchestrator.pipeline.intake.verdicts import Verdict

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ANN = "+15045550107"


def entries(tmp_path: Path, text: str, country: str = "US") -> list[Entry]:
    file = tmp_path / "list.csv"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    layout = lay_out(inspect(file), country, ())
    reader = EntryReader(layout, country, lambda code: code in {"US", "CA", "GB", "AU"})
    return [reader.read(record, NOW) for record in layout.records()]


def entry(tmp_path: Path, text: str, country: str = "US") -> Entry:
    return entries(tmp_path, text, country)[0]


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ("Ann,5045550107,70112", None),
        ("Ann,5045550107,70112,,", None),
        ("Ann,5045550107", None),
        ("Ann,5045550107,70112,surplus", Verdict.MALFORMED),
        ("Lee, Ann,5045550107,70112", Verdict.MALFORMED),
        ("Ann", Verdict.MALFORMED),
        ("Ann,Main Street", Verdict.MALFORMED),
        ("Ann,n/a", Verdict.INVALID_NUMBER),
        ("Ann,,70112", Verdict.INVALID_NUMBER),
        (",,", Verdict.INVALID_NUMBER),
        ("Ann,123,70112", Verdict.INVALID_NUMBER),
        ("Ann,1.50456E+10,70112", Verdict.MALFORMED),
        ("Ann,1.50456E+10 / 5045550107,70112", None),
        ("Ann,+49 30 123456,70112", Verdict.NO_JURISDICTION),
        ("Ann,+49 30 123456 / 5045550107,70112", None),
        ("Ren\udce9,5045550107,70112", Verdict.MALFORMED),
    ],
)
def test_a_record_is_judged_by_what_it_says(tmp_path: Path, row: str, verdict: Verdict | None) -> None:
    read = entries(tmp_path, f"Name,Phone,ZIP\nJosé,5045550108,70112\n{row}\n")[1]
    assert (read.line, read.verdict) == (3, verdict)
    assert bool(read.reason) == (verdict is not None or "/" in row)


@pytest.mark.parametrize(
    ("country", "phone", "number", "verdict"),
    [
        ("United Kingdom", "020 7946 0018", "+442079460018", None),
        ("GBR", "020 7946 0018", "+442079460018", None),
        ("", "5045550107", ANN, None),
        ("n/a", "5045550107", ANN, None),
        ("Germany", "12", None, Verdict.INVALID_NUMBER),
        ("Germany", "+1 504 555 0107", ANN, Verdict.NO_JURISDICTION),
        ("Narnia", "5045550107", None, Verdict.NO_JURISDICTION),
        ("Narnia", "+1 504 555 0107", ANN, None),
    ],
)
def test_the_records_own_country_counts_before_the_imports(
    tmp_path: Path, country: str, phone: str, number: str | None, verdict: Verdict | None
) -> None:
    read = entry(tmp_path, f"Name,Phone,Country\nAnn,{phone},{country}\n")
    assert (read.numbers, read.verdict) == ((number,) if number else (), verdict)


def test_the_numbers_country_is_the_persons_where_none_is_stated(tmp_path: Path) -> None:
    assert entry(tmp_path, "Name,Phone\nAnn,+44 20 7946 0018\n").country == "GB"


def test_details_are_read_and_wrong_ones_are_left_out_and_said(tmp_path: Path) -> None:
    header = "First name,Last name,Phone,Address 1,Address 2,ZIP,State,Time zone,Language,ID\n"
    good = entry(tmp_path, header + "Ann,Lee,5045550107,12 Main St,Apt 4,7030,Louisiana,Central,English,007\n")
    assert good.profile == {
        "first_name": "Ann",
        "last_name": "Lee",
        "address": "12 Main St, Apt 4",
        "postal_code": "07030",
        "external_id": "007",
    }
    assert (good.region, good.time_zone, good.language, good.reason) == ("LA", "America/Chicago", "en", "")
    bad = entry(tmp_path, header + "Ann,Lee,5045550107,,,7x,Elsewhere,Mars/Base,Klingon,\n")
    assert (bad.verdict, bad.region, bad.time_zone, bad.language) == (None, None, None, None)
    assert bad.reason.count("not understood") == 4


def test_the_same_number_in_two_columns_is_one(tmp_path: Path) -> None:
    read = entry(tmp_path, "Name,Home Phone,Cell\nAnn,5045550107,+1 504 555 0107\n")
    assert [(point.number, point.label) for point in read.points] == [(ANN, "home")]


def test_a_consent_with_date_and_wording_is_proven(tmp_path: Path) -> None:
    header = "Phone,SMS consent,Consent date,Consent text,Consent source,Consent IP\n"
    row = '5045550107,yes,03/04/2026 5:30 PM,"I agree to automated texts",Web form,192.0.2.7\n'
    (claim,) = entry(tmp_path, header + row).consents
    assert (claim.channel, claim.level, claim.automated) == (ConsentChannel.SMS, ConsentLevel.EXPRESS, True)
    assert claim.given_at == datetime(2026, 3, 4, 17, 30, tzinfo=UTC)
    assert claim.source is ConsentSource.OWN_FORM
    assert claim.evidence is not None
    assert set(claim.evidence) == {"text", "source", "ip", "at"}


def test_a_consent_brings_its_purpose_its_notice_and_every_proof_that_the_file_has(tmp_path: Path) -> None:
    header = "Phone,Consent,Consent date,Consent purpose,Consent notice version,Consent recording,Consent browser\n"
    (claim,) = entry(tmp_path, header + "5045550107,yes,2026-03-01,Sales calls,v7,tape 12,Firefox\n").consents
    assert (claim.purpose, claim.notice_version) == (Purpose.TELEMARKETING, "v7")
    assert claim.evidence == {"recording": "tape 12", "user_agent": "Firefox", "at": "2026-03-01"}


@pytest.mark.parametrize(
    "row", ["yes,,I agree", "yes,2026-03-01,", "yes,yesterday,I agree", "yes,2027-03-01,I agree", "yes,,"]
)
def test_a_consent_without_date_or_evidence_is_unproven_and_said(tmp_path: Path, row: str) -> None:
    read = entry(tmp_path, f"Phone,Consent,Consent date,Consent text\n5045550107,{row}\n")
    assert read.consents[0].evidence is None
    assert "counts nowhere" in read.reason


@pytest.mark.parametrize("word", ["no", "0", "FALSE", "", "n/a", "pending", "perhaps", "☐"])
def test_no_clear_yes_is_no_consent(tmp_path: Path, word: str) -> None:
    read = entry(tmp_path, f"Phone,Consent,Consent date,Consent text\n5045550107,{word},2026-03-01,I agree\n")
    assert read.consents == ()


def test_a_date_is_a_yes_only_where_no_column_says_yes_or_no(tmp_path: Path) -> None:
    alone = entry(tmp_path, "Phone,Opt-in date,Opt-in source\n5045550107,2026-03-01,web form\n")
    assert [claim.channel for claim in alone.consents] == [ConsentChannel.ANY]
    beside = entry(tmp_path, "Phone,SMS consent,Opt-in date,Opt-in source\n5045550107,no,2026-03-01,web form\n")
    assert beside.consents == ()


@pytest.mark.parametrize(
    ("word", "level"),
    [("written", ConsentLevel.EXPRESS_WRITTEN), ("verbal", ConsentLevel.ORAL), ("yes", ConsentLevel.EXPRESS)],
)
def test_the_level_of_a_consent_is_the_one_stated(tmp_path: Path, word: str, level: ConsentLevel) -> None:
    assert entry(tmp_path, f"Phone,Consent\n5045550107,{word}\n").consents[0].level is level


def test_words_that_exclude_machines_do_not_cover_them(tmp_path: Path) -> None:
    text = (
        "Phone,Consent,Consent date,Consent text\n5045550107,yes,2026-03-01,I agree to calls but not automated ones\n"
    )
    assert entry(tmp_path, text).consents[0].automated is False


@pytest.mark.parametrize(
    ("header", "word", "refusal"),
    [
        ("DNC", "Y", ConsentChannel.ANY),
        ("Do not call", "x", ConsentChannel.ANY),
        ("DoNotCall", "TRUE", ConsentChannel.ANY),
        ("Opted out", "2026-03-01", ConsentChannel.ANY),
        ("DNC", "maybe", ConsentChannel.ANY),
        ("Opt-Out SMS", "1", ConsentChannel.SMS),
        ("SMS consent", "unsubscribed", ConsentChannel.SMS),
        ("Consent", "opted out", ConsentChannel.ANY),
        ("DNC", "no", None),
        ("DNC", "0", None),
        ("DNC", "", None),
        ("DNC", "ok to call", None),
        ("Do not call", "False", None),
    ],
)
def test_a_do_not_call_column_is_a_no_unless_it_clearly_is_none(
    tmp_path: Path, header: str, word: str, refusal: ConsentChannel | None
) -> None:
    assert entry(tmp_path, f"Phone,{header}\n5045550107,{word}\n").refusal is refusal


@pytest.mark.parametrize(
    ("one", "other"),
    [("Lee, Ann", "Ann Lee"), ("MR JOSÉ MUÑOZ", "Jose Muñoz"), ("Ann  Lee", "ann lee")],
)
def test_a_name_is_the_same_in_any_order_case_and_accent(one: str, other: str) -> None:
    assert name_key({"name": one}) == name_key({"name": other})


def test_a_reason_never_shows_a_number_that_stood_in_the_header(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("Name,Phone 5045550107\nAnn,12\n")
    layout = lay_out(inspect(file), "US", ["Phone 5045550107=phone"], True)
    read = EntryReader(layout, "US", lambda _: True).read(next(layout.records()), NOW)
    assert "5045550107" not in read.reason
