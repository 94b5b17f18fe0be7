"""Sources of evidence: addresses only of the web, because pages offer them to be opened."""

from __future__ import annotations

import pytest

from minping_engine.errors import Place
from minping_web.appraisals.imports import VALUES
from minping_web.appraisals.rules.sources import source_problem
from minping_web.common.tabular.columns import CellError

(LINK,) = (one for one in VALUES.columns if one.key == "link")
(DOCUMENT,) = (one for one in VALUES.columns if one.key == "document")
WRONG = ["javascript:alert(1)", "data:text/html,x", "https://", "http://["]


@pytest.mark.parametrize("cell", [*WRONG, "a.cn/x"])
def test_a_link_that_is_no_address_of_the_web_is_refused(cell: str) -> None:
    with pytest.raises(CellError):
        LINK.read(cell)
    assert LINK.read("https://example.cn/a") == "https://example.cn/a"


@pytest.mark.parametrize("cell", [*WRONG, "file:///etc/passwd", " JavaScript:x", "FILE:c", "ftp://a.cn/x"])
def test_a_source_that_looks_like_an_address_is_one_of_the_web_or_refused(cell: str) -> None:
    """Hidden in blanks and capitals too."""
    found = source_problem(cell, Place(row=4, column="document"))
    assert found is not None
    assert (found.code, found.place.row) == ("appraisal.not_a_link", 4)
    with pytest.raises(CellError):
        DOCUMENT.read(cell)


@pytest.mark.parametrize(
    "cell", ["文号：民发〔2019〕8号", "文号: 12", "三季度台账", "https://example.cn/a", ""]
)
def test_words_with_a_colon_are_no_addresses(cell: str) -> None:
    assert source_problem(cell, Place()) is None


def test_a_tab_inside_hides_no_scheme_from_a_browser_nor_from_here() -> None:
    assert source_problem("java\tscript:alert(1)", Place()) is not None
