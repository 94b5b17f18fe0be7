"""What stands beside the scheme: examples, READMEs, values and parts that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from minping_engine.scheme.lint.finding import Findings
from minping_engine.scheme.load import LoadedScheme
from minping_engine.scheme.model import AppraisalMean, AppraisalShare, BallotMean, BallotShare, Scheme
from minping_engine.scheme.names import nodes_of

FEWEST_EXAMPLES = 5
READMES = ("README.md", "README.zh-CN.md")


def folder_findings(loaded: LoadedScheme) -> Findings:
    """Findings of the folder."""
    found = Findings()
    examples = sorted((loaded.folder / "examples").glob("*.yaml"))
    if len(examples) < FEWEST_EXAMPLES and loaded.scheme.disabled is None:
        found.warn("lint.few_examples", "", file="examples", n=len(examples), least=FEWEST_EXAMPLES)
    for name in READMES:
        if not (loaded.folder / name).is_file():
            found.warn("lint.no_readme", "", file=name, name=name)
    shown = {number for path in examples for number in _shows(path)}
    for number in loaded.scheme.requirements:
        if number not in shown and loaded.scheme.disabled is None:
            found.warn("lint.not_shown", f"requirements.{number}", number=number)
    _unused(loaded, found)
    return found


def _shows(path: Path) -> list[str]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError:  # said when the examples run
        return []
    return [str(number) for number in content.get("shows", [])] if isinstance(content, dict) else []


def _unused(loaded: LoadedScheme, found: Findings) -> None:
    scheme = loaded.scheme
    named = loaded.rules.names | {node.measure for node in nodes_of(scheme.indicators)}
    for fact in scheme.facts:
        if fact.id not in named:
            found.warn("lint.unused", f"facts.{fact.id}", name=fact.id)
    for measure in scheme.measures:
        if measure.id not in named:
            found.warn("lint.unused", f"measures.{measure.id}", name=measure.id)
    raters = {part.raters for part in scheme.measures if isinstance(part, AppraisalMean | AppraisalShare)}
    for group in scheme.raters:
        if group.id not in raters:
            found.warn("lint.unused", f"raters.{group.id}", name=group.id)
    for name in sorted(_forms_without_use(scheme)):
        found.warn("lint.unused", f"instruments.{name}", name=name)
    for path in sorted((loaded.folder / "values").glob("*.yaml")):
        if path.stem not in loaded.values:
            found.warn("lint.unused", "", file=f"values/{path.name}", name=path.stem)


def _forms_without_use(scheme: Scheme) -> Iterator[str]:
    if not scheme.has_tree:
        return
    measures = [part for part in scheme.measures if isinstance(part, BallotMean | BallotShare)]
    for form in scheme.instruments:
        if not any(part.instrument in (None, form.id) for part in measures):
            yield form.id
