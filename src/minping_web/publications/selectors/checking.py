"""Is this what was published? By hash, by code, by file; nobody learns whose card a code stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.db.models import QuerySet

from minping_engine.reporting import read_code
from minping_web.publications.models import CertifiedCopy, Publication, PublishedFile
from minping_web.publications.rules.hashes import Brought, hash_in
from minping_web.publications.selectors.public import Sealed, sealed_in

Kind = Literal["file", "office", "publication", "copy", "none", "unreadable"]


@dataclass(frozen=True)
class Verdict:
    """What was found for something that somebody holds in hand."""

    kind: Kind
    sha256: str = ""
    publication: Publication | None = None
    file: PublishedFile | None = None
    copy: CertifiedCopy | None = None
    sealed: Sealed | None = None
    is_page: bool = False
    """The file is a saved page; what stands in it between the marks was published."""

    @property
    def is_found(self) -> bool:
        """Whether it is ours."""
        return self.publication is not None


def check_file(brought: Brought) -> Verdict:
    """A file, or a page that was saved in a browser."""
    hashes = brought.hashes
    found = check_hashes(hashes)
    if found.is_found and found.sha256 != hashes[0]:
        return Verdict(
            found.kind, found.sha256, found.publication, found.file, found.copy, found.sealed, is_page=True
        )
    return found if found.is_found else Verdict("none", hashes[0])


def check_text(text: str) -> Verdict:
    """A hash or a code, as somebody typed it."""
    sha256 = hash_in(text)
    if sha256:
        return check_hashes([sha256])
    code = read_code(text)
    if code is None:
        return Verdict("unreadable")
    publication = _newest(Publication.objects.filter(code=code))
    if publication:
        return Verdict("publication", publication=publication, sealed=sealed_in(publication))
    copies = CertifiedCopy.objects.filter(code=code).select_related("publication__round")
    return _of_copy(copies.order_by("-pk").first())


def check_hashes(hashes: Sequence[str]) -> Verdict:
    """The first of these hashes that was published."""
    for sha256 in hashes:
        rows = PublishedFile.objects.filter(sha256=sha256).select_related(
            "publication__round", "publication__supersedes"
        )
        file = rows.order_by("-publication_id").first()
        if file:
            kind: Kind = "file" if file.is_public else "office"
            sealed = sealed_in(file.publication)
            return Verdict(kind, sha256, file.publication, file if file.is_public else None, sealed=sealed)
        copy = CertifiedCopy.objects.filter(sha256=sha256).select_related("publication__round").first()
        if copy:
            return _of_copy(copy, sha256)
    return Verdict("none", hashes[0])


def _of_copy(copy: CertifiedCopy | None, sha256: str = "") -> Verdict:
    if copy is None:
        return Verdict("none", sha256)
    return Verdict("copy", sha256, copy.publication, copy=copy, sealed=sealed_in(copy.publication))


def _newest(rows: QuerySet[Publication]) -> Publication | None:
    return rows.select_related("round").order_by("-pk").first()
