"""Before a launch everybody on the lists is asked about for whom it matters, once, whatever happens meanwhile."""

import multiprocessing
import os
import signal
from datetime import date
from pathlib import Path

import pytest

from orchestrator.carrier.in_process import InProcessCarrier
from orchestrator.domain.carrier import ReassignedLookup
from orchestrator.domain.contact_request import ReassignedResult, SuppressionKind
from orchestrator.persistence import campaigns, suppressions
from orchestrator.persistence import reassigned_answers as answers_kept
from orchestrator.persistence.encryption import Keyring
from orchestrator.persistence.store import Store, open_engine
from orchestrator.persistence.tables.people import reassigned_answers
from orchestrator.pipeline.preflight import preflight
from orchestrator.pipeline.reassigned import ASKED_AGAIN, AT_ONCE, Wanted, look_up
from orchestrator.pipeline.reassigned_need import wanted_before_launch
from tests.conftest import KEYS
from tests.integration.preflight.test_outlook import on_list
from tests.integration.reassigned.conftest import Asked
from tests.world import NOON, World, numbers

DAY = date(2024, 5, 7)


def wanted(world: World, campaign_id: int) -> list[str]:
    with world.store.read() as tx:
        campaign = campaigns.fetch(tx, campaign_id)
    told: list[int] = []
    found = wanted_before_launch(world.engine, campaign, world.now, told.append)
    return [one.number for one in found]


def people_of_every_kind(world: World) -> None:
    """One who could be called, one who said no, one abroad, and one whose second number is not their turn."""
    first, silent, second, third = numbers(4)
    on_list(
        world,
        "spring",
        [
            world.a_contact([first], automated=True),
            world.a_contact([silent], automated=True),
            world.a_contact(["+442079460123"], country="GB", region=None, automated=True),
            world.a_contact([second, third], automated=True),
        ],
    )
    with world.store.write() as tx:
        key, no = world.store.keyring.number_key(silent), SuppressionKind.DO_NOT_CALL
        suppressions.add(tx, seller_id="acme", number_key=key, kind=no, at=NOON, source="console")


def test_who_could_be_called_but_for_the_answer_is_asked_about(world: World) -> None:
    campaign = world.a_campaign(lists=("spring",))
    people_of_every_kind(world)
    first, _, second, third = numbers(4)
    assert wanted(world, campaign) == [first, second, third]


def test_the_campaigns_own_check_asks_about_the_number_whose_turn_it_is(lenient: World) -> None:
    campaign = lenient.a_campaign(lists=("spring",), reassigned_check_days=30)
    people_of_every_kind(lenient)
    first, _, second, _ = numbers(4)
    assert wanted(lenient, campaign) == [first, second]


def test_where_nobody_asks_for_it_nothing_is_asked(lenient: World) -> None:
    campaign = lenient.a_campaign(lists=("spring",))
    people_of_every_kind(lenient)
    assert wanted(lenient, campaign) == []


def test_a_preflight_counts_the_paid_lookups_that_are_left(world: World, carrier: Asked) -> None:
    campaign = world.a_campaign(lists=("spring",))
    people_of_every_kind(world)
    with world.store.read() as tx:
        stored = campaigns.fetch(tx, campaign)
    assert preflight(world.engine, stored, world.now, lambda _: None).reassigned_lookups == 3
    everybody = wanted_before_launch(world.engine, stored, world.now, lambda _: None)
    look_up(world.store, carrier, everybody[:1], world.now)
    assert preflight(world.engine, stored, world.now, lambda _: None).reassigned_lookups == 2
    assert len(carrier.asked) == 1


def questions(store: Store, count: int) -> list[Wanted]:
    return [
        Wanted(number_key=store.keyring.number_key(number), number=number, last_verified_on=DAY)
        for number in numbers(count)
    ]


def test_a_number_is_asked_about_once_and_progress_is_told(store: Store, carrier: Asked) -> None:
    told: list[int] = []
    twice = questions(store, 70) * 2
    report = look_up(store, carrier, twice, NOON, progress=told.append)
    assert (report.asked, report.unchanged, sum(told)) == (70, 70, 70)
    assert sorted(carrier.asked) == sorted((number, DAY) for number in numbers(70))


def test_each_answer_is_kept_as_the_word_it_was(store: Store, carrier: Asked) -> None:
    yes, no = numbers(2)
    carrier.disconnected[yes] = DAY
    report = look_up(store, carrier, questions(store, 2), NOON)
    assert (report.reassigned, report.unchanged) == (1, 1)
    with store.read() as tx:
        known = answers_kept.known(tx, [store.keyring.number_key(number) for number in (yes, no)])
    assert [answers[0].result for answers in known.values()].count(ReassignedResult.YES) == 1
    assert known[store.keyring.number_key(yes)][0].result is ReassignedResult.YES


class Killed(InProcessCarrier):
    """A carrier in whose hands the process is killed: it notes each paid question in a file first."""

    notes: Path
    dies_at: int

    def reassigned(self, number: str, last_verified_on: date) -> ReassignedLookup:
        with self.notes.open("a") as notes:
            notes.write(f"{number}\n")
        if len(self.notes.read_text().splitlines()) == self.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().reassigned(number, last_verified_on)


def _ask_until_killed(url: str, notes: Path, dies_at: int) -> None:
    store = Store(open_engine(url), Keyring.parse(KEYS))
    carrier = Killed(now=lambda: NOON)
    carrier.notes, carrier.dies_at = notes, dies_at
    look_up(store, carrier, questions(store, 3 * AT_ONCE), NOON, threads=1)


def test_after_a_kill_nothing_is_paid_for_again_before_it_rested(
    store: Store, database_url: str, carrier: Asked, tmp_path: Path
) -> None:
    notes = tmp_path / "asked.txt"
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_ask_until_killed, args=(database_url, notes, 2 * AT_ONCE + 7))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    paid = notes.read_text().splitlines()
    look_up(store, carrier, questions(store, 4 * AT_ONCE), NOON)
    assert {number for number, _ in carrier.asked} == set(numbers(4 * AT_ONCE)[3 * AT_ONCE :])
    assert len(paid) == 2 * AT_ONCE + 7
    carrier.asked.clear()
    look_up(store, carrier, questions(store, 4 * AT_ONCE), NOON + ASKED_AGAIN)
    assert {number for number, _ in carrier.asked} >= set(paid[2 * AT_ONCE :]), "the answers that the kill lost"


@pytest.mark.parametrize("threads", [1, 16])
def test_what_is_asked_is_written_before_and_answered_by_chunks(store: Store, threads: int) -> None:
    class Watching(Asked):
        unwritten: int = 0
        unanswered: int = 0

        def reassigned(self, number: str, last_verified_on: date) -> ReassignedLookup:
            answer = super().reassigned(number, last_verified_on)
            with store.read() as tx:
                results = [row.result for row in tx.execute(reassigned_answers.select())]
            self.unwritten = max(self.unwritten, len(self.asked) - len(results))
            self.unanswered = max(self.unanswered, results.count(None))
            return answer

    carrier = Watching(now=lambda: NOON)
    look_up(store, carrier, questions(store, 3 * AT_ONCE), NOON, threads=threads)
    assert (carrier.unwritten, carrier.unanswered) == (0, AT_ONCE)
