"""Deployments in processes of their own: a data folder, a database, commands as an operator types them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from minping_web.site.setting_up import EXAMPLE

MINPING = [sys.executable, "-m", "minping_engine"]
SETTINGS = "minping_web.site.settings"


@dataclass(frozen=True)
class Deployment:
    """Commands and programs run with this folder and this database."""

    data: Path
    database: str = ""
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def surroundings(self) -> dict[str, str]:
        """The environment, without anything of the tests' own deployment."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("MINPING_") and name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
        }
        told = {"MINPING_DATA": str(self.data), "MINPING_LANG": "en", **self.more}
        return kept | told | ({"DATABASE_URL": self.database} if self.database else {})

    def minping(self, *words: str, typed: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, with what is typed at its questions."""
        return subprocess.run(
            [*MINPING, *words],
            env=self.surroundings,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    def program(self, text: str, *, demo: bool = False) -> str:
        """Run Python with Django set up; what it prints. Fails with what it wrote to standard error."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{text}"],
            env=self._for_django(demo=demo), capture_output=True, text=True, check=False, timeout=180,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def started(self, text: str, *, demo: bool = False) -> subprocess.Popen[str]:
        """Start Python with Django set up, and go on."""
        return subprocess.Popen(
            [sys.executable, "-c", f"import django; django.setup()\n{text}"],
            env=self._for_django(demo=demo), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def _for_django(self, *, demo: bool) -> dict[str, str]:
        return self.surroundings | {"DJANGO_SETTINGS_MODULE": SETTINGS, "MINPING_DEMO": "1" if demo else "0"}


def set_up(deployment: Deployment) -> subprocess.CompletedProcess[str]:
    """A real district without anything in it, made from the example of the answers."""
    answers = deployment.data.with_suffix(".answers.yaml")
    answers.write_text(EXAMPLE, "utf-8")
    done = deployment.minping("init", "--answers", str(answers))
    assert done.returncode == 0, done.stderr
    return done
