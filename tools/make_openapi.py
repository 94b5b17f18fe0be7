"""Make the committed contract of the REST API from the code, so that every change of it shows in review.

In: the operations that the apps declare. Out: `docs/reference/openapi.json`. With `--check` nothing is
written: a file out of step is named and the exit code is 1.

    python -m tools.make_openapi [--check]
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "openapi.json"


def contract_text() -> str:
    """The contract of this code; sets the product up with a throw-away data folder where nobody did."""
    import django
    from django.apps import apps

    if not apps.ready:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minping_web.site.settings")
        os.environ.setdefault("MINPING_DATA", tempfile.mkdtemp(prefix="minping-openapi-"))
        django.setup()
    from minping_web.site.api.contract import committed

    return committed()


def main(arguments: Sequence[str]) -> int:
    """Write the file, or with `--check` only say whether it is out of step."""
    text = contract_text()
    if "--check" not in arguments:
        FILE.write_text(text, "utf-8")
        return 0
    if FILE.is_file() and FILE.read_text("utf-8") == text:
        return 0
    sys.stderr.write(f"{FILE.name} is out of step: run python tools/make_openapi.py\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
