"""How long redaction takes, for docs/method/redaction.md: `python -m tests.engine.insight.measure [FOLDER]`.

Microseconds of CPU per comment, best of five: the labelled comments, invented comments of the demo, and the
real messages of FOLDER (`hot_messages.csv.gz`) where it is given; without and with 10,000 known names.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from minping_engine.demo.comments import THANKS, THEMES, WISHES
from minping_engine.demo.names import invented_names
from minping_engine.insight import NameList, redact
from tests.engine.insight.labelled import PARTS, examples
from tests.engine.insight.messages import messages

REPEATS = 5


def _microseconds(texts: list[str], names: NameList) -> float:
    """CPU time per text."""
    best = float("inf")
    for _ in range(REPEATS):
        start = time.process_time()
        for text in texts:
            redact(text, names=names)
        best = min(best, time.process_time() - start)
    return best / len(texts) * 1e6


def _demo() -> list[str]:
    matters = [matter for theme in THEMES.values() for matter in theme]
    return [form.format(matter=matter) for form in (*WISHES, *THANKS) for matter in matters]


def main(folder: str | None) -> None:
    """Prints one line per kind of text."""
    nobody, many = NameList(), NameList(invented_names(10_000, 1))
    texts = {"demo": _demo(), "labelled": [one.text for part in PARTS for one in examples(part)]}
    if folder:
        texts["messages"] = messages(Path(folder))[:1500]
    for name, some in texts.items():
        redact(some[0])
        length = sum(map(len, some)) / len(some)
        times = [_microseconds(some, names) for names in (nobody, many)]
        print(f"{name}: {len(some)} texts of {length:.0f} characters, {times[0]:.0f} us, {times[1]:.0f} us")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
