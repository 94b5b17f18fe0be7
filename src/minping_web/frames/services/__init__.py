"""Writes of frames: each call checks the scope, is one transaction, and logs what it must."""

from minping_web.frames.services.rotation import rotate_now as rotate_keys

__all__ = ["rotate_keys"]
