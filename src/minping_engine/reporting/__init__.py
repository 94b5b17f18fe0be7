"""From a result to what people read: report cards, workbook, bulletin, fairness page.

In: `Result`, `LoadedScheme`, `Snapshot`. Out: PDF cards (one page each, and merged by community),
`report.xlsx` and `fairness.html` for offices, `bulletin.html` for residents, open data, and papers
over several periods with a code that can be checked. Nothing here decides: numbers
come from the result, words from the scheme and the files in `texts/`. Equal input gives equal bytes.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.reporting.bulletin import build_bulletin, write_bulletin
    from minping_engine.reporting.card_model import CardData
    from minping_engine.reporting.cards import CardDesk, open_card_desk
    from minping_engine.reporting.corrections import telling_places
    from minping_engine.reporting.explanation import ExplainedTable, Explanation, explain_score, grade_titles
    from minping_engine.reporting.fairness import write_fairness
    from minping_engine.reporting.fonts import FontFolders, font_folders
    from minping_engine.reporting.open_data import OpenDataReport, OpenDataRound, write_open_data
    from minping_engine.reporting.outcomes import write_outcome_book, write_outcome_page
    from minping_engine.reporting.papers import (
        CheckedPaper,
        PaperSpan,
        SpanKind,
        code_picture,
        find_paper,
        make_span,
        paper_code,
        read_code,
        write_annual_cards,
        write_period_report,
    )
    from minping_engine.reporting.place_report import (
        ClassTables,
        PlaceReport,
        make_place_report,
        write_place_report_docx,
    )
    from minping_engine.reporting.protocol_paper import ProtocolSheet, SheetTable, protocol_pdf
    from minping_engine.reporting.round_papers import write_papers
    from minping_engine.reporting.workbook import write_workbook
    from minping_engine.reporting.write import write_cards

__all__ = [
    "CardData",
    "CardDesk",
    "CheckedPaper",
    "ClassTables",
    "ExplainedTable",
    "Explanation",
    "FontFolders",
    "OpenDataReport",
    "OpenDataRound",
    "PaperSpan",
    "PlaceReport",
    "ProtocolSheet",
    "SheetTable",
    "SpanKind",
    "build_bulletin",
    "code_picture",
    "explain_score",
    "find_paper",
    "font_folders",
    "grade_titles",
    "make_place_report",
    "make_span",
    "open_card_desk",
    "paper_code",
    "protocol_pdf",
    "read_code",
    "telling_places",
    "write_annual_cards",
    "write_bulletin",
    "write_cards",
    "write_fairness",
    "write_open_data",
    "write_outcome_book",
    "write_outcome_page",
    "write_papers",
    "write_period_report",
    "write_place_report_docx",
    "write_workbook",
]

__getattr__ = lazy_front(
    __name__,
    {
        "CardData": "card_model",
        "CardDesk": "cards",
        "CheckedPaper": "papers",
        "ClassTables": "place_report",
        "ExplainedTable": "explanation",
        "Explanation": "explanation",
        "FontFolders": "fonts",
        "OpenDataReport": "open_data",
        "OpenDataRound": "open_data",
        "PaperSpan": "papers",
        "PlaceReport": "place_report",
        "ProtocolSheet": "protocol_paper",
        "SheetTable": "protocol_paper",
        "SpanKind": "papers",
        "build_bulletin": "bulletin",
        "code_picture": "papers",
        "explain_score": "explanation",
        "find_paper": "papers",
        "font_folders": "fonts",
        "grade_titles": "explanation",
        "make_place_report": "place_report",
        "make_span": "papers",
        "open_card_desk": "cards",
        "paper_code": "papers",
        "protocol_pdf": "protocol_paper",
        "read_code": "papers",
        "telling_places": "corrections",
        "write_annual_cards": "papers",
        "write_bulletin": "bulletin",
        "write_cards": "write",
        "write_fairness": "fairness",
        "write_open_data": "open_data",
        "write_outcome_book": "outcomes",
        "write_outcome_page": "outcomes",
        "write_papers": "round_papers",
        "write_period_report": "papers",
        "write_place_report_docx": "place_report",
        "write_workbook": "workbook",
    },
)
