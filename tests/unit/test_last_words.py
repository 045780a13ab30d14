"""What is said of an error that nobody foresaw: whose fault it is decides what the person does next."""

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from orchestrator.cli import main


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (OperationalError("SELECT 1", {}, Exception("no such host")), 1, "Check ORCHESTRATOR_DATABASE_URL"),
        (IntegrityError("DELETE", {}, Exception("FOREIGN KEY constraint failed")), 70, "This is a fault of ours"),
    ],
)
def test_only_a_database_that_cannot_be_reached_is_for_the_person_to_mend(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, code: int, sentence: str
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.delenv("ORCHESTRATOR_DEBUG", raising=False)
    monkeypatch.setattr(main, "app", fail)
    with pytest.raises(SystemExit) as left:
        main.run()
    assert left.value.code == code
    assert sentence in capsys.readouterr().err
