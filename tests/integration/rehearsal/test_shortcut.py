"""The short way to the database in memory: the same answers as SQLAlchemy's, and the same whole or nothing."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, func, insert, select, tuple_, update

from orchestrator.domain.errors import UserError
from orchestrator.persistence.tables.agents import agent_states, agents
from orchestrator.persistence.tables.campaigns import campaigns
from orchestrator.persistence.tables.people import sellers
from orchestrator.rehearsal import memory as memory_module
from orchestrator.rehearsal.memory import MemoryStore, open_memory
from orchestrator.rehearsal.prepared import prepare
from tests.integration.rehearsal.conftest import Staged

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
SELLER = {
    "id": "acme",
    "name": "Acme",
    "country": "US",
    "callback_number": "+12125550100",
    "kind": "commercial",
    "registrations": ["US-TX"],
    "created_at": NOON,
}
NOTE = insert(agent_states)
SINCE = select(agent_states).where(agent_states.c.at >= bindparam("b_since")).order_by(agent_states.c.id)
AMONG = select(agent_states.c.id, agent_states.c.at).where(
    agent_states.c.state.in_(bindparam("b_states", expanding=True)), agent_states.c.agent_id == "kim"
)
PAIRS = select(agent_states.c.id).where(
    tuple_(agent_states.c.agent_id, agent_states.c.state).in_(bindparam("b_pairs", expanding=True))
)
MOVE = update(agent_states).where(agent_states.c.id == bindparam("b_id"))
TAKE = delete(agent_states).where(agent_states.c.state == bindparam("b_state")).returning(agent_states.c.id)
HOW_MANY = select(func.count().label("states")).select_from(agent_states)


@pytest.fixture
def memory() -> Iterator[MemoryStore]:
    """A store with one agent who has been in three states, a minute apart."""
    with closing(open_memory()) as store:
        facts = {"profile_sealed": b"", "queue": "sales", "wrap_up_seconds": 15, "created_at": NOON}
        with store.write() as tx:
            tx.execute(insert(agents), {"id": "kim", "state": "ready", "state_since": NOON, **facts})
            for minute, state in enumerate(("away", "ready", "talking")):
                tx.execute(NOTE, {"agent_id": "kim", "state": state, "at": NOON + timedelta(minutes=minute)})
        yield store


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (SINCE, {"b_since": NOON + timedelta(minutes=1)}),
        (AMONG, {"b_states": ["away", "talking"]}),
        (AMONG, {"b_states": []}),
        (PAIRS, {"b_pairs": [("kim", "away")]}),
        (HOW_MANY, {}),
    ],
)
def test_the_third_answer_is_the_first_and_so_are_its_names(memory: MemoryStore, statement: Any, values: Any) -> None:
    """The first goes through SQLAlchemy, and whatever is prepared then through the driver."""
    with memory.read() as tx:
        first, _, third = (tx.execute(statement, values).all() for _ in range(3))
    assert third == first
    assert [row._mapping for row in third] == [row._mapping for row in first]


def test_a_list_of_another_length_is_another_question(memory: MemoryStore) -> None:
    with memory.read() as tx:
        lengths = [
            len(tx.execute(AMONG, {"b_states": states}).all()) for states in (["away"], ["away"], ["away", "ready"])
        ]
    assert lengths == [1, 1, 2]


def test_moments_lists_and_what_is_missing_are_read_as_the_tables_have_them(memory: MemoryStore) -> None:
    query = select(sellers)
    with memory.write() as tx:
        tx.execute(insert(sellers), SELLER)
        first, _, third = (tx.execute(query).one() for _ in range(3))
    assert third == first
    assert (third.created_at, third.registrations) == (NOON, ["US-TX"])


def test_changes_are_counted_and_rows_that_go_are_given_back(memory: MemoryStore) -> None:
    with memory.write() as tx:
        changed = [tx.execute(MOVE, {"b_id": number, "state": "away"}).rowcount for number in (1, 2, 99)]
        gone = [len(tx.execute(TAKE, {"b_state": "away"}).all()) for _ in range(3)]
    assert (changed, gone) == ([1, 1, 0], [2, 0, 0])


def test_many_rows_at_once_are_all_written(memory: MemoryStore) -> None:
    rows = [{"agent_id": "kim", "state": "away", "at": NOON + timedelta(hours=hour)} for hour in range(5)]
    with memory.write() as tx:
        for _ in range(3):
            tx.execute(NOTE, rows)
        assert tx.execute(HOW_MANY).scalar_one() == 3 + 15


def test_what_fails_leaves_nothing_of_itself_and_all_of_what_was_before(memory: MemoryStore) -> None:
    """Also of what was written by one within it."""

    def one_within() -> None:
        with memory.write() as tx:
            tx.execute(NOTE, {"agent_id": "kim", "state": "away", "at": NOON})

    def one_and_then_no() -> None:
        with memory.write():
            one_within()
            raise UserError("no")

    one_within()
    with pytest.raises(UserError):
        one_and_then_no()
    one_within()
    with memory.read() as tx:
        assert tx.execute(HOW_MANY).scalar_one() == 3 + 2


@pytest.mark.parametrize(
    "statement",
    [PAIRS, select(campaigns, sellers).join(sellers, sellers.c.id == campaigns.c.seller_id)],
    ids=["lists of pairs", "two columns of one name"],
)
def test_what_only_sqlalchemy_can_run_is_left_to_it(memory: MemoryStore, statement: Any) -> None:
    assert prepare(statement, ("b_pairs",), memory.engine.dialect, many=False) is None


def test_a_rehearsal_tells_the_same_with_the_short_way_and_without(
    staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    theatre = staged(people=30)
    short = theatre.rehearse()
    as_it_is: Callable[[Any], Any] = lambda connection: connection  # noqa: E731 - stands for a function
    monkeypatch.setattr(memory_module, "shortcut", as_it_is)
    assert theatre.rehearse() == short
    assert short.contacted > 0
