"""A Merkle tree in the style of RFC 6962: SHA-256, leaves and nodes hashed apart, inclusion and consistency proofs."""

from collections.abc import Sequence
from hashlib import sha256

HASH_BYTES = 32
LEAF, NODE = b"\x00", b"\x01"
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry."""
    return sha256(LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return sha256(NODE + left + right).digest()


class Frontier:
    """What must be kept of a growing tree: the roots of its whole subtrees, the largest first."""

    def __init__(self, size: int = 0, peaks: bytes = b"") -> None:
        """``peaks`` as ``packed`` gave them; raises ValueError where they cannot be those of that size."""
        if len(peaks) != HASH_BYTES * size.bit_count():
            raise ValueError(f"{len(peaks)} bytes are no frontier of {size} entries")
        self.size = size
        self._peaks = [peaks[at : at + HASH_BYTES] for at in range(0, len(peaks), HASH_BYTES)]

    @property
    def packed(self) -> bytes:
        """The peaks one after the other, as the constructor takes them."""
        return b"".join(self._peaks)

    def append(self, leaf: bytes) -> None:
        """Grow by one entry's hash."""
        peaks, size = self._peaks, self.size
        while size & 1:
            leaf = sha256(NODE + peaks.pop() + leaf).digest()
            size >>= 1
        peaks.append(leaf)
        self.size += 1

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Grow by many entries' hashes: whole subtrees are folded level by level, which is twice as fast."""
        at = 0
        while at < len(leaves):
            span = self._span(len(leaves) - at)
            self._push(_folded(leaves[at : at + span]), span)
            at += span

    def _span(self, left: int) -> int:
        """The largest whole subtree that can come next."""
        largest = 1 << left.bit_length() - 1
        return min(largest, self.size & -self.size) if self.size else largest

    def _push(self, peak: bytes, span: int) -> None:
        size = self.size // span
        while size & 1:
            peak = node_hash(self._peaks.pop(), peak)
            size >>= 1
        self._peaks.append(peak)
        self.size += span

    def root(self) -> bytes:
        """The root of the tree as it is."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root


class Tree:
    """A whole tree in memory, for proofs: 64 bytes an entry."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            above = [node_hash(below[n], below[n + 1]) for n in range(0, len(below) - 1, 2)]
            self._levels.append(above + below[len(below) - len(below) % 2 :])

    @property
    def size(self) -> int:
        """How many entries."""
        return len(self._levels[0])

    def root(self) -> bytes:
        """The root over all entries."""
        return self._levels[-1][0] if self.size else EMPTY_ROOT

    def inclusion(self, position: int) -> list[bytes]:
        """The hashes that lead from the entry at that position to the root, the nearest first."""
        if not 0 <= position < self.size:
            raise ValueError(f"a tree of {self.size} has no entry {position}")
        path = []
        for level in self._levels[:-1]:
            if position ^ 1 < len(level):
                path.append(level[position ^ 1])
            position >>= 1
        return path

    def consistency(self, first: int) -> list[bytes]:
        """The hashes that show the tree of the first so many entries to be the beginning of this one."""
        if not 0 < first <= self.size:
            raise ValueError(f"a tree of {self.size} has no beginning of {first}")
        return self._subproof(first, 0, self.size, whole=True)

    def _subproof(self, first: int, begin: int, end: int, *, whole: bool) -> list[bytes]:
        count = end - begin
        if first == count:
            return [] if whole else [self._root_of(begin, end)]
        half = _largest_power_below(count)
        if first <= half:
            return [*self._subproof(first, begin, begin + half, whole=whole), self._root_of(begin + half, end)]
        return [*self._subproof(first - half, begin + half, end, whole=False), self._root_of(begin, begin + half)]

    def _root_of(self, begin: int, end: int) -> bytes:
        """Of entries that make a subtree: a power of two of them, or the tree's right edge."""
        level = (end - begin - 1).bit_length()
        return self._levels[level][begin >> level]


def includes(root: bytes, size: int, position: int, leaf: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path leads from the leaf at that position to the root of a tree of that size."""
    if not 0 <= position < size:
        return False
    last, steps = size - 1, iter(path)
    while last > 0:
        if position & 1 or position < last:
            step = next(steps, None)
            if step is None:
                return False
            leaf = node_hash(step, leaf) if position & 1 else node_hash(leaf, step)
        position, last = position >> 1, last >> 1
    return next(steps, None) is None and leaf == root


def extends(old_root: bytes, old_size: int, new_root: bytes, new_size: int, path: Sequence[bytes]) -> bool:
    """Whether the path shows the old tree to be the beginning of the new one (RFC 9162, 2.1.4.2)."""
    if old_size == 0 or old_size == new_size:
        return not path and (old_size == 0 or old_root == new_root)
    if old_size > new_size:
        return False
    steps = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    return bool(steps) and _folds(old_root, old_size - 1, new_root, new_size - 1, steps)


def _folds(old_root: bytes, old: int, new_root: bytes, new: int, steps: Sequence[bytes]) -> bool:
    while old & 1:
        old, new = old >> 1, new >> 1
    of_old = of_new = steps[0]
    for step in steps[1:]:
        if new == 0:
            return False
        if old & 1 or old == new:
            of_old, of_new = node_hash(step, of_old), node_hash(step, of_new)
            while old & 1 == 0 and old != 0:
                old, new = old >> 1, new >> 1
        else:
            of_new = node_hash(of_new, step)
        old, new = old >> 1, new >> 1
    return new == 0 and of_old == old_root and of_new == new_root


def _folded(level: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    while len(level) > 1:
        pairs = iter(level)
        level = [sha256(NODE + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return level[0]


def _largest_power_below(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1
