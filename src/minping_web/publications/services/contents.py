"""What stands in a publication: bulletin, open data, papers of offices, from the files of a run.

In: a run that is done, the publication it corrects. Out: files in a draft folder, `public/` for everybody and
`office/` for offices, and what the page has to say. Nothing here decides who may see what: no file below
`public/` knows a person (G1), for bulletin and open data begin at the community.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from minping_engine.assessment import Result, read_result
from minping_engine.errors import RefusedError as EngineRefusal
from minping_engine.insight import count_themes
from minping_engine.reporting import (
    OpenDataRound,
    build_bulletin,
    telling_places,
    write_bulletin,
    write_cards,
    write_open_data,
)
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import Snapshot, json_sha256, open_snapshot
from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.selectors.runs import PAPERS
from minping_web.assessments.selectors.runs import folder_of as result_folder_of
from minping_web.common.problems import RefusedError
from minping_web.jobs.rules import Progress
from minping_web.publications.rules.words import LANGUAGES, OFFICE, PUBLIC
from minping_web.schemes.selectors.versions import loaded
from minping_web.snapshots.selectors.register import folder_of as snapshot_folder_of

OPEN_DATA = "open-data"
CARDS = "cards"
OFFICE_PAPERS = tuple(name for name in PAPERS if name != "bulletin.html")
DIFFERENCING = "disclosure.differencing"
UNCHECKED = ("disclosure.unchecked", "disclosure.unsafe")
"""Too few answers to make sure, within the limit of work, that no hidden number can be worked out."""
PROCESSES = 2


@dataclass(frozen=True)
class Opened:
    """A run with all that the engine's writers want."""

    run: AssessmentRun
    result: Result
    scheme: LoadedScheme
    snapshot: Snapshot

    @property
    def has_bulletin(self) -> bool:
        """Whether residents were asked and ballots alone make the score: only then there are means."""
        scheme = self.scheme.scheme
        return not scheme.has_tree and bool(scheme.instruments) and bool(self.snapshot.parts)

    @property
    def has_open_data(self) -> bool:
        """Whether any questionnaire of the scheme has ballots."""
        there = {part.instrument for part in self.snapshot.parts}
        return any(form.key in there for form in self.scheme.scheme.instruments)


def opened(run: AssessmentRun) -> Opened:
    """Read and check the files of a run. Raises `RefusedError` where they are gone or not those."""
    folder, sealed = result_folder_of(run), snapshot_folder_of(run.snapshot)
    if not (folder / "result.json").is_file() or not sealed.is_dir():
        raise RefusedError.of("publications.files_gone", round=run.round.name)
    result, snapshot = read_result(folder), open_snapshot(sealed)
    if json_sha256(result.head) != run.result_sha256 or snapshot.sha256 != run.snapshot.sha256:
        raise RefusedError.of("publications.other_hash", round=run.round.name)
    return Opened(run, result, loaded(run.scheme, demo=settings.DEMO), snapshot)


def left_out_of(found: Opened, former: Sequence[Opened]) -> frozenset[str]:
    """Places that a correction must not show: beside an earlier release they would tell somebody's score."""
    told = (telling_places(one.result, found.result, found.scheme, found.snapshot) for one in former)
    return frozenset[str]().union(*told)


def write_bulletins(
    found: Opened, folder: Path, left_out: frozenset[str] = frozenset()
) -> dict[str, dict[str, Any]]:
    """The bulletin as a page and as data, in each language; the data by language, empty without ballots."""
    if not found.has_bulletin:
        return {}
    told = {}
    for language in LANGUAGES:
        made = build_bulletin(found.result, found.scheme, found.snapshot, language, left_out)
        told[language] = {name: value for name, value in asdict(made).items() if name != "words"}
        told[language]["words"] = {name: made.words[name] for name in ("hidden", "place")}
        _write_json(told[language], folder / PUBLIC / f"bulletin.{language}.json")
        page = folder / PUBLIC / f"bulletin.{language}.html"
        write_bulletin(found.result, found.scheme, found.snapshot, page, language=language, left_out=left_out)
    return told


def comments_of(found: Opened) -> list[str]:
    """Redacted comments of the round."""
    tables = {file["path"] for file in found.snapshot.manifest["files"]}
    if "comments.parquet" not in tables:
        return []
    return [str(text) for text in found.snapshot.table("comments")["text"].to_pylist()]


def themes_told(found: Opened, former: Sequence[Opened], language: str) -> list[tuple[str, int]]:
    """(theme, comments) of the whole round, most first; what fewer wrote of is left out.

    In a correction also what differs by fewer from a release that is public: the difference would tell what
    those few wrote of in the place that is left out.
    """
    fewest = found.scheme.disclosure.comments_from
    before = [dict(count_themes(comments_of(one), fewest=1)) for one in former]
    counted = count_themes(comments_of(found), fewest=fewest)
    return [
        (theme.title(language), n)
        for theme, n in counted
        if all(tells_no_few(n, one.get(theme, 0), fewest) for one in before)
    ]


def tells_no_few(now: int, before: int, fewest: int) -> bool:
    """Whether two counts that are both public differ by nothing or by many."""
    return now == before or abs(now - before) >= fewest


def write_open_tables(found: Opened, former: Sequence[Opened], left_out: frozenset[str], folder: Path) -> str:
    """Open data; "written", "none" where nobody was asked, "withheld" or "unchecked" where not let out.

    `former`: releases with tables that are public, newest first. The new tables are protected beside all of
    them; where hiding every number that changed is not enough the correction goes out without tables
    ("withheld"). So does a round of which it could not be made sure that no hidden number can be worked out
    ("unchecked").
    """
    if not found.has_open_data:
        return "none"
    home = folder / PUBLIC / OPEN_DATA
    here = OpenDataRound(found.result, found.scheme, found.snapshot, left_out)
    try:
        write_open_data(here, home, earlier=[_round(one) for one in reversed(former)])
    except EngineRefusal as refused:
        codes = {problem.code for problem in refused.problems}
        if not codes <= {DIFFERENCING, *UNCHECKED}:
            raise
        shutil.rmtree(home, ignore_errors=True)
        return "withheld" if DIFFERENCING in codes else "unchecked"
    return "written"


def _round(found: Opened) -> OpenDataRound:
    return OpenDataRound(found.result, found.scheme, found.snapshot)


def write_office_papers(found: Opened, folder: Path) -> None:
    """Workbooks and pages that the run made, for offices."""
    home = folder / OFFICE
    home.mkdir(parents=True, exist_ok=True)
    for name in OFFICE_PAPERS:
        paper = result_folder_of(found.run) / name
        if paper.is_file():
            shutil.copyfile(paper, home / name)


def write_office_cards(found: Opened, folder: Path, progress: Progress) -> int:
    """Report cards as PDF, single and by community, for offices and for who is on them; how many."""
    if not found.has_bulletin:
        return 0
    home = folder / OFFICE / CARDS
    return write_cards(
        found.result, found.scheme, found.snapshot, home, processes=PROCESSES,
        on_progress=lambda done, total: progress(done, total),
    )  # fmt: skip


def _write_json(data: dict[str, Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1)
    path.write_text(f"{text}\n", "utf-8", newline="\n")
