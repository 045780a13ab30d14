"""The tree against RFC 6962's own definition, and against whoever would cheat."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.merkle import EMPTY_ROOT, Frontier, Tree, extends, includes, leaf_hash, node_hash


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(by_definition(leaves[:half]), by_definition(leaves[half:]))


def leaves_of(count: int) -> list[bytes]:
    return [leaf_hash(str(n).encode()) for n in range(count)]


def test_a_leaf_and_a_node_of_the_same_bytes_differ() -> None:
    assert leaf_hash(b"a" * 32 + b"b" * 32) != node_hash(b"a" * 32, b"b" * 32)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 33])
def test_the_root_is_the_one_of_the_definition(count: int) -> None:
    leaves = leaves_of(count)
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    assert frontier.root() == Tree(leaves).root() == by_definition(leaves)


@given(st.integers(0, 70), st.integers(0, 70))
def test_a_frontier_goes_on_where_it_was_packed(first: int, more: int) -> None:
    leaves = leaves_of(first + more)
    frontier = Frontier()
    for leaf in leaves[:first]:
        frontier.append(leaf)
    taken_up, at_once = Frontier(first, frontier.packed), Frontier(first, frontier.packed)
    for leaf in leaves[first:]:
        taken_up.append(leaf)
    at_once.extend(leaves[first:])
    assert taken_up.root() == at_once.root() == by_definition(leaves)
    assert taken_up.packed == at_once.packed


def test_a_frontier_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="no frontier"):
        Frontier(3, b"x" * 32)


@given(st.integers(1, 70), st.data())
def test_every_entry_is_proved_and_no_other_in_its_place(size: int, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    tree = Tree(leaves)
    path = tree.inclusion(position)
    assert includes(tree.root(), size, position, leaves[position], path)
    assert not includes(tree.root(), size, position, leaf_hash(b"another"), path)
    assert not includes(tree.root(), size, position, leaves[position], [*path, tree.root()])
    if path:
        assert not includes(tree.root(), size, position, leaves[position], path[:-1])
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != position)) if size > 1 else size
    assert not includes(tree.root(), size, other, leaves[position], path)


@given(st.integers(1, 70), st.integers(0, 70), st.data())
def test_a_grown_tree_is_shown_to_begin_with_the_old_one(first: int, more: int, data: st.DataObject) -> None:
    leaves = leaves_of(first + more)
    old, new = Tree(leaves[:first]), Tree(leaves)
    path = new.consistency(first)
    assert extends(old.root(), first, new.root(), new.size, path)
    swapped = list(leaves[:first])
    swapped[data.draw(st.integers(0, first - 1))] = leaf_hash(b"another")
    assert not extends(Tree(swapped).root(), first, new.root(), new.size, path)
    if path:
        assert not extends(old.root(), first, new.root(), new.size, path[:-1])


def test_a_longer_tree_is_no_beginning_of_a_shorter_one() -> None:
    tree = Tree(leaves_of(3))
    assert not extends(Tree(leaves_of(5)).root(), 5, tree.root(), 3, [])
    with pytest.raises(ValueError, match="no beginning"):
        tree.consistency(4)
    with pytest.raises(ValueError, match="no entry"):
        tree.inclusion(3)


def test_the_roots_are_those_that_other_implementations_publish() -> None:
    """The eight entries that logs of certificates are tested with."""
    data = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    leaves = [leaf_hash(bytes.fromhex(text)) for text in data]
    assert Tree(leaves[:1]).root().hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert Tree(leaves[:3]).root().hex() == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    assert Tree(leaves).root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
