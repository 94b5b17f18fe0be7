"""File names from ids: safe on every file system, one name for one id.

In: ids of assessees or areas, which may hold anything. Out: a name each. An id of letters,
digits, `-`, `_`, `.` keeps its text; every other one gets a short hash of the id, so that two
ids never share a file, also where the file system ignores case.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable

_SAFE = re.compile(r"[\w][\w.-]{0,39}(?<!\.)")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def file_names(ids: Iterable[str]) -> dict[str, str]:
    """id -> file name without ending."""
    wanted = list(dict.fromkeys(ids))
    folded = Counter(name.casefold() for name in wanted)
    return {name: name if _is_plain(name, folded) else _hashed(name) for name in wanted}


def _is_plain(name: str, folded: Counter[str]) -> bool:
    is_safe = _SAFE.fullmatch(name) is not None and _RESERVED.fullmatch(name) is None
    return is_safe and folded[name.casefold()] == 1


def _hashed(name: str) -> str:
    stem = re.sub(r"[^\w-]+", "_", name).strip("_")[:30] or "id"
    return f"{stem}~{hashlib.sha256(name.encode()).hexdigest()[:8]}"
