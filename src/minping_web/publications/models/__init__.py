"""Tables of publications."""

from minping_web.publications.models.publications import Publication

__all__ = ["Publication"]
