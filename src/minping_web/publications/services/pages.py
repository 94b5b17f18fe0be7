"""The page of a publication as a file: what stands between the marks, in each language.

In: bulletin data, counts, what a correction changed. Out: `public/page.<language>.html`, which the site sets
into its frame unchanged. So the page that anybody reads is a file whose hash the ledger holds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from minping_web.publications.rules.pictures import scalable, scaled
from minping_web.publications.rules.words import LANGUAGES, PUBLIC


def write_pages(folder: Path, told: dict[str, dict[str, Any]], shared: dict[str, Any]) -> None:
    """One page for each language; `told[language]` is what differs by language, `shared` what does not."""
    for language, spoken in LANGUAGES.items():
        with translation.override(spoken):
            bulletin = told[language].get("bulletin")
            context = {
                **shared,
                **told[language],
                "bulletin": scaled(bulletin) if bulletin else None,
                "qr": mark_safe(scalable(shared["qr"])),  # drawn by the engine, from an address of our own
                "language": language,
            }
            page = render_to_string("publications/page.html", context)
        path = folder / PUBLIC / f"page.{language}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n" + page.strip() + "\n", "utf-8", newline="\n")
