"""The demo's agents come, and go home."""

from sqlalchemy import select

from orchestrator.cli.demonstration import staff
from orchestrator.clock import Clock
from orchestrator.persistence import agent_legs
from orchestrator.persistence.store import Store
from orchestrator.persistence.tables.agents import agent_states, agents


def test_at_the_end_nobody_waits_for_a_call(store: Store) -> None:
    clock = Clock()
    staff.sign_in(store, clock, 2)
    with store.write() as tx:
        agent_legs.rung(tx, "agent-01", "CA1")
        assert agent_legs.leg_up(tx, "agent-01", "CA1", clock.now())
    staff.sign_out(store, clock)
    with store.read() as tx:
        rows = tx.execute(select(agents.c.state, agents.c.leg_sid, agents.c.leg_asked_at)).all()
        first = select(agent_states.c.state).where(agent_states.c.agent_id == "agent-01").order_by(agent_states.c.id)
        history = tx.execute(first).scalars().all()
    assert {tuple(row) for row in rows} == {("away", None, None)}
    assert history == ["away", "ready", "away"]
