"""Links of imported values: only addresses of the web, because pages offer them to be opened."""

from __future__ import annotations

import pytest

from minping_web.appraisals.imports import VALUES
from minping_web.common.tabular.columns import CellError

(LINK,) = (one for one in VALUES.columns if one.key == "link")


@pytest.mark.parametrize(
    "cell", ["javascript:alert(1)", "data:text/html,x", "https://", "http://[", "a.cn/x"]
)
def test_a_link_that_is_no_address_of_the_web_is_refused(cell: str) -> None:
    with pytest.raises(CellError):
        LINK.read(cell)
    assert LINK.read("https://example.cn/a") == "https://example.cn/a"
