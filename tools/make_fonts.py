"""Make the bundled fonts: a subset of Noto Sans SC for report cards.

In: Noto Sans SC (regular and bold; TTF, or the Chinese face of Debian's Noto Sans CJK collections,
which is a third smaller) and its licence text. Out: two subset files, `OFL.txt` and
`manifest.json` (source, SHA-256) in `src/minping_engine/reporting/fonts/`. The subset covers
everything that GBK can write (names of places, and nearly all of people) plus Latin-1, arrows and
figures; rarer characters come from the machine's own Noto CJK at run time.

Run in an environment of its own with the dependency group `fonts`:
    python tools/make_fonts.py REGULAR BOLD LICENCE --source "where they come from"
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

FAMILY = "Noto Sans SC"
FOLDER = Path(__file__).resolve().parents[1] / "src" / "minping_engine" / "reporting" / "fonts"
CHINESE_FACE = 2
"""Number of the simplified Chinese face inside a Noto Sans CJK collection."""
EXTRA = "–—‘’“”•…‰′″※€℃№™←↑→↓↔≈≠≤≥±×÷−■□▲△▶▼▽◆◇○●★☆✓✗⚠"
UNNEEDED_TABLES = ["BASE", "GDEF", "GPOS", "GSUB", "STAT", "DSIG", "VORG", "gasp", "prep", "vhea", "vmtx"]


def code_points() -> list[int]:
    """Everything that GBK can write, Latin-1, and the signs that cards use."""
    wanted = set(range(0x20, 0x7F)) | set(range(0xA0, 0x100)) | {ord(sign) for sign in EXTRA}
    wanted |= {0x2460 + number for number in range(20)}
    for code in range(0x80, 0x10000):
        try:
            chr(code).encode("gbk")
        except UnicodeEncodeError:
            continue
        wanted.add(code)
    return sorted(wanted)


def subset(source: Path, target: Path) -> None:
    """Write the subset of `source` to `target`: outlines and metrics, no hinting, no layout rules."""
    from fontTools import subset as subsetting  # type: ignore[import-not-found, unused-ignore]

    options = subsetting.Options(
        hinting=False,
        desubroutinize=False,
        layout_features=[],
        notdef_outline=True,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        drop_tables=UNNEEDED_TABLES,
        font_number=CHINESE_FACE if source.suffix == ".ttc" else -1,
    )
    font = subsetting.load_font(str(source), options)
    font.recalcTimestamp = False
    subsetter = subsetting.Subsetter(options)
    subsetter.populate(unicodes=code_points())
    subsetter.subset(font)
    _rename(font)
    subsetting.save_font(font, str(target), options)


def _rename(font: Any) -> None:
    """One family name, whatever the source was called, so that a full Noto CJK can stand beside it."""
    for record in font["name"].names:
        text = record.toUnicode().replace("Noto Sans CJK SC", FAMILY).replace("NotoSansCJKsc", "NotoSansSC")
        record.string = text


def manifest_entry(source: Path, target: Path) -> dict[str, object]:
    """Name, size and hashes of one weight."""
    return {
        "file": target.name,
        "bytes": target.stat().st_size,
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
        "made_from": source.name,
        "made_from_sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
    }


def main() -> None:
    """Make both weights, copy the licence, write the manifest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("regular", type=Path)
    parser.add_argument("bold", type=Path)
    parser.add_argument("licence", type=Path)
    parser.add_argument("--source", required=True, help="package and version that the files come from")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    fonts = []
    for weight, source in (("Regular", options.regular), ("Bold", options.bold)):
        suffix = ".ttf" if source.suffix == ".ttf" else ".otf"
        target = options.folder / f"NotoSansSC-{weight}-GBK{suffix}"
        subset(source, target)
        fonts.append(manifest_entry(source, target))
    (options.folder / "OFL.txt").write_text(options.licence.read_text("utf-8"), "utf-8")
    manifest = {
        "family": FAMILY,
        "licence": "OFL-1.1",
        "source": options.source,
        "code_points": len(code_points()),
        "extra": EXTRA + "".join(chr(0x2460 + number) for number in range(20)),
        "fonts": fonts,
    }
    (options.folder / "manifest.json").write_text(
        json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8"
    )


if __name__ == "__main__":
    main()
