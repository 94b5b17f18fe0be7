"""Make the "Unreleased" part of CHANGELOG.md from the fragments in `changes/`.

In: `changes/<kind>-<topic>.md`, one change each, first line a sentence for users. Out: the text
between the two marks in CHANGELOG.md. `--check` writes nothing and fails if a fragment is not
well-formed or the changelog is out of step. At a release the fragments are removed and the part
gets its version and date by hand.

    python tools/make_changelog.py [--check]
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KINDS = {
    "added": "Added",
    "changed": "Changed",
    "deprecated": "Deprecated",
    "removed": "Removed",
    "fixed": "Fixed",
    "security": "Security",
}
NAME = re.compile(rf"({'|'.join(KINDS)})-[a-z0-9-]+\.md")
START, END = "<!-- fragments -->", "<!-- /fragments -->"
LONGEST = 600


def fragments(folder: Path) -> list[Path]:
    """All fragment files, in the order of their names."""
    return sorted(path for path in folder.glob("*.md") if path.name != "README.md")


def faults(folder: Path) -> list[str]:
    """What is wrong with the fragments: name, length, form."""
    found = []
    for path in fragments(folder):
        text = path.read_text("utf-8")
        if not NAME.fullmatch(path.name):
            found.append(f"{path.name}: the name is <{'|'.join(KINDS)}>-<topic>.md")
        if not text.strip() or len(text) > LONGEST:
            found.append(f"{path.name}: between 1 and {LONGEST} characters")
        elif text.lstrip().startswith(("#", "-", "*")):
            found.append(f"{path.name}: plain sentences, no heading and no list")
        elif not text.rstrip().endswith("."):
            found.append(f"{path.name}: ends with a full stop")
    return found


def unreleased(folder: Path) -> str:
    """The fragments as Keep a Changelog wants them."""
    lines = []
    for kind, title in KINDS.items():
        texts = [
            " ".join(path.read_text("utf-8").split())
            for path in fragments(folder)
            if path.name.startswith(f"{kind}-")
        ]
        if texts:
            lines += ["", f"### {title}", "", *(f"- {text}" for text in texts)]
    return "\n".join(lines)


def filled(changelog: str, folder: Path) -> str:
    """The changelog with its unreleased part made anew."""
    before, rest = changelog.split(START)
    _, after = rest.split(END)
    return f"{before}{START}{unreleased(folder)}\n\n{END}{after}"


def main() -> int:
    """Write the changelog, or check."""
    folder, file = ROOT / "changes", ROOT / "CHANGELOG.md"
    wrong = faults(folder)
    made = filled(file.read_text("utf-8"), folder)
    if "--check" not in sys.argv[1:]:
        file.write_text(made, "utf-8")
    elif made != file.read_text("utf-8"):
        wrong.append("CHANGELOG.md is out of step: run python tools/make_changelog.py")
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
