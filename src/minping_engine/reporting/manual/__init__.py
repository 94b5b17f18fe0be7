"""The printable manual of a scheme (指导手册, S18): Word and PDF from one plain description.

In: a loaded scheme. Out: `scheme_manual` gives the description with worked examples and fingerprint;
`write_manual_docx` and `write_manual_pdf` set it. Needs no result and no snapshot.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.reporting.manual.build import scheme_manual
    from minping_engine.reporting.manual.pdf import write_manual_pdf
    from minping_engine.reporting.manual.word import write_manual_docx

__all__ = ["scheme_manual", "write_manual_docx", "write_manual_pdf"]

__getattr__ = lazy_front(
    __name__, {"scheme_manual": "build", "write_manual_docx": "word", "write_manual_pdf": "pdf"}
)
