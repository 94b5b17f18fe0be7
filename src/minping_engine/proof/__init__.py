"""The transparency log: entries, the tree over them, signed checkpoints, proofs (docs/method/ledger.md).

In: bytes of entries, a store for files, a key. Out: static files in the form of C2SP tlog-tiles, which
verifiers that nobody here wrote can read. No clock, no randomness, no database: nonces, keys and the lock
come from the caller. Rechecking a whole folder is `verification`.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.proof.appender import Appender, publish_checkpoint
    from minping_engine.proof.bundles import ENTRY_LIMIT, pack_entries, read_entries, unpack_entries
    from minping_engine.proof.checkpoints import (
        Checkpoint,
        open_checkpoint,
        parse_checkpoint,
        sign_checkpoint,
    )
    from minping_engine.proof.commitments import Entry, commitment_of, entry_of, opens, read_entry
    from minping_engine.proof.cosigning import WitnessKey, cosigned_at, witness_key
    from minping_engine.proof.hashing import (
        EMPTY_ROOT,
        HASH_SIZE,
        TILE_WIDTH,
        leaf_hash,
        node_hash,
        root_of_edge,
        root_of_hashes,
        split_hashes,
    )
    from minping_engine.proof.keys import (
        COSIGNATURE,
        ED25519,
        SigningKey,
        VerifierKey,
        decoded,
        is_key_name,
        signing_key,
        verifier_key,
    )
    from minping_engine.proof.notes import SignatureLine, SignedNote, parse_lines, parse_note, sign_note
    from minping_engine.proof.paths import (
        CHECKPOINT_PATH,
        ENTRIES,
        TilePath,
        hashes_on,
        levels_of,
        parse_tile_path,
        tile_at,
        tiles_of,
    )
    from minping_engine.proof.proofs import (
        check_consistency,
        check_inclusion,
        consistency_proof,
        inclusion_proof,
        root_of,
    )
    from minping_engine.proof.store import FolderStore, MemoryStore, TileStore
    from minping_engine.proof.tree import TileTree

__all__ = [
    "CHECKPOINT_PATH",
    "COSIGNATURE",
    "ED25519",
    "EMPTY_ROOT",
    "ENTRIES",
    "ENTRY_LIMIT",
    "HASH_SIZE",
    "TILE_WIDTH",
    "Appender",
    "Checkpoint",
    "Entry",
    "FolderStore",
    "MemoryStore",
    "SignatureLine",
    "SignedNote",
    "SigningKey",
    "TilePath",
    "TileStore",
    "TileTree",
    "VerifierKey",
    "WitnessKey",
    "check_consistency",
    "check_inclusion",
    "commitment_of",
    "consistency_proof",
    "cosigned_at",
    "decoded",
    "entry_of",
    "hashes_on",
    "inclusion_proof",
    "is_key_name",
    "leaf_hash",
    "levels_of",
    "node_hash",
    "open_checkpoint",
    "opens",
    "pack_entries",
    "parse_checkpoint",
    "parse_lines",
    "parse_note",
    "parse_tile_path",
    "publish_checkpoint",
    "read_entries",
    "read_entry",
    "root_of",
    "root_of_edge",
    "root_of_hashes",
    "sign_checkpoint",
    "sign_note",
    "signing_key",
    "split_hashes",
    "tile_at",
    "tiles_of",
    "unpack_entries",
    "verifier_key",
    "witness_key",
]

__getattr__ = lazy_front(
    __name__,
    {
        "CHECKPOINT_PATH": "paths",
        "COSIGNATURE": "keys",
        "ED25519": "keys",
        "EMPTY_ROOT": "hashing",
        "ENTRIES": "paths",
        "ENTRY_LIMIT": "bundles",
        "HASH_SIZE": "hashing",
        "TILE_WIDTH": "hashing",
        "Appender": "appender",
        "Checkpoint": "checkpoints",
        "Entry": "commitments",
        "FolderStore": "store",
        "MemoryStore": "store",
        "SignatureLine": "notes",
        "SignedNote": "notes",
        "SigningKey": "keys",
        "TilePath": "paths",
        "TileStore": "store",
        "TileTree": "tree",
        "VerifierKey": "keys",
        "WitnessKey": "cosigning",
        "check_consistency": "proofs",
        "check_inclusion": "proofs",
        "commitment_of": "commitments",
        "consistency_proof": "proofs",
        "cosigned_at": "cosigning",
        "decoded": "keys",
        "entry_of": "commitments",
        "hashes_on": "paths",
        "inclusion_proof": "proofs",
        "is_key_name": "keys",
        "leaf_hash": "hashing",
        "levels_of": "paths",
        "node_hash": "hashing",
        "open_checkpoint": "checkpoints",
        "opens": "commitments",
        "pack_entries": "bundles",
        "parse_checkpoint": "checkpoints",
        "parse_lines": "notes",
        "parse_note": "notes",
        "parse_tile_path": "paths",
        "publish_checkpoint": "appender",
        "read_entries": "bundles",
        "read_entry": "commitments",
        "root_of": "proofs",
        "root_of_edge": "hashing",
        "root_of_hashes": "hashing",
        "sign_checkpoint": "checkpoints",
        "sign_note": "notes",
        "signing_key": "keys",
        "split_hashes": "hashing",
        "tile_at": "paths",
        "tiles_of": "paths",
        "unpack_entries": "bundles",
        "verifier_key": "keys",
        "witness_key": "cosigning",
    },
)
