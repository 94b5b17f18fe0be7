"""Faults of grades and of what is counted over periods; and vetoes, cards, uses that name them."""

from __future__ import annotations

from minping_engine.errors import Place, Problem, Severity
from minping_engine.scheme.checks.finding import Faults, twice
from minping_engine.scheme.model import Band, Scheme


def grading_faults(scheme: Scheme) -> Faults:
    """All of them."""
    grading, found = scheme.grading, Faults()
    if sum(part is not None for part in (grading.bands, grading.chances, grading.quota)) > 1:
        found.told(
            "grading",
            "`bands`、`chances`、`quota` 只能写一种",
            "give only one of `bands`, `chances`, `quota`",
        )
    if grading.chances and grading.chances.support_below > grading.chances.excellent_from:
        low, high = grading.chances.support_below / 1000, grading.chances.excellent_from / 1000
        found.told(
            "grading.chances",
            f"`support_below`（{low:g}）不能高于 `excellent_from`（{high:g}）",
            f"`support_below` ({low:g}) must not be above `excellent_from` ({high:g})",
        )
    if grading.quota and grading.quota.most_false_percent is None:
        place = Place(file="scheme.yaml", key="grading.quota")
        found.append(Problem("scheme.quota_without_limit", place, severity=Severity.WARNING))
    if scheme.has_tree and (grading.chances or grading.quota):
        found.told(
            "grading",
            "由指标得出的分数用 `bands` 和 `limits` 评等次",
            "a score made of indicators is graded by `bands` and `limits`",
        )
    for key, bands in band_lists(scheme).items():
        _band_faults(key, bands, found)
    _reference_faults(scheme, found)
    for count in scheme.over_periods:
        if (count.window == "periods") != (count.periods is not None):
            found.told(
                f"over_periods.{count.id}",
                "`window: periods` 与期数 `periods` 要一起写",
                "`window: periods` and a number of `periods` go together",
            )
    return found


def band_lists(scheme: Scheme) -> dict[str, tuple[Band, ...]]:
    """Lists of bands by the key under which they stand."""
    bands = scheme.grading.bands
    if bands is None:
        return {}
    if isinstance(bands, tuple):
        return {"grading.bands": bands}
    return {f"grading.bands.{name}": listed for name, listed in bands.items()}


CHANCE_GRADES = ("excellent", "middle", "needs_support")
"""Grades by chance, best first (grades.md); a quota gives the first two."""


def grade_names(scheme: Scheme) -> tuple[str, ...]:
    """Grades that the scheme can give, best first, each once; none where it gives none."""
    if scheme.grading.chances:
        return CHANCE_GRADES
    if scheme.grading.quota:
        return CHANCE_GRADES[:2]
    rows = [band for bands in band_lists(scheme).values() for band in bands]
    return tuple(dict.fromkeys(band.grade for band in sorted(rows, key=lambda band: -band.from_points)))


def _band_faults(key: str, bands: tuple[Band, ...], found: Faults) -> None:
    listed = [band.from_points for band in bands]
    starts = sorted(listed)
    if listed != starts[::-1]:
        found.of("scheme.bands_out_of_order", key, grades=", ".join(band.grade for band in bands))
    if not bands:
        found.told(key, "没有等次分档", "there are no bands")
    if len(set(starts)) < len(starts):
        found.told(key, "有两档从同一分数起", "two bands start at the same points")
    if starts and starts[0] > 0:
        found.told(
            key,
            "最低一档要从 0 分起，使每人都有等次",
            "the lowest band starts at 0, so that everybody has a grade",
        )
    for name in twice(band.grade for band in bands):
        found.told(key, f"等次 {name} 出现两次", f"grade {name} stands twice")


def _reference_faults(scheme: Scheme, found: Faults) -> None:
    """Grades and uses that other parts name."""
    known, uses = grade_names(scheme), [use.id for use in scheme.use]
    named = [(f"grading.limits.{limit.grade}", limit.grade) for limit in scheme.grading.limits]
    named += [(f"vetoes.{veto.id}.grade_at_most", veto.grade_at_most or "") for veto in scheme.vetoes]
    for use in scheme.use:
        grades = (use.money.by_grade or {}) if use.money else {}
        named += [(f"use.{use.id}.money.by_grade", grade) for grade in grades]
    for key, grade in named:
        if grade and grade not in known:
            found.of("scheme.unknown_id", key, name=grade, known=", ".join(known) or "-")
    for veto in scheme.vetoes:
        for name in sorted(set(veto.bars) - set(uses)):
            found.of("scheme.unknown_id", f"vetoes.{veto.id}.bars", name=name, known=", ".join(uses) or "-")
