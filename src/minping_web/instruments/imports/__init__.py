"""Questionnaires that come as XLSForm workbooks of other programs."""

from minping_web.instruments.imports.workbook import MOST_BYTES, read_workbook
from minping_web.instruments.imports.xlsform import Imported, content_of

__all__ = ["MOST_BYTES", "Imported", "content_of", "read_workbook"]
