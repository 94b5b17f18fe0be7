"""One Typst compiler with its fonts open; data reach it through memory, so that no link touches a disk."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from minping_engine.errors import Place, Problem
from minping_engine.reporting import font_folders
from minping_web.common.problems import RefusedError


class Press:
    """Sets one template over and over with other data. A context manager: its folder goes at the end."""

    def __init__(self, template: str, printed: Iterable[str]) -> None:
        import typst

        self._folder = tempfile.TemporaryDirectory(prefix="minping-press-")
        self._work = Path(self._folder.name)
        source = resources.files("minping_web.channels.services.letters") / "templates"
        for name in ("look.typ", template):
            (self._work / name).write_text((source / name).read_text("utf-8"), "utf-8")
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False,
            font_paths=[str(folder) for folder in font_folders(printed).folders],
        )  # fmt: skip
        self._memory = _memory_file(self._work / "data.json")
        self._compiler = typst.Compiler(
            input=str(self._work / template), root=str(self._work), font_paths=fonts
        )

    def pdf(self, data: dict[str, Any]) -> bytes:
        """The pages of these data."""
        return self._set(data, {"pdf_tags": False})

    def png(self, data: dict[str, Any], per_inch: float = 144.0) -> bytes:
        """The first page as a picture."""
        return self._set(data, {"format": "png", "ppi": per_inch})

    def _set(self, data: dict[str, Any], options: dict[str, Any]) -> bytes:
        content = json.dumps(data, ensure_ascii=False).encode()
        os.ftruncate(self._memory, 0)
        os.pwrite(self._memory, content, 0)
        try:
            return cast(bytes, self._compiler.compile(**options))
        except RuntimeError:
            # Its text repeats the line that broke, which may hold a link.
            raise RefusedError(Problem("channels.not_set", Place())) from None

    def __enter__(self) -> Press:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._memory)
        self._folder.cleanup()


def _memory_file(link: Path) -> int:
    """A file in memory under a path that the compiler can read; where there are none, a private real one."""
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create("minping-press")
        link.symlink_to(f"/proc/{os.getpid()}/fd/{handle}")
        return handle
    return os.open(link, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
