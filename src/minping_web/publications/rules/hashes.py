"""What somebody brings to be checked: a hash, a code, a file, a page saved in a browser.

A published page stands between two marks inside the frame of the site, which differs by reader (language,
sign-in). Whoever saves the page keeps the marks; what stands between them is the file that was hashed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from minping_engine.verification import PAGE_BEGIN, PAGE_END, published_part

_HASH = re.compile(r"\b[0-9a-f]{64}\b")


def hash_in(text: str) -> str | None:
    """The SHA-256 in what somebody typed or pasted, blanks and capitals aside."""
    plain = re.sub(r"[\s:\-]", "", text).lower().removeprefix("sha256")
    found = _HASH.fullmatch(plain) or _HASH.search(text.lower())
    return found.group(0) if found else None


def marked(page: str) -> str:
    """The page between the marks, as the site sets it into its frame."""
    return f"{PAGE_BEGIN}{page}{PAGE_END}"


@dataclass(frozen=True)
class Brought:
    """A file that somebody brought: its hash, and its bytes where it is short enough to be a page."""

    sha256: str
    content: bytes = b""

    @property
    def hashes(self) -> list[str]:
        """Hashes under which it may have been published: of the whole, and of the page inside."""
        part = published_part(self.content)
        return [self.sha256] if part is None else [self.sha256, hashlib.sha256(part).hexdigest()]
