"""Whoever reads people's data at the command line is noted before they see it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from orchestrator.cli.actor import who

if TYPE_CHECKING:
    from orchestrator.bootstrap import House


def note_reading(
    house: "House", action: str, reason: str | None, numbers: Iterable[str], seller_id: str | None = None
) -> None:
    """Note that whoever types read what is on record of these E.164 numbers; where nothing is noted nothing is shown.

    ``reason`` None: the person gave none, and that is what the record says.
    """
    from orchestrator.persistence import accesses

    keyring = house.store.keyring
    keys = {keyring.number_key(number) for number in numbers if number}
    with house.store.write() as tx:
        accesses.record(
            tx,
            actor=who(),
            action=action,
            reason=(reason or "").strip() or "no reason given",
            number_keys=keys,
            at=house.clock.now(),
            seller_id=seller_id,
        )
