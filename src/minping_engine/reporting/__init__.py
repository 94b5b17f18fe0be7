"""From a result to what people read: report cards, workbook, bulletin, fairness page.

In: `Result`, `LoadedScheme`, `Snapshot`. Out: PDF cards (one page each, and merged by community),
`report.xlsx` and `fairness.html` for offices, `bulletin.html` for residents. Nothing here decides: numbers
come from the result, words from the scheme and the files in `texts/`. Equal input gives equal bytes.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.reporting.bulletin import write_bulletin
    from minping_engine.reporting.fairness import write_fairness
    from minping_engine.reporting.fonts import FontFolders, font_folders
    from minping_engine.reporting.outcomes import write_outcome_book, write_outcome_page
    from minping_engine.reporting.workbook import write_workbook
    from minping_engine.reporting.write import write_cards

__all__ = [
    "FontFolders",
    "font_folders",
    "write_bulletin",
    "write_cards",
    "write_fairness",
    "write_outcome_book",
    "write_outcome_page",
    "write_workbook",
]

__getattr__ = lazy_front(
    __name__,
    {
        "FontFolders": "fonts",
        "font_folders": "fonts",
        "write_bulletin": "bulletin",
        "write_cards": "write",
        "write_fairness": "fairness",
        "write_outcome_book": "outcomes",
        "write_outcome_page": "outcomes",
        "write_workbook": "workbook",
    },
)
