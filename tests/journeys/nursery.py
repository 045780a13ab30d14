"""Raises workers one after the other: everything is imported once, and each is a process of its own to be killed.

For each line on standard input a worker; its pid and, once it is dead, the signal that ended it on standard output.
"""

import os
import sys

import orchestrator.bootstrap
import orchestrator.carrier.client
import orchestrator.scheduler.metronome  # noqa: F401 - imported for the workers, who are forks
from orchestrator.cli.worker import worker


def raise_one() -> None:
    """Fork a worker and wait for its death."""
    child = os.fork()
    if child == 0:
        worker(until=None)
        os._exit(0)
    _say(child)
    _, status = os.waitpid(child, 0)
    _say(-os.waitstatus_to_exitcode(status))


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    for _ in sys.stdin:
        raise_one()
