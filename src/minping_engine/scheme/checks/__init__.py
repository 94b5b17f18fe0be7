"""What the structure of a scheme alone cannot show: ids, references, sums, units (errors at load time).

In: a scheme of the right shape and the values it uses. Out: problems with places. Guard rules and
advice are the linter's (`lint`); here stands only what makes a scheme impossible to run.
"""

from minping_engine.scheme.checks.run import scheme_faults
from minping_engine.scheme.checks.values import value_faults

__all__ = ["scheme_faults", "value_faults"]
