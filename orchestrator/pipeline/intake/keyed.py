"""An entry as it is looked up and stored: keyed, and sealed."""

from dataclasses import dataclass

from orchestrator.pipeline.intake.entry import Entry


@dataclass(slots=True)
class Keyed:
    """An entry with the keys that it is looked up by, and sealed before the transaction that may store it."""

    entry: Entry
    external_key: bytes | None
    number_keys: dict[str, bytes]
    profile_sealed: bytes
    numbers_sealed: dict[str, bytes]
