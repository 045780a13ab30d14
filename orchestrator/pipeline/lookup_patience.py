"""When a run of lookups gives up: at once where nothing is to be had, else after several lost answers in a row."""

from threading import Lock

from orchestrator.log import log

MOST_IN_A_ROW = 5


class Patience:
    """Shared by the threads of one run. ``stopped`` says why it is over, None while it is not.

    One number whose answer always gets lost costs one of the row and stops nobody else's.
    """

    def __init__(self, what: str) -> None:
        self.stopped: str | None = None
        self._what, self._in_a_row, self._lock = what, 0, Lock()

    def renew(self) -> None:
        """An answer came."""
        with self._lock:
            self._in_a_row = 0

    def lose(self, error: Exception) -> None:
        """An answer got lost, or was none that can be read."""
        log.warning("lookup.lost", what=self._what, error=type(error).__name__)
        with self._lock:
            self._in_a_row += 1
            if self._in_a_row >= MOST_IN_A_ROW:
                self.stopped = self.stopped or f"{self._in_a_row} answers in a row got lost."

    def end(self, error: Exception) -> None:
        """Nothing is to be had for now."""
        with self._lock:
            self.stopped = self.stopped or str(error)
