"""A demonstration district with known truth: 鼓楼区's places, invented people, simulated ballots.

And, for every scheme of the library, demonstration evidence (`evidence/`, `run_scheme_demo`).

In: `DemoParameters` and a seed. Out: `District`, sealed quarterly snapshots (`seal_quarter`,
marked synthetic) and the truth beside them (`write_truth`). The published anchors come out of
simulated ballots; nothing is shifted afterwards. Method: docs/method/demo-district.md.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.demo.district import District, make_district
    from minping_engine.demo.evidence import DemoPlan, read_demo_plan, run_scheme_demo, seal_scheme_demo
    from minping_engine.demo.households import HouseholdAnswers, answers_of_households
    from minping_engine.demo.many import seal_many_districts
    from minping_engine.demo.names import invented_names
    from minping_engine.demo.parameters import QUARTERS, DemoParameters
    from minping_engine.demo.snapshots import quarter_tables, seal_quarter
    from minping_engine.demo.truth import write_truth

__all__ = [
    "QUARTERS",
    "DemoParameters",
    "DemoPlan",
    "District",
    "HouseholdAnswers",
    "answers_of_households",
    "invented_names",
    "make_district",
    "quarter_tables",
    "read_demo_plan",
    "run_scheme_demo",
    "seal_many_districts",
    "seal_quarter",
    "seal_scheme_demo",
    "write_truth",
]

__getattr__ = lazy_front(
    __name__,
    {
        "DemoParameters": "parameters",
        "DemoPlan": "evidence",
        "District": "district",
        "HouseholdAnswers": "households",
        "answers_of_households": "households",
        "QUARTERS": "parameters",
        "invented_names": "names",
        "make_district": "district",
        "quarter_tables": "snapshots",
        "read_demo_plan": "evidence",
        "run_scheme_demo": "evidence",
        "seal_many_districts": "many",
        "seal_quarter": "snapshots",
        "seal_scheme_demo": "evidence",
        "write_truth": "truth",
    },
)
