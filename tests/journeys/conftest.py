"""Journeys run one after the other: each keeps the machine's cores busy with processes of its own."""

import fcntl
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def alone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A lock over all of xdist's workers, since its groups are not heeded under pytest 9.2."""
    if request.node.get_closest_marker("slow") is None:
        yield
        return
    with (tmp_path_factory.getbasetemp().parent / "journeys.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
