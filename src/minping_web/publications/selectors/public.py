"""What everybody may read of publications: the list, one page with its files, its entry in the ledger."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from minping_engine.proof import CHECKPOINT_PATH, FolderStore, inclusion_proof
from minping_web.ballots.models import RoundClosing
from minping_web.ledger.models import Log, StagedEntry
from minping_web.ledger.selectors import entry_bytes, published
from minping_web.ledger.selectors import folder_of as log_folder_of
from minping_web.publications.models import Publication, PublishedFile
from minping_web.publications.rules.words import MADE, PUBLIC
from minping_web.publications.selectors.current import folder_of
from minping_web.snapshots.selectors.register import COUNTED


def public_publications() -> QuerySet[Publication]:
    """All, corrected ones too, newest period first."""
    rows = Publication.objects.select_related("round", "run__scheme", "run__snapshot", "supersedes")
    return rows.order_by("-round__period", "-pk")


def public_publication(publication_id: int) -> Publication:
    """One of them, else 404."""
    return get_object_or_404(public_publications(), pk=publication_id)


def public_files(publication: Publication) -> list[PublishedFile]:
    """Files that anybody may fetch, by path; the manifest first."""
    rows = publication.files.filter(is_public=True)
    return sorted(rows, key=lambda one: (one.sha256 != publication.manifest_sha256, one.path))


def public_file(publication: Publication, name: str) -> PublishedFile:
    """One of them by its public name, else 404."""
    return get_object_or_404(publication.files, path=f"{PUBLIC}/{name}", is_public=True)


def content_of(file: PublishedFile) -> bytes | None:
    """Its bytes; None where it is gone or is not what was published."""
    path = folder_of(file.publication) / file.path
    if not path.is_file():
        return None
    content = path.read_bytes()
    return content if hashlib.sha256(content).hexdigest() == file.sha256 else None


def page_part(publication: Publication, language: str) -> str | None:
    """What was published as the page; None where it is not there unchanged."""
    file = publication.files.filter(path=f"{PUBLIC}/page.{language}.html").first()
    content = content_of(file) if file else None
    return content.decode() if content is not None else None


@dataclass(frozen=True)
class Sealed:
    """Where the ledger holds a publication."""

    index: int
    log: Log
    size: int
    """Entries under the checkpoint that is published now; the entry is below it if it is larger."""
    opened: str
    """The line that `minping verify log --opened` reads."""
    entry: bytes

    @property
    def is_published(self) -> bool:
        """Whether the published checkpoint covers it."""
        return self.index < self.size


def has_count(publication: Publication) -> bool:
    """Whether the count of the round can be looked at here; not where it was held before the product came."""
    return RoundClosing.objects.filter(pk=publication.round_id, state__in=COUNTED).exists()


def entry_of(publication: Publication) -> StagedEntry | None:
    """Its entry, also while it waits for its index."""
    rows = StagedEntry.objects.filter(kind=MADE, is_lost=False, record__publication=publication.pk)
    return rows.select_related("log").order_by("-pk").first()


def sealed_in(publication: Publication) -> Sealed | None:
    """Where it is sealed; None until the entry has its index."""
    entry = entry_of(publication)
    if entry is None or entry.index is None or entry.log is None or entry.nonce is None:
        return None
    opened = {"index": entry.index, "nonce": bytes(entry.nonce).hex(), "record": entry.record}
    line = json.dumps(opened, ensure_ascii=False, sort_keys=True) + "\n"
    content = next(iter(entry_bytes([(entry.kind, entry.step_id, entry.commitment)])))
    return Sealed(entry.index, entry.log, entry.log.published_size, line, content)


def proof_of(publication: Publication) -> dict[str, Any] | None:
    """The proof that the log holds the entry, for who checks without fetching the whole log."""
    found = sealed_in(publication)
    if found is None or not found.is_published:
        return None
    folder = log_folder_of(found.log.number)
    store, checkpoint = FolderStore(folder), published(found.log, folder)
    if checkpoint is None or found.index >= checkpoint.size:
        return None
    proof = inclusion_proof(store, found.index, size=checkpoint.size)
    return {
        "index": found.index,
        "size": checkpoint.size,
        "entry": b64encode(found.entry).decode(),
        "proof": [b64encode(one).decode() for one in proof],
        "checkpoint": (store.read(CHECKPOINT_PATH) or b"").decode(),
    }
