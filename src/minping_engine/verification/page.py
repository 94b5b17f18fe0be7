"""Is this the page, or the file, that was published? From the file and `publication.json` alone.

In: bytes that somebody saved or was given, the manifest of a publication (docs/how-to/publish.md). Out: which
published file it is, or none. A page stands between two marks in the frame of the site, which differs by
reader; whoever saves the page keeps the marks, and what stands between them is the file that was hashed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from minping_engine.errors import InputError, Place

PAGE_BEGIN = "<!-- minping:published:begin -->"
PAGE_END = "<!-- minping:published:end -->"


@dataclass(frozen=True)
class PageReport:
    """What was found: the published file's path, None if the manifest names no such file."""

    path: str | None
    sha256: str
    """Of what was published; of the whole file where nothing was found."""
    is_page: bool
    """The published file is what stands between the marks, not the whole file."""
    manifest_sha256: str
    """What the ledger's record of the publication names."""


def published_part(content: bytes) -> bytes | None:
    """What stands between the marks of a saved page; None where there are no marks.

    Some programs save with the line ends of their system: they are put back.

    >>> published_part(b"<body><!-- minping:published:begin -->text<!-- minping:published:end --></body>")
    b'text'
    """
    _, begins, rest = content.partition(PAGE_BEGIN.encode())
    part, ends, _ = rest.partition(PAGE_END.encode())
    return part.replace(b"\r\n", b"\n") if begins and ends else None


def verify_page(content: bytes, manifest: bytes) -> PageReport:
    """Look a file up in a manifest, as it is and as a saved page.

    Raises `InputError` where the manifest is none.
    """
    named = _named(manifest)
    sealed = hashlib.sha256(manifest).hexdigest()
    whole = hashlib.sha256(content).hexdigest()
    if whole == sealed:
        return PageReport("publication.json", whole, False, sealed)
    part = published_part(content)
    inner = hashlib.sha256(part).hexdigest() if part is not None else whole
    for sha256 in (whole, inner):
        if sha256 in named:
            return PageReport(named[sha256], sha256, sha256 != whole, sealed)
    return PageReport(None, whole, False, sealed)


def _named(manifest: bytes) -> dict[str, str]:
    """SHA-256 -> path."""
    try:
        files = json.loads(manifest)["files"]
        return {str(one["sha256"]): str(one["path"]) for one in files}
    except (ValueError, KeyError, TypeError) as error:
        raise InputError.of("reporting.no_publication", Place(file="publication.json")) from error
