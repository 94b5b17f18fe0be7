"""The comprehensive report of a place (S28): one description, shown as a page and set as a Word file.

In: result, scheme, snapshot, a street or the district; open data where the results by class are wanted. Out:
`PlaceReport`, chapters of texts, tables and pictures; `write_place_report_docx` sets it in the form of
official papers. No person stands in it (G1); what the bulletin hides is hidden here too.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.reporting.place_report.build import make_place_report
    from minping_engine.reporting.place_report.desk import ClassTables
    from minping_engine.reporting.place_report.model import PlaceReport
    from minping_engine.reporting.place_report.word import write_place_report_docx

__all__ = ["ClassTables", "PlaceReport", "make_place_report", "write_place_report_docx"]

__getattr__ = lazy_front(
    __name__,
    {
        "ClassTables": "desk",
        "PlaceReport": "model",
        "make_place_report": "build",
        "write_place_report_docx": "word",
    },
)
