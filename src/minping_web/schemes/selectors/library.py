"""The library as it lies on this machine: every scheme loaded, or what is wrong with it.

Loading takes some milliseconds each; a scheme is read again only when a file of it changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.http import Http404
from django.utils.translation import get_language

from minping_engine.errors import Problem, SchemeError
from minping_engine.scheme import (
    LoadedScheme,
    Manual,
    describe_scheme,
    library_folder,
    lint_scheme,
    load_scheme,
    scheme_ids,
)
from minping_engine.terms import label
from minping_web.common.scope import Scope
from minping_web.schemes.rules import DISCLOSURE, SCHEME_FILE, SUFFIXES

VIEW, FREEZE = "schemes.view", "schemes.freeze"


@dataclass(frozen=True)
class Entry:
    """One scheme of the library; `loaded` is missing where its files have faults."""

    id: str
    loaded: LoadedScheme | None
    problems: tuple[Problem, ...] = field(default=())

    @property
    def title(self) -> str:
        """In the language of the page."""
        return self.loaded.scheme.title.of(page_language()) if self.loaded else self.id

    @property
    def assessee(self) -> str:
        """Who is assessed, in words."""
        return label(self.loaded.scheme.assessee_kind, page_language()) if self.loaded else ""

    @property
    def period(self) -> str:
        """How long a period is, in words."""
        return label(self.loaded.scheme.period.kind, page_language()) if self.loaded else ""

    @property
    def state(self) -> str:
        """`broken`, `disabled`, `example`, `unfilled` or `ready`."""
        if self.loaded is None:
            return "broken"
        if self.loaded.scheme.disabled:
            return "disabled"
        if self.loaded.unfilled:
            return "unfilled"
        return "ready"

    @property
    def manual(self) -> Manual | None:
        """The five parts in words (S18)."""
        return describe_scheme(self.loaded, page_language()) if self.loaded else None

    @property
    def findings(self) -> tuple[Problem, ...]:
        """What the linter says."""
        return lint_scheme(self.loaded) if self.loaded else self.problems


def page_language() -> str:
    """`zh` or `en`: the languages of schemes."""
    return "en" if (get_language() or "zh").startswith("en") else "zh"


def library(scope: Scope, *, search: str = "", kind: str = "", state: str = "") -> list[Entry]:
    """Schemes of the library, narrowed; none without the right to see schemes."""
    if not scope.may(VIEW):
        return []
    entries: Iterable[Entry] = (_entry(scheme_id, _stamp(scheme_id)) for scheme_id in scheme_ids())
    wanted = search.strip().casefold()
    return [entry for entry in entries if _fits(entry, wanted, kind, state)]


def _fits(entry: Entry, wanted: str, kind: str, state: str) -> bool:
    scheme = entry.loaded.scheme if entry.loaded else None
    words = f"{entry.id} {scheme.title.zh} {scheme.title.en}" if scheme else entry.id
    if wanted not in words.casefold():
        return False
    if kind and (scheme is None or scheme.assessee_kind.value != kind):
        return False
    if state == "questionnaire":
        return bool(scheme and scheme.instruments)
    return not state or entry.state == state


def entry_of(scope: Scope, scheme_id: str) -> Entry:
    """One scheme of the library, else 404."""
    if not scope.may(VIEW) or scheme_id not in scheme_ids():
        raise Http404(scheme_id)
    return _entry(scheme_id, _stamp(scheme_id))


def in_library(scheme_id: str) -> bool:
    """Whether the library of today still has it."""
    return scheme_id in scheme_ids()


def scheme_called(scheme_id: str) -> str:
    """Its title in the language of the page; the id of a scheme that the library does not have."""
    return _entry(scheme_id, _stamp(scheme_id)).title if scheme_id in scheme_ids() else scheme_id


def _stamp(scheme_id: str) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file of the scheme or the thresholds change."""
    folder = library_folder()
    paths = [*_paths(folder / scheme_id), folder / DISCLOSURE]
    states = ((path, path.stat()) for path in paths if path.is_file())
    return tuple((str(path), state.st_mtime_ns, state.st_size) for path, state in states)


@lru_cache(maxsize=256)
def _entry(scheme_id: str, stamp: tuple[tuple[str, int, int], ...]) -> Entry:
    try:
        return Entry(scheme_id, load_scheme(scheme_id))
    except SchemeError as error:
        return Entry(scheme_id, None, tuple(error.problems))


def _paths(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())


def package_of(scheme_id: str) -> dict[str, str]:
    """Every file of a scheme's folder by its path in it, and the thresholds; what is frozen."""
    folder = library_folder() / scheme_id
    if not (folder / SCHEME_FILE).is_file():
        raise Http404(scheme_id)
    files = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in _paths(folder)}
    files[DISCLOSURE] = (library_folder() / DISCLOSURE).read_text("utf-8")
    return files
