"""Several PDFs of Typst as one, written while they come: memory holds one piece at a time.

Each piece keeps its objects under shifted numbers; its tree of pages becomes a branch of ours, its catalogue
is left out. Written for what Typst writes (plain objects, a cross-reference table, direct lengths), and it
refuses anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

CATALOGUE, PAGES = 1, 2
HEAD = b"%PDF-1.7\n%\x80\x80\x80\x80\n"
_REFERENCE = re.compile(rb"(?<![\d.])(\d+) 0 R\b")
_ROOT = re.compile(rb"/Root (\d+) 0 R")
_INFO = re.compile(rb"/Info (\d+) 0 R")
_TREE = re.compile(rb"/Pages (\d+) 0 R")
_COUNT = re.compile(rb"/Count (\d+)")
_META = re.compile(rb"/Metadata (\d+) 0 R")
_STREAM = re.compile(rb">>\s*stream\r?\n")


def joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Bytes of one PDF with all pages in order; ValueError for a piece of another make."""
    offsets: dict[int, int] = {}
    branches: list[int] = []
    pages, free, position = 0, PAGES + 1, len(HEAD)
    yield HEAD
    for piece in pieces:
        objects, root, skipped = _read(piece)
        shift = free - 1
        branch = int(_found(_TREE, objects[root]))
        pages += int(_found(_COUNT, objects[branch]))
        branches.append(branch + shift)
        for number, content in objects.items():
            if number in skipped:
                continue
            body = _shifted(content, shift)
            if number == branch:
                body = body.replace(b"/Type/Pages", b"/Type/Pages/Parent %d 0 R" % PAGES, 1)
            made = b"%d 0 obj\n%s" % (number + shift, body)
            offsets[number + shift] = position
            position += len(made)
            yield made
        free += max(objects)
    kids = b" ".join(b"%d 0 R" % branch for branch in branches)
    for number, body in (
        (CATALOGUE, b"<</Type/Catalog/Pages %d 0 R>>\nendobj\n" % PAGES),
        (PAGES, b"<</Type/Pages/Count %d/Kids[%s]>>\nendobj\n" % (pages, kids)),
    ):
        made = b"%d 0 obj\n%s" % (number, body)
        offsets[number] = position
        position += len(made)
        yield made
    yield _table(offsets, free, position)


def _read(piece: bytes) -> tuple[dict[int, bytes], int, set[int]]:
    """Objects by number without their heads, the number of the catalogue, numbers that are left out."""
    start = int(piece[piece.rindex(b"startxref") + 9 :].split()[0])
    if not piece.startswith(b"%PDF") or piece[start : start + 4] != b"xref":
        raise ValueError("a PDF without a cross-reference table")
    table, _sep, trailer = piece[start:].partition(b"trailer")
    rows = table.splitlines()[2:]
    places = sorted((int(row[:10]), number) for number, row in enumerate(rows) if row[17:18] == b"n")
    ends = [place for place, _number in places[1:]] + [start]
    objects = {
        number: piece[place:end].split(b"obj\n", 1)[1]
        for (place, number), end in zip(places, ends, strict=True)
    }
    root = int(_found(_ROOT, trailer))
    skipped = {root}
    for pattern, where in ((_INFO, trailer), (_META, objects[root])):
        match = pattern.search(where)
        skipped |= {int(match[1])} if match else set()
    return objects, root, skipped


def _shifted(content: bytes, shift: int) -> bytes:
    """References moved; what lies in a stream is left alone."""
    stream = _STREAM.search(content)
    end = stream.start() if stream else len(content)
    moved = _REFERENCE.sub(lambda found: b"%d 0 R" % (int(found[1]) + shift), content[:end])
    return moved + content[end:]


def _found(pattern: re.Pattern[bytes], where: bytes) -> bytes:
    match = pattern.search(where)
    if match is None:
        raise ValueError("a PDF that is put together in another way")
    return match[1]


def _table(offsets: dict[int, int], size: int, position: int) -> bytes:
    rows = [b"0000000000 65535 f \n"]
    rows += [
        b"%010d 00000 n \n" % offsets[number] if number in offsets else b"0000000000 00000 f \n"
        for number in range(1, size)
    ]
    trailer = b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, CATALOGUE, position)
    return b"xref\n0 %d\n" % size + b"".join(rows) + trailer
