"""The law as it ships."""

import pytest

from orchestrator.compliance.rulebook import Rulebook
from orchestrator.law import load_rulebook
from tests.world import CONFIG


@pytest.fixture(scope="session")
def law() -> Rulebook:
    """Every rule of config/."""
    return load_rulebook(CONFIG)
