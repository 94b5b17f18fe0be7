"""Demonstration evidence for any scheme: facts, marks, cases, visits and ballots as `demo.yaml` says.

In: a loaded scheme (with demo values), the `demo.yaml` beside it, a seed. Out: the sealed snapshot of
each period (`seal_scheme_demo`), or the whole demonstration with its results (`run_scheme_demo`).
Places are those of the demonstration district; everything else is invented and says so.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.demo.evidence.plan import DemoPlan
    from minping_engine.demo.evidence.reading import read_demo_plan
    from minping_engine.demo.evidence.run import run_scheme_demo
    from minping_engine.demo.evidence.seal import seal_scheme_demo

__all__ = ["DemoPlan", "read_demo_plan", "run_scheme_demo", "seal_scheme_demo"]

__getattr__ = lazy_front(
    __name__,
    {
        "DemoPlan": "plan",
        "read_demo_plan": "reading",
        "run_scheme_demo": "run",
        "seal_scheme_demo": "seal",
    },
)
