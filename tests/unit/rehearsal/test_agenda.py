"""What is to happen happens in order, once, and not if it was called off."""

from datetime import UTC, datetime, timedelta

from orchestrator.rehearsal.agenda import Agenda

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def played(agenda: Agenda, until: datetime) -> None:
    while (entry := agenda.pop_until(until)) is not None:
        entry.do()


def test_entries_happen_in_order_up_to_the_moment_and_no_further() -> None:
    agenda, heard = Agenda(), list[int]()
    for seconds in (3, 1, 2):
        agenda.add(NOON + timedelta(seconds=seconds), lambda seconds=seconds: heard.append(seconds))  # type: ignore[misc]
    played(agenda, NOON + timedelta(seconds=2))
    assert heard == [1, 2]
    assert agenda.next_at == NOON + timedelta(seconds=3)


def test_what_was_called_off_never_happens_and_is_not_waited_for() -> None:
    agenda, heard = Agenda(), list[str]()
    entry = agenda.add(NOON, lambda: heard.append("a voice"))
    entry.called_off = True
    assert agenda.next_at is None
    played(agenda, NOON)
    assert heard == []


def test_of_two_at_the_same_moment_the_first_that_was_added_is_first() -> None:
    agenda, heard = Agenda(), list[str]()
    agenda.add(NOON, lambda: heard.append("first"))
    second = agenda.add(NOON, lambda: heard.append("second"))
    assert second.at == NOON + timedelta(microseconds=1)
    played(agenda, second.at)
    assert heard == ["first", "second"]


def test_a_moment_is_free_again_once_its_entry_has_happened() -> None:
    agenda = Agenda()
    agenda.add(NOON, lambda: None)
    played(agenda, NOON)
    assert agenda.add(NOON, lambda: None).at == NOON
