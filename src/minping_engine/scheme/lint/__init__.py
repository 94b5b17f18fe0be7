"""The linter: what makes a scheme that runs unfair, unlawful or unfit for publication.

In: a loaded scheme (and its folder). Out: findings with code, place and remedy, all at once. Guard rules
are those of design.md 4 and 9; what makes a scheme impossible to run is found when it is loaded.
"""

from minping_engine.scheme.lint.run import lint_scheme
from minping_engine.scheme.lint.survey import item_findings

__all__ = ["item_findings", "lint_scheme"]
