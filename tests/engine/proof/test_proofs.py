"""Proofs: the RFC's own recursion makes the same ones; right ones hold, and nothing else does."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.errors import InputError
from minping_engine.proof import (
    EMPTY_ROOT,
    MemoryStore,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
)
from tests.engine.proof.logs import grown, numbered, path_of, proof_of, tree_hash

LARGEST = 1_100
ALL = numbered(LARGEST)
sizes = st.integers(1, LARGEST) | st.sampled_from([255, 256, 257, 511, 512, 513, 767, 768, 769, 1024, 1025])


@cache
def log() -> MemoryStore:
    """One log with a checkpoint after every entry."""
    return grown(ALL, range(1, LARGEST + 1))


@cache
def root(size: int) -> bytes:
    return tree_hash(ALL[:size])


def test_every_entry_of_every_small_log_has_the_proof_of_the_rfc() -> None:
    for size in range(1, 40):
        for index in range(size):
            proof = inclusion_proof(log(), index, size=size)
            assert list(proof) == path_of(index, ALL[:size])
            leaf = leaf_hash(ALL[index])
            assert check_inclusion(proof, index=index, size=size, leaf=leaf, root=root(size))


def test_every_small_log_is_shown_to_begin_with_every_older_one() -> None:
    for size in range(40):
        for old in range(size + 1):
            proof = consistency_proof(log(), old, size=size)
            assert list(proof) == ([] if old in (0, size) else proof_of(old, ALL[:size]))
            assert check_consistency(proof, old_size=old, old_root=root(old), size=size, root=root(size))


@given(sizes, st.data())
def test_every_entry_has_a_valid_proof_in_every_size(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(log(), index, size=size)
    assert list(proof) == path_of(index, ALL[:size])
    leaf = leaf_hash(ALL[index])
    assert check_inclusion(proof, index=index, size=size, leaf=leaf, root=root(size))


@given(sizes, st.data())
def test_every_older_size_is_consistent(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    proof = consistency_proof(log(), old, size=size)
    assert list(proof) == proof_of(old, ALL[:size])
    assert check_consistency(proof, old_size=old, old_root=root(old), size=size, root=root(size))


@given(sizes, st.data())
def test_a_proof_is_good_for_one_place_of_one_log_only(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda place: place != index) | st.just(size))
    proof, leaf = inclusion_proof(log(), index, size=size), leaf_hash(ALL[index])
    assert not check_inclusion(proof, index=other, size=size, leaf=leaf, root=root(size))
    assert not check_inclusion(proof, index=index, size=size, leaf=leaf_hash(b"other"), root=root(size))
    assert not check_inclusion((*proof, leaf), index=index, size=size, leaf=leaf, root=root(size))
    if proof:
        assert not check_inclusion(proof[:-1], index=index, size=size, leaf=leaf, root=root(size))


@given(sizes, st.data())
def test_no_changed_hash_of_a_proof_goes_unnoticed(size: int, data: st.DataObject) -> None:
    old, index = data.draw(st.integers(1, size)), data.draw(st.integers(0, size - 1))
    inclusion, leaf = inclusion_proof(log(), index, size=size), leaf_hash(ALL[index])
    for place in range(len(inclusion)):
        wrong = (*inclusion[:place], leaf_hash(b"wrong"), *inclusion[place + 1 :])
        assert not check_inclusion(wrong, index=index, size=size, leaf=leaf, root=root(size))
    growth = consistency_proof(log(), old, size=size)
    for place in range(len(growth)):
        wrong = (*growth[:place], leaf_hash(b"wrong"), *growth[place + 1 :])
        assert not check_consistency(wrong, old_size=old, old_root=root(old), size=size, root=root(size))


@given(sizes, st.data())
def test_a_rewritten_history_has_no_proof(size: int, data: st.DataObject) -> None:
    """The newer log is honest; the older root is of entries that were changed since."""
    old = data.draw(st.integers(1, size))
    changed = tree_hash([b"changed", *ALL[1:old]])
    proof = consistency_proof(log(), old, size=size)
    assert not check_consistency(proof, old_size=old, old_root=changed, size=size, root=root(size))


def test_a_log_never_shrinks() -> None:
    assert not check_consistency((), old_size=5, old_root=root(5), size=4, root=root(4))
    with pytest.raises(InputError):
        consistency_proof(log(), 5, size=4)


def test_every_log_begins_with_the_empty_one_and_that_needs_no_hashes() -> None:
    assert check_consistency((), old_size=0, old_root=EMPTY_ROOT, size=9, root=root(9))
    assert not check_consistency((), old_size=0, old_root=root(1), size=9, root=root(9))
    assert not check_consistency((root(9),), old_size=0, old_root=EMPTY_ROOT, size=9, root=root(9))


@pytest.mark.parametrize("old", [1, 2, 3, 4])
def test_an_empty_proof_shows_no_growth(old: int) -> None:
    assert not check_consistency((), old_size=old, old_root=root(old), size=5, root=root(5))


def test_roots_stay_right_across_a_second_level_of_full_tiles() -> None:
    entries = numbered(66_000)
    store, size = grown(entries, [66_000]), 66_000
    newest = tree_hash(entries)
    for index in (0, 255, 256, 65_535, 65_536, 65_999):
        proof = inclusion_proof(store, index, size=size)
        assert check_inclusion(proof, index=index, size=size, leaf=leaf_hash(entries[index]), root=newest)
    for old in (1, 256, 65_535, 65_536, 65_537):
        proof, old_root = consistency_proof(store, old, size=size), root_of(store, old)
        assert check_consistency(proof, old_size=old, old_root=old_root, size=size, root=newest)
