"""The register of frozen versions, and a frozen version as the engine reads it."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import yaml
from django.conf import settings
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from minping_engine.errors import Place
from minping_engine.scheme import Disclosure, LoadedScheme, load_scheme
from minping_engine.snapshot import json_sha256
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.schemes.models import SchemeVersion
from minping_web.schemes.rules import DISCLOSURE
from minping_web.schemes.selectors.library import VIEW

PACKAGES = "scheme-packages"


def scheme_versions(scope: Scope, *, search: str = "", pilot: bool | None = None) -> QuerySet[SchemeVersion]:
    """Frozen versions, newest first, without their files; none without the right to see schemes."""
    if not scope.may(VIEW):
        return SchemeVersion.objects.none()
    rows = SchemeVersion.objects.select_related("frozen_by").defer("files")
    if search:
        named = Q(scheme_id__icontains=search) | Q(title_zh__icontains=search)
        rows = rows.filter(named | Q(title_en__icontains=search) | Q(version__icontains=search))
    return rows if pilot is None else rows.filter(pilot=pilot)


def frozen_last(scheme_id: str, version: str) -> SchemeVersion | None:
    """What this version was frozen as last: freezing it again, unchanged, gives the same row."""
    rows = SchemeVersion.objects.filter(scheme_id=scheme_id, version=version).defer("files")
    return rows.order_by("-revision").first()


def version_of(scope: Scope, version_id: int) -> SchemeVersion:
    """One frozen version with its files, else 404."""
    return get_object_or_404(scheme_versions(scope).defer(None), pk=version_id)


def loaded(version: SchemeVersion, *, demo: bool = False) -> LoadedScheme:
    """The frozen scheme as the engine reads it, from its own files and not from the library of today.

    `demo` fills what nobody published. Raises `RefusedError` where the rules that this program reads from
    the files are not those that were frozen.
    """
    return _loaded(version.sha256, version.content_sha256, demo)


@lru_cache(maxsize=64)
def _loaded(sha256: str, content_sha256: str, demo: bool) -> LoadedScheme:
    version = SchemeVersion.objects.get(sha256=sha256)
    scheme = frozen_scheme(version.scheme_id, version.files, version.values, demo=demo)
    if not demo and json_sha256(scheme.content) != content_sha256:
        raise RefusedError.of("schemes.reads_differently", Place(key=version.key))
    return scheme


def frozen_scheme(
    scheme_id: str, files: dict[str, str], values: dict[str, object], *, demo: bool = False
) -> LoadedScheme:
    """Load a package: its files lie unpacked in the data folder, under a name made of their content."""
    folder = _unpacked(scheme_id, files)
    scheme = load_scheme(folder, values=values, demo=demo)
    return replace(scheme, disclosure=_disclosure(files[DISCLOSURE]))


def _disclosure(text: str) -> Disclosure:
    """The frozen thresholds; the engine itself reads those of the library of today."""
    given = yaml.safe_load(text)["values"]
    return Disclosure(**{name: given[name]["value"] for name in Disclosure.__dataclass_fields__})


def _unpacked(scheme_id: str, files: dict[str, str]) -> Path:
    home = Path(settings.DATA_FOLDER) / PACKAGES
    target = home / f"{scheme_id}-{json_sha256(files)[:32]}"
    if not target.is_dir():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as made:
            whole = Path(made) / "package"
            for path, text in files.items():
                (whole / path).parent.mkdir(parents=True, exist_ok=True)
                (whole / path).write_text(text, "utf-8")
            try:
                os.rename(whole, target)
            except OSError:  # another process was quicker
                if not target.is_dir():
                    raise
    return target
