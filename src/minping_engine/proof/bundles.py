"""Entry bundles: up to 256 entries, each after its length as two bytes, high byte first (C2SP tlog-tiles).

In: entries, or a bundle's bytes. Out: the other. The length limits an entry to 65,535 bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minping_engine.errors import InputError, IntegrityError, Place
from minping_engine.proof.hashing import TILE_WIDTH
from minping_engine.proof.paths import ENTRIES, tile_at
from minping_engine.proof.store import TileStore

ENTRY_LIMIT = 65_535


def check_entry_lengths(entries: Iterable[bytes]) -> None:
    """Refuse entries that a bundle cannot hold."""
    longest = max(map(len, entries), default=0)
    if longest > ENTRY_LIMIT:
        raise InputError.of("ledger.entry_too_long", length=longest, limit=ENTRY_LIMIT)


def pack_entries(entries: Iterable[bytes]) -> bytes:
    """The bytes of a bundle."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unpack_entries(bundle: bytes, width: int) -> list[bytes] | None:
    """The entries of a bundle; None if it does not hold exactly `width` of them."""
    entries, place = [], 0
    while place + 2 <= len(bundle):
        end = place + 2 + int.from_bytes(bundle[place : place + 2], "big")
        entries.append(bundle[place + 2 : end])
        place = end
    return entries if place == len(bundle) and len(entries) == width else None


def read_entries(store: TileStore, start: int = 0, *, size: int) -> Iterator[bytes]:
    """Entries from `start` to the end of a log of that size, as stored: check them before you trust them."""
    for index in range(start // TILE_WIDTH, -(-size // TILE_WIDTH)):
        path = tile_at(ENTRIES, index, size=size)
        bundle, width = store.read(str(path)), path.width
        if bundle is None and not path.is_full:  # partial ones may go once the full bundle is there
            bundle, width = store.read(str(path.full)), TILE_WIDTH
        if bundle is None:
            raise IntegrityError.of("ledger.file_missing", Place(file=str(path)))
        entries = unpack_entries(bundle, width)
        if entries is None:
            raise IntegrityError.of("ledger.file_malformed", Place(file=str(path)))
        yield from entries[max(0, start - path.start) : path.width]
