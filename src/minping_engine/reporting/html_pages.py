"""Templates of HTML pages that need nothing from outside: bulletin, pages of sections, trial.

In: a package with a folder `templates/` and a name. Out: the template; words are escaped, a name that a
template uses and nobody gave is an error.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def html_template(package: str, name: str) -> Template:
    """The template `templates/<name>.html.j2` of a package."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(f"{name}.html.j2")
