"""Open data: what residents answered, by place, question, class and mode, safe to give away (S28, D12).

In: a result and its snapshot. Out: a folder of CSV and Parquet files with `datapackage.json` and a README
in two languages that says what is hidden and why. No person, no ranking (G1): the smallest place is the
community, and only where enough people are assessed in it. What must be hidden decides `disclosure`.
"""

from minping_engine.reporting.open_data.rounds import OpenDataRound
from minping_engine.reporting.open_data.write import OpenDataReport, write_open_data

__all__ = ["OpenDataReport", "OpenDataRound", "write_open_data"]
