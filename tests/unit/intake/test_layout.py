"""Delimiter, header and columns, as the best guess and as a person says."""

from pathlib import Path

import pytest

from orchestrator.domain.errors import UserError
from orchestrator.pipeline.intake.file_form import inspect
from orchestrator.pipeline.intake.layout import Layout, count_records, lay_out
from orchestrator.pipeline.intake.records import ONE_COLUMN


def layout(tmp_path: Path, text: str, *orders: str, country: str = "US", header: bool | None = None) -> Layout:
    file = tmp_path / "list.csv"
    file.write_text(text, encoding="utf-8", newline="")
    return lay_out(inspect(file), country, orders, header)


def held(found: Layout) -> list[str]:
    return [f"{column.field.value} {column.label}".strip() for column in found.columns]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    rows = [["name", "phone", "notes"], ["Lee Ann", "5045550107", "a; b, c"], ["Ray Bob", "5045550108", "d, e; f"]]
    if delimiter in ",;":
        rows[1][2] = rows[2][2] = "x"
    found = layout(tmp_path, "\n".join(delimiter.join(row) for row in rows))
    assert (found.delimiter, held(found)[:2]) == (delimiter, ["name", "phone"])


def test_a_column_of_two_numbers_a_cell_is_one_column(tmp_path: Path) -> None:
    found = layout(tmp_path, "phone\n5045550107; 5045550108\n5045550109; 5045550110\n")
    assert (found.delimiter, held(found)) == (ONE_COLUMN, ["phone"])


def test_numbers_alone_are_a_list_without_a_header(tmp_path: Path) -> None:
    found = layout(tmp_path, "5045550107\n5045550108\n")
    assert (found.header, held(found), count_records(found)) == (None, ["phone"], 2)


def test_excels_separator_line_is_obeyed_and_counted(tmp_path: Path) -> None:
    found = layout(tmp_path, "sep=;\nName;Phone\nAnn;5045550107\n")
    assert (found.delimiter, held(found)) == (";", ["name", "phone"])
    assert [record.line for record in found.records()] == [3]


def test_a_file_without_a_header_is_mapped_by_sight(tmp_path: Path) -> None:
    found = layout(tmp_path, "Ann Lee,5045550107,70112\nBob Ray,5045550108,70113\n")
    assert (found.header, held(found)) == (None, ["name", "phone", "postal_code"])


@pytest.mark.parametrize("first", ["n/a", "-", "1.50456E+10"])
def test_a_first_record_without_a_good_number_is_no_header(tmp_path: Path, first: str) -> None:
    found = layout(tmp_path, f"Ann Lee,{first}\nBob Ray,5045550108\nCy Ho,5045550109\n")
    assert (found.header, held(found)) == (None, ["name", "phone"])


def test_a_header_in_an_unknown_language_still_stands_over_its_numbers(tmp_path: Path) -> None:
    found = layout(tmp_path, "Imię,Numer tel\nAnna,5045550107\nEwa,5045550108\n")
    assert found.header == ("Imię", "Numer tel")


def test_titles_above_the_header_are_skipped(tmp_path: Path) -> None:
    found = layout(tmp_path, "Contact report\n\nName,Phone\nAnn,5045550107\nBob,5045550108\n")
    assert (held(found), [record.line for record in found.records()]) == (["name", "phone"], [4, 5])


@pytest.mark.parametrize(
    ("header", "holds"),
    [
        ("Phone 1 - Type,Phone 1 - Value,Business Fax,E-mail 1", ["ignore", "phone", "ignore", "ignore"]),
        ("FirstName,LastName,MobilePhone,DoNotCall", ["first_name", "last_name", "phone mobile", "do_not_call"]),
        ("Vorname,Nachname,Telefon (privat),PLZ", ["first_name", "last_name", "phone home", "postal_code"]),
        ("Nom,Prénom,Téléphone,Code postal", ["last_name", "first_name", "phone", "postal_code"]),
        ("Nombre,Apellidos,Teléfono móvil,Código Postal", ["first_name", "last_name", "phone mobile", "postal_code"]),
        ("Cell,SMS consent,SMS Opt-In Date", ["phone mobile", "consent sms", "consent_at sms"]),
        ("Cell,Consent text,Text consent", ["phone mobile", "consent_text", "consent sms"]),
        ("phone,consent,consent_date,IP Address", ["phone", "consent", "consent_at", "consent_ip"]),
        ("phone,Email consent,Opt-Out SMS,IP Address", ["phone", "ignore", "do_not_call sms", "ignore"]),
        ("phone_number,Account Number,Time Zone,Country/Region", ["phone", "ignore", "time_zone", "country"]),
        ("phone,smsconsent,consentdate,Einwilligungstext", ["phone", "consent sms", "consent_at", "consent_text"]),
        ("Téléphone,Consentement,Date de consentement", ["phone", "consent", "consent_at"]),
        ("Phone,phone,Lead ID,External ID", ["phone", "phone", "ignore", "external_id"]),
    ],
)  # fmt: skip
def test_headers_of_exports_are_known(tmp_path: Path, header: str, holds: list[str]) -> None:
    row = ",".join("5045550107" if held == "phone" or "phone " in held else "" for held in holds)
    assert held(layout(tmp_path, f"{header}\n{row}\n")) == holds


def test_a_person_overrules_the_guess_by_header_or_by_number(tmp_path: Path) -> None:
    text = "Kontakt,Phone,Ref\nAnn,5045550107,7\n"
    assert held(layout(tmp_path, text, "Kontakt=name", "3=external_id")) == ["name", "phone", "external_id"]


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ("Phone=fone", "did you mean phone"),
        ("Fax=phone", "there is no column 'Fax'"),
        ("Phone", "write it as COLUMN=FIELD"),
        ("4=name", "there is no column '4'"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(tmp_path: Path, order: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        layout(tmp_path, "Name,Phone,ZIP\nAnn,5045550107,70112\n", order)


def test_a_text_without_numbers_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="looks like phone numbers"):
        layout(tmp_path, "Dear Ann,\nthank you for your letter, which\nI have read.\n")


def test_a_header_alone_is_a_list_of_nobody(tmp_path: Path) -> None:
    assert count_records(layout(tmp_path, "Name,Phone\n")) == 0


def test_whoever_says_there_is_no_header_is_believed(tmp_path: Path) -> None:
    assert count_records(layout(tmp_path, "Home,5045550107\nWork,5045550108\n", header=False)) == 2
