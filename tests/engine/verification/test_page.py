"""A saved page is recognised by what stands between the marks; one changed character is not (D11, S14)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from minping_engine.cli.app import app
from minping_engine.errors import InputError
from minping_engine.verification import PAGE_BEGIN, PAGE_END, verify_page

PART = "\n<h2>问了什么</h2>\n<p>11,832</p>\n".encode()


def manifest() -> bytes:
    """Of one page and one table."""
    named = {"page.zh.html": PART, "open-data/points.csv": b"a,b\r\n1,2\r\n"}
    files = [{"path": path, "sha256": hashlib.sha256(content).hexdigest()} for path, content in named.items()]
    return json.dumps({"files": files}).encode()


def saved(part: bytes) -> bytes:
    """As a browser saves it."""
    return b"<html><body>frame" + PAGE_BEGIN.encode() + part + PAGE_END.encode() + b"</body></html>"


def test_page_and_file_are_found_and_changed_ones_are_not() -> None:
    """Also with line ends of another system; the manifest is itself a published file."""
    for content in (saved(PART), saved(PART.replace(b"\n", b"\r\n"))):
        found = verify_page(content, manifest())
        assert (found.path, found.is_page) == ("page.zh.html", True)
    assert verify_page(b"a,b\r\n1,2\r\n", manifest()).path == "open-data/points.csv"
    assert verify_page(manifest(), manifest()).path == "publication.json"
    assert verify_page(saved(PART.replace(b"11,832", b"11,833")), manifest()).path is None
    assert verify_page(PART + b" ", manifest()).path is None
    with pytest.raises(InputError):
        verify_page(PART, b"[]")


def test_the_command_says_it_and_ends_with_one_where_it_is_wrong(tmp_path: Path) -> None:
    """Exit codes for scripts."""
    page, listed = tmp_path / "saved.html", tmp_path / "publication.json"
    listed.write_bytes(manifest())
    for content, code, said in ((saved(PART), 0, "属实：page.zh.html"), (b"other", 1, "不符")):
        page.write_bytes(content)
        run = CliRunner().invoke(app, ["verify", "page", str(page), "--publication", str(listed)])
        assert (run.exit_code, said in run.output) == (code, True)
