"""A wash that comes back without the listed numbers."""

from pathlib import Path

import pytest

from orchestrator.registries import profiles
from orchestrator.registries.builder import Origin, SnapshotFile, build
from orchestrator.registries.errors import FileRefusedError
from tests.unit.registries.builders import NOVEMBER, PROFILES, a_shelf, a_snapshot_file, listed

SENT = "+33199000001\n+33199000002\n+33199000003\n"


def washed(folder: Path, returned: str, sent: str = SENT, registry: str = "fr-bloctel") -> SnapshotFile:
    """The snapshot of a wash of which only the rest came back."""
    (folder / "returned.csv").write_text(returned)
    (folder / "sent.csv").write_text(sent)
    origin = Origin(registry=registry, obtained_at=NOVEMBER, seller_id="acme")
    profile = profiles.choose(PROFILES, registry)
    return build([folder / "returned.csv"], profile, folder / "registries", origin, asked=[folder / "sent.csv"])


def test_what_did_not_come_back_is_listed(tmp_path: Path) -> None:
    wash = washed(tmp_path, "0199000001\n0199000003\n")
    shelf = a_shelf(tmp_path, wash)
    said = [listed(shelf, f"+3319900000{last}", "acme") for last in range(1, 5)]
    assert said == [{"fr-bloctel": False}, {"fr-bloctel": True}, {"fr-bloctel": False}, {}]
    assert listed(shelf, "+33199000002", "other") == {}
    assert (wash.asked, wash.numbers) == (3, 1)


@pytest.mark.parametrize(
    ("returned", "sent", "said"),
    [
        ("+33199000001\n+33199000009\n", SENT, "line 2 .*not sent"),
        ("+33199000001\n+3319\n", SENT, "line 2"),
        ("+33199000001\n", SENT + "+442079460018\n", "sent.csv line 4"),
        ("", SENT, "empty"),
        ("+33199000001;non\n", SENT, "line 1"),
    ],
)
def test_an_answer_to_another_list_is_refused(tmp_path: Path, returned: str, sent: str, said: str) -> None:
    with pytest.raises(FileRefusedError, match=said):
        washed(tmp_path, returned, sent)
    assert list(tmp_path.glob("registries/*")) == []


def test_a_registry_that_answers_each_number_takes_no_list_of_what_was_sent(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="leave --asked out"):
        washed(tmp_path, "0491570156,Y\n", registry="au-dncr")


def test_a_rest_without_what_was_sent_is_not_taken_for_answers(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="--asked"):
        a_snapshot_file(tmp_path, "0199000001\n", "fr-bloctel", seller_id="acme")


@pytest.mark.parametrize(
    ("registry", "text", "number", "is_listed"),
    [
        ("fr-bloctel", "0199000001;oui\n", "+33199000001", True),
        ("it-rpo", "Numero;Esito\n0612345678;non iscritto\n", "+390612345678", False),
        ("tr-iys", "0 212 555 0101,ret\n", "+902125550101", True),
        ("tr-iys", "02125550101,onay\n", "+902125550101", False),
        ("ch-directory", "0445550101,*\n", "+41445550101", True),
        ("sg-dnc", "+6591230001,listed\n", "+6591230001", True),
    ],
)
def test_answers_by_number_are_read_too(tmp_path: Path, registry: str, text: str, number: str, is_listed: bool) -> None:
    shelf = a_shelf(tmp_path, a_snapshot_file(tmp_path, text, registry, seller_id="acme"))
    assert listed(shelf, number, "acme") == {registry: is_listed}
