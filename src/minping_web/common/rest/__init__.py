"""What every operation of the REST API shares: keys, one shape of errors, cursors, kinds of fields.

An app's `api.py` makes `Operations` and declares each with its permission; `site.api` puts them together.
"""

from minping_web.common.rest.answers import Problems, problem_answer
from minping_web.common.rest.changed import changed_keys
from minping_web.common.rest.fields import (
    Code,
    Count,
    Day,
    Given,
    Id,
    Line,
    Moment,
    NewCode,
    Reference,
    Search,
    Sent,
    Text,
    example,
    listed,
)
from minping_web.common.rest.keys import Caller, KeySource, provide_keys
from minping_web.common.rest.operations import Operations
from minping_web.common.rest.paging import Cursor, Listing, Paged, page_by, page_of
from minping_web.common.rest.rows import RowsGiven, RowsOut, write_rows

__all__ = [
    "Caller",
    "Code",
    "Count",
    "Cursor",
    "Day",
    "Given",
    "Id",
    "KeySource",
    "Line",
    "Listing",
    "Moment",
    "NewCode",
    "Operations",
    "Paged",
    "Problems",
    "Reference",
    "RowsGiven",
    "RowsOut",
    "Search",
    "Sent",
    "Text",
    "changed_keys",
    "example",
    "listed",
    "page_by",
    "page_of",
    "problem_answer",
    "provide_keys",
    "write_rows",
]
