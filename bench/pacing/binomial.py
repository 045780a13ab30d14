"""Binomial distributions, as arrays of probabilities."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.float64]


@lru_cache(maxsize=32)
def _log_factorials(size: int) -> Probabilities:
    table: Probabilities = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, size + 1)))))
    return table


def binomial(n: int, p: float) -> Probabilities:
    """P(k of n) for k from 0 to n."""
    if n <= 0 or p <= 0.0:
        return _certainly(0, max(n, 0) + 1)
    if p >= 1.0:
        return _certainly(n, n + 1)
    log_factorials = _log_factorials(1 << n.bit_length())
    k = np.arange(n + 1)
    log_choose = log_factorials[n] - log_factorials[k] - log_factorials[n - k]
    chances: Probabilities = np.exp(log_choose + k * np.log(p) + (n - k) * np.log1p(-p))
    return chances


def _certainly(k: int, size: int) -> Probabilities:
    certain: Probabilities = np.zeros(size)
    certain[k] = 1.0
    return certain


def expected_excess(demand: Probabilities, supply: Probabilities) -> float:
    """The expected number by which demand exceeds supply, both counted from 0 and independent."""
    more_than = np.cumsum(demand[::-1])[::-1][1:]  # P(demand > k)
    excess_over = np.cumsum(more_than[::-1])[::-1]  # E[(demand - k)+]
    shared = min(len(excess_over), len(supply))
    return float(excess_over[:shared] @ supply[:shared])
