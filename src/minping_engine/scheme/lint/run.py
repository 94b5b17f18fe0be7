"""All findings of a scheme, errors first."""

from __future__ import annotations

from minping_engine.errors import Place, Problem, Severity
from minping_engine.scheme.lint.basis import basis_findings
from minping_engine.scheme.lint.feeds import feed_findings
from minping_engine.scheme.lint.folder import folder_findings
from minping_engine.scheme.lint.grades import grade_findings
from minping_engine.scheme.lint.process import process_findings
from minping_engine.scheme.lint.survey import survey_findings
from minping_engine.scheme.lint.words import word_findings
from minping_engine.scheme.load import LoadedScheme


def _disabled(loaded: LoadedScheme) -> list[Problem]:
    """Why it does not run; what would have to be filled in is of no interest then."""
    disabled = loaded.scheme.disabled
    assert disabled is not None
    params: dict[str, object] = {
        "id": loaded.scheme.id,
        "rule": disabled.rule,
        "why": disabled.why.zh,
        "why_en": disabled.why.en,
    }
    return [Problem("scheme.disabled", Place(file="scheme.yaml", key="disabled"), params, Severity.WARNING)]


def lint_scheme(loaded: LoadedScheme) -> tuple[Problem, ...]:
    """Warnings of loading and findings of the linter."""
    scheme = loaded.scheme
    found = [
        *survey_findings(scheme),
        *basis_findings(scheme),
        *grade_findings(scheme, loaded.rules),
        *word_findings(loaded),
        *process_findings(scheme),
        *feed_findings(loaded),
        *folder_findings(loaded),
        *(_disabled(loaded) if scheme.disabled else loaded.warnings),
    ]
    return tuple(sorted(found, key=lambda problem: problem.severity is not Severity.ERROR))
