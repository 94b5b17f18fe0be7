"""The folder of a publication: drafted, listed with hashes, then durable under its own name.

In: a run, the publication that it corrects, the order. Out: `Made`. A folder has its name only when all its
bytes are on disk; what a killed try left behind is removed by the next one. `publication.json` names every
public file; files of offices are named with a salt in `office.json`, since a hash of somebody's card must
not stand in anything that is public for ever.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation

from minping_engine.reporting import code_picture, paper_code
from minping_engine.snapshot import file_sha256
from minping_web.common.clock import now
from minping_web.jobs.rules import Progress
from minping_web.objections.selectors import counts as objection_counts
from minping_web.publications.models import Publication, PublicationOrder
from minping_web.publications.rules.difference import changes
from minping_web.publications.rules.words import (
    LANGUAGES,
    MANIFEST,
    OFFICE,
    OFFICE_MANIFEST,
    PUBLIC,
)
from minping_web.publications.selectors.current import FOLDER, earlier_of, folder_of
from minping_web.publications.selectors.told import told_counts
from minping_web.publications.services.contents import (
    Opened,
    comments_of,
    left_out_of,
    opened,
    tells_no_few,
    themes_told,
    write_bulletins,
    write_office_cards,
    write_office_papers,
    write_open_tables,
)
from minping_web.publications.services.pages import write_pages
from minping_web.publications.services.subjects import public_subjects
from minping_web.rounds.services.inviting import site_address
from minping_web.snapshots.services.writing import put_durably

SALT_BYTES = 32
CHECK_PATH = "/published/check/"
Listed = tuple[str, str, int]
"""(path, SHA-256, bytes)"""


@dataclass(frozen=True)
class Made:
    """A durable folder and what is to be sealed of it."""

    folder: Path
    manifest_sha256: str
    code: str
    facts: dict[str, Any]
    files: tuple[Listed, ...]


def publications_folder() -> Path:
    """Where publications lie: below the data folder."""
    return Path(settings.DATA_FOLDER) / FOLDER


def make_folder(order: PublicationOrder, former: Publication | None, progress: Progress) -> Made:
    """Write everything; the folder's name tells the hash of its manifest."""
    found = opened(order.run)
    remove_partial(order.run_id)
    draft = publications_folder() / f".run-{order.run_id}-{secrets.token_hex(6)}"
    draft.mkdir(parents=True, mode=0o700)
    facts = _written(found, order, former, draft)
    if order.with_cards:
        write_office_cards(found, draft, progress)
    code = publication_code(found, former)
    _list_office_files(draft)
    manifest = _manifest(found, order, former, facts, code, draft)
    _put_json(manifest, draft / PUBLIC / MANIFEST)
    sha256 = file_sha256(draft / PUBLIC / MANIFEST)
    folder = publications_folder() / f"run-{order.run_id}-{sha256[:12]}"
    files = tuple(_listed(draft, draft))
    put_durably(draft, folder)
    return Made(folder, sha256, code, facts, files)


def remove_partial(run_id: int) -> int:
    """Folders of this run that never became a publication; how many. A registered one stays."""
    registered = set(Publication.objects.filter(run=run_id).values_list("folder", flat=True))
    home, count = publications_folder(), 0
    for path in (*home.glob(f".run-{run_id}-*"), *home.glob(f"run-{run_id}-*")):
        if path.name not in registered:
            shutil.rmtree(path, ignore_errors=True)
            count += 1
    return count


def publication_code(found: Opened, former: Publication | None) -> str:
    """What is printed on the page: it stands for the result and for what the publication corrects."""
    return paper_code(
        {"result": found.run.result_sha256, "round": found.run.round_id,
         "corrects": former.manifest_sha256 if former else ""}
    )  # fmt: skip


def _written(
    found: Opened, order: PublicationOrder, former: Publication | None, draft: Path
) -> dict[str, Any]:
    """Files but for cards and lists; gives the counts that the public sees."""
    before = {one: opened(one.run) for one in earlier_of(former)}
    left_out = left_out_of(found, list(before.values()))
    bulletins = write_bulletins(found, draft, left_out)
    with_tables = [files for one, files in before.items() if one.facts.get("open_data") == "written"]
    facts = _facts(found, write_open_tables(found, with_tables, left_out, draft), list(before.values()))
    write_office_papers(found, draft)
    told = {
        language: {
            "bulletin": bulletins.get(language),
            "subjects": public_subjects(found, language),
            "changes": _changes(former, language, bulletins.get(language)),
            "counts": facts["told"][language],
            "themes": themes_told(found, list(before.values()), language),
        }
        for language in LANGUAGES
    }
    code = publication_code(found, former)
    shared = {
        "run": found.run, "round": found.run.round, "scheme": found.scheme.scheme, "facts": facts,
        "former": former, "left_out": len(left_out), "reason": order.reason, "code": code,
        "qr": code_picture(f"{site_address()}{CHECK_PATH}?code={code}"),
        "synthetic": bool(found.snapshot.manifest.get("synthetic")),
    }  # fmt: skip
    write_pages(draft, told, shared)
    return facts


def _facts(found: Opened, open_data: str, former: Sequence[Opened]) -> dict[str, Any]:
    counts = found.result.head["counts"]
    names = ("assessees", "assessed", "not_assessed", "ballots_counted", "drawn")
    comments, fewest = len(comments_of(found)), found.scheme.disclosure.comments_from
    is_told = all(tells_no_few(comments, len(comments_of(one)), fewest) for one in former)
    counted = objection_counts(found.run)
    return {
        **{name: counts.get(name) for name in names},
        "comments": comments if comments >= fewest and is_told else None,
        "open_data": open_data,
        "objections": counted,
        "told": {language: _told(counted, language) for language in LANGUAGES},
    }


def _told(counted: dict[str, Any], language: str) -> list[tuple[str, int]]:
    with translation.override(LANGUAGES[language]):
        return told_counts(counted)


def _changes(
    former: Publication | None, language: str, bulletin: dict[str, Any] | None
) -> list[dict[str, str]]:
    """What the correction changed; empty for the first publication of a round."""
    if former is None or bulletin is None:
        return []
    file = folder_of(former) / PUBLIC / f"bulletin.{language}.json"
    if not file.is_file():
        return []
    return [vars(one) for one in changes(json.loads(file.read_text("utf-8")), bulletin)]


def _list_office_files(draft: Path) -> None:
    """`office.json`: what lies beside it, with a salt, so that its hash tells nobody anything."""
    home = draft / OFFICE
    home.mkdir(exist_ok=True)
    files = [{"path": path, "sha256": sha256, "bytes": size} for path, sha256, size in _listed(home, home)]
    _put_json({"salt": secrets.token_hex(SALT_BYTES), "files": files}, home / OFFICE_MANIFEST)


def _manifest(
    found: Opened, order: PublicationOrder, former: Publication | None, facts: dict[str, Any], code: str,
    draft: Path,
) -> dict[str, Any]:  # fmt: skip
    run = found.run
    public = [
        {"path": path, "sha256": sha256, "bytes": size}
        for path, sha256, size in _listed(draft / PUBLIC, draft / PUBLIC)
    ]
    corrects = {"manifest_sha256": former.manifest_sha256, "reason": order.reason} if former else None
    return {
        "minping_publication": 1,
        "round": {"number": run.round_id, "name": run.round.name, "period": run.round.period},
        "scheme": {"key": run.scheme.key, "sha256": run.scheme.sha256},
        "snapshot_sha256": run.snapshot.sha256,
        "result_sha256": run.result_sha256,
        "fingerprints": found.result.head["fingerprints"],
        "made_at": now().isoformat(timespec="seconds"),
        "code": code,
        "corrects": corrects,
        "facts": facts,
        "files": public,
        "office_sha256": file_sha256(draft / OFFICE / OFFICE_MANIFEST),
    }


def _listed(folder: Path, base: Path) -> list[Listed]:
    """All files below, by path."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(path.relative_to(base).as_posix(), file_sha256(path), path.stat().st_size) for path in paths]


def _put_json(data: dict[str, Any], path: Path) -> None:
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1)
    path.write_text(f"{text}\n", "utf-8", newline="\n")
