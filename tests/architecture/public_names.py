"""The list of public names: what each front of the engine offers; the product is no library.

Out: `public_names.txt`, one `package.name` a line. Run `python -m tests.architecture.public_names`
after a change that is meant, and say in the change note what others must do.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from tests.architecture.source_tree import module_name, modules

LIST = Path(__file__).with_name("public_names.txt")


def fronts() -> list[str]:
    """Dotted names of packages that say what they offer."""
    names = [module_name(path) for path in modules() if path.name == "__init__.py"]
    names = [name for name in names if name.startswith("minping_engine")]
    return [name for name in names if hasattr(import_module(name), "__all__")]


def public_names() -> list[str]:
    """All public names, sorted."""
    return sorted(f"{front}.{name}" for front in fronts() for name in import_module(front).__all__)


if __name__ == "__main__":
    LIST.write_text("".join(f"{name}\n" for name in public_names()), "utf-8")
