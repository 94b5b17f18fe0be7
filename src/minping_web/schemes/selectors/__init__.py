"""Reads of schemes: the library's folder, and the register of frozen versions."""

from minping_web.schemes.selectors.library import Entry, entry_of, library, package_of, scheme_called
from minping_web.schemes.selectors.versions import frozen_last, loaded, scheme_versions, version_of

__all__ = [
    "Entry",
    "entry_of",
    "frozen_last",
    "library",
    "loaded",
    "package_of",
    "scheme_called",
    "scheme_versions",
    "version_of",
]
