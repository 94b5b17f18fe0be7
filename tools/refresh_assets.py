"""Fetch the browser libraries that are kept in the repository, by name and version, through npm.

`python tools/refresh_assets.py` compares the files with the manifest and needs no network;
`--fetch` downloads the versions that the manifest names and writes files and checksums anew. To move to
another version, change the manifest first. Nobody who runs or tests the product needs npm.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MANIFEST = ROOT / "tests/assets/manifest.json"


def main() -> int:
    """Exit code 1 if a file differs from the manifest."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--fetch", action="store_true", help="download instead of comparing")
    entries = json.loads(MANIFEST.read_text("utf-8"))["assets"]
    if parser.parse_args().fetch:
        for entry in entries:
            fetch(entry)
        MANIFEST.write_text(json.dumps({"assets": entries}, indent=2, ensure_ascii=False) + "\n", "utf-8")
    wrong = differing(entries)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def differing(entries: list[dict[str, Any]]) -> list[str]:
    """One line for each file that is missing or not what the manifest says."""
    found = []
    for entry in entries:
        path = ROOT / entry["path"]
        if not path.is_file():
            found.append(f"{entry['path']} is missing")
        elif checksum(path.read_bytes()) != entry["sha256"]:
            found.append(f"{entry['path']} differs from {entry['name']} {entry['version']}")
    return found


def checksum(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def fetch(entry: dict[str, Any]) -> None:
    """Replace one file by the one of the package, and its checksum in the entry."""
    content = from_package(f"{entry['name']}@{entry['version']}", entry["member"])
    path = ROOT / entry["path"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    entry["sha256"] = checksum(content)


def from_package(package: str, member: str) -> bytes:
    """One file of an npm package; the registry is the one that npm is set to."""
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True, text=True
        )
        archive = (Path(folder) / packed.stdout.split()[-1]).read_bytes()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        file = tar.extractfile(f"package/{member}")
        if file is None:
            raise FileNotFoundError(f"{member} is no file of {package}")
        return file.read()


if __name__ == "__main__":
    sys.exit(main())
