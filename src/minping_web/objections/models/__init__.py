"""Tables of previews and objections."""

from minping_web.objections.models.previews import Preview

__all__ = ["Preview"]
