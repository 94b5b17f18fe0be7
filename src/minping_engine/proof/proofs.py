"""Inclusion and consistency proofs, made from tiles and checked without them (RFC 6962, section 2.1).

In: a store and sizes to make a proof; a proof, two hashes and sizes to check it. Out: the hashes of the
proof, nearest the leaf first; True or False. Checking needs no log: a phone can do it.
"""

from __future__ import annotations

from collections.abc import Sequence

from minping_engine.errors import InputError
from minping_engine.proof.hashing import EMPTY_ROOT, node_hash
from minping_engine.proof.store import TileStore
from minping_engine.proof.tree import TileTree

Proof = tuple[bytes, ...]


def root_of(store: TileStore, size: int) -> bytes:
    """The root of the first `size` entries, as the tiles give it."""
    return TileTree(store, size).subtree(0, size)


def inclusion_proof(store: TileStore, index: int, *, size: int) -> Proof:
    """The proof that a log of that size holds the entry `index` (counted from 0)."""
    if not 0 <= index < size:
        raise InputError.of("ledger.index_outside", index=index, size=size)
    tree, proof, start, end = TileTree(store, size), [], 0, size
    while end - start > 1:
        middle = start + _left_part(end - start)
        if index < middle:
            proof.append(tree.subtree(middle, end))
            end = middle
        else:
            proof.append(tree.subtree(start, middle))
            start = middle
    return tuple(reversed(proof))


def check_inclusion(proof: Sequence[bytes], *, index: int, size: int, leaf: bytes, root: bytes) -> bool:
    """Whether the proof leads from the leaf's hash at `index` to the root of a log of that size."""
    if not 0 <= index < size:
        return False
    here, last, made = index, size - 1, leaf
    for sibling in proof:
        if not last:
            return False
        if here % 2 or here == last:
            made = node_hash(sibling, made)
            here, last = _past_carried(here, last)
        else:
            made = node_hash(made, sibling)
        here, last = here // 2, last // 2
    return not last and made == root


def consistency_proof(store: TileStore, old_size: int, *, size: int) -> Proof:
    """The proof that a log of that size begins with the one of `old_size`; empty if either says it all."""
    if not 0 <= old_size <= size:
        raise InputError.of("ledger.index_outside", index=old_size, size=size)
    if old_size in (0, size):
        return ()
    tree, proof, start, end = TileTree(store, size), [], 0, size
    while old_size != end:
        middle = start + _left_part(end - start)
        if old_size <= middle:
            proof.append(tree.subtree(middle, end))
            end = middle
        else:
            proof.append(tree.subtree(start, middle))
            start = middle
    if start:  # a subtree from 0 is the older root, which the checker has
        proof.append(tree.subtree(start, end))
    return tuple(reversed(proof))


def check_consistency(
    proof: Sequence[bytes], *, old_size: int, old_root: bytes, size: int, root: bytes
) -> bool:
    """Whether the proof shows that the log with `root` begins with the one that had `old_root`."""
    if old_size == size or not old_size:
        return not proof and old_root == (root if old_size == size else EMPTY_ROOT)
    if not 0 < old_size < size:
        return False
    here, last = old_size - 1, size - 1
    while here % 2:
        here, last = here // 2, last // 2
    hashes = list(proof) if here else [old_root, *proof]
    if not hashes:
        return False
    return _grows(hashes, here, last) == (old_root, root)


def _grows(hashes: Sequence[bytes], here: int, last: int) -> tuple[bytes, bytes] | None:
    """The older and the newer root that a consistency proof makes; None if its length is wrong."""
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if not last:
            return None
        if here % 2 or here == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            here, last = _past_carried(here, last)
        else:
            new = node_hash(new, sibling)
        here, last = here // 2, last // 2
    return None if last else (old, new)


def _past_carried(here: int, last: int) -> tuple[int, int]:
    """Skip the levels on which a last odd subtree is carried up without a sibling."""
    while here and not here % 2:
        here, last = here // 2, last // 2
    return here, last


def _left_part(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)
