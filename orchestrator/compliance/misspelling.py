"""Whether a word is another one mistyped: a long one, its first letter right, since a short one is near to many."""

from functools import lru_cache

ONE_SLIP, TWO_SLIPS = 8, 10  # letters that a word must have to bear so many slips


@lru_cache(maxsize=20_000)
def misspelt(word: str, known: tuple[str, ...]) -> str | None:
    """The first of the known words that this one is meant to be; None for none."""
    return next((one for one in known if _is_near(word, one, _slips_allowed(one))), None)


def bears_slips(word: str) -> bool:
    """Whether the word is long enough to be known in spite of a slip."""
    return _slips_allowed(word) > 0


def _slips_allowed(word: str) -> int:
    return (len(word) >= ONE_SLIP) + (len(word) >= TWO_SLIPS)


def _is_near(word: str, meant: str, slips: int) -> bool:
    if not slips or word[:1] != meant[:1] or abs(len(word) - len(meant)) > slips:
        return False
    return _distance(word, meant) <= slips


def _distance(left: str, right: str) -> int:
    """How many letters are missing, added, changed, or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, mine in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, theirs in enumerate(right, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (mine != theirs))
            if i > 1 and j > 1 and mine == right[j - 2] and left[i - 2] == theirs:
                best = min(best, older[j - 2] + 1)
            row.append(best)
    return row[-1]
