"""Real messages to officials that tests read where they lie (they are not shipped)."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

FILES = ("hot_messages.csv.gz", "train.csv.gz")


def messages(folder: Path) -> list[str]:
    """Title and body of each message."""
    texts = []
    for name in FILES:
        with gzip.open(folder / name, "rt", encoding="utf-8") as file:
            texts += [f"{row['title']}\n{row['body']}" for row in csv.DictReader(file)]
    return texts
