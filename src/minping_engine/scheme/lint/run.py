"""All findings of a scheme, errors first."""

from __future__ import annotations

from minping_engine.errors import Problem, Severity
from minping_engine.scheme.lint.basis import basis_findings
from minping_engine.scheme.lint.feeds import feed_findings
from minping_engine.scheme.lint.folder import folder_findings
from minping_engine.scheme.lint.grades import grade_findings
from minping_engine.scheme.lint.process import process_findings
from minping_engine.scheme.lint.survey import survey_findings
from minping_engine.scheme.load import LoadedScheme


def lint_scheme(loaded: LoadedScheme) -> tuple[Problem, ...]:
    """Warnings of loading and findings of the linter."""
    scheme = loaded.scheme
    found = [
        *survey_findings(scheme),
        *basis_findings(scheme),
        *grade_findings(scheme, loaded.rules),
        *process_findings(scheme),
        *feed_findings(loaded),
        *folder_findings(loaded),
        *loaded.warnings,
    ]
    return tuple(sorted(found, key=lambda problem: problem.severity is not Severity.ERROR))
