"""A number with its noun, as people say it."""


def counted(number: int, noun: str, several: str | None = None) -> str:
    """``1 rule``, ``2 rules``; ``several`` where more than one is not the noun with an s."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"
