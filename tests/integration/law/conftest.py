"""Rulebooks as files, and a worker's watch over them."""

from collections.abc import Callable

import pytest

from orchestrator.pipeline.law_in_force import standing
from orchestrator.pipeline.law_watch import LawWatch
from orchestrator.pipeline.rulebook_review import Accepting, accept, difference, file
from tests.world import THREE_RULES, World, files_of

KIM = Accepting(by="Kim", role="compliance", note="tests")
LATER_HOURS = THREE_RULES.replace('["08:00", "21:00"]', '["13:00", "21:00"]')
Reviewed = Callable[[World, str], str]


@pytest.fixture
def watch(world: World) -> LawWatch:
    """A worker's watch under the three rules, accepted as the first."""
    files = files_of()
    return LawWatch(world.store, standing(world.store, files, world.now), files)


def reviewed(world: World, text: str) -> str:
    """A review of that rulebook without a replay; its id."""
    files = files_of(text)
    in_force = standing(world.store, files, world.now).acceptance
    diff = difference(world.store, in_force, files)
    return file(world.store, in_force, files, diff, [], "tests", world.now).id


def accept_text(world: World, text: str) -> str:
    """That rulebook in force; its digest."""
    return accept(world.store, reviewed(world, text), KIM, world.now).digest
