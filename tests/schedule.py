"""In which order processes of tests take their work: one takes all journeys, first and one after another."""

from xdist.scheduler import LoadScopeScheduling

JOURNEYS = "tests/journeys/"


class JourneysFirst(LoadScopeScheduling):  # type: ignore[misc]
    """The largest scope goes out first, and every test but a journey is a scope of its own.

    Journeys keep to the clock of life: two at once would take each other's time, and the last to start would be what
    everybody waits for. Marks of groups are no way to say so: pytest-xdist 3.8 does not see them under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        return JOURNEYS if nodeid.startswith(JOURNEYS) else nodeid
