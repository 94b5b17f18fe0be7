"""The folder of a new scheme: all of it, checked, or nothing.

Files are written beside their place into `.NAME.partial`, loaded, linted, and their example is run
through the ordinary assessment; only then the folder gets its name. Ctrl-C or a fault removes it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from minping_engine.cli.folders import check_out
from minping_engine.cli.new_scheme.answers import Answers
from minping_engine.cli.new_scheme.build import ids_of, scheme_data, situation, text, value_files
from minping_engine.cli.new_scheme.papers import readme_en, readme_zh, to_do
from minping_engine.errors import SchemeError, Severity
from minping_engine.scheme import LoadedScheme, find_scheme, lint_scheme, load_scheme

WIDTH = 110
FIRST = "first"
HEAD = """\
# 由 minping scheme new 生成；可用的写法见 minping scheme docs。
# Made by minping scheme new; what can be written: minping scheme docs.
"""
COPIED = ("scheme.yaml", "demo.yaml", "values", "examples")


def make_scheme(answers: Answers, out: Path) -> LoadedScheme:
    """The folder of a scheme from answers. Raises `SchemeError` where it would not pass."""
    with _unfinished(out) as folder:
        for name in ("values", "examples"):
            (folder / name).mkdir()
        _write(folder / "scheme.yaml", scheme_data(answers), head=HEAD)
        for name, content in value_files(answers).items():
            _write(folder / "values" / f"{name}.yaml", content)
        (folder / "README.zh-CN.md").write_text(readme_zh(answers), "utf-8")
        (folder / "README.md").write_text(readme_en(answers), "utf-8")
        _first_example(answers, folder)
        _must_pass(folder)
    return load_scheme(out, demo=True)


def copy_scheme(template: str, name: str, out: Path) -> LoadedScheme:
    """A scheme of the library under another id; its comments stay. Raises `SchemeError`."""
    source = find_scheme(template)
    old = load_scheme(source, demo=True).scheme
    with _unfinished(out) as folder:
        for part in COPIED:
            if (source / part).is_dir():
                shutil.copytree(source / part, folder / part)
            elif (source / part).is_file():
                shutil.copy(source / part, folder / part)
        for path in sorted(folder.rglob("*.yaml")):
            path.write_text(_renamed(path.read_text("utf-8"), old.id, name), "utf-8")
        main = folder / "scheme.yaml"
        main.write_text(_without_requirements(main.read_text("utf-8")), "utf-8")
        for language, file, title in (
            ("zh", "README.zh-CN.md", old.title.zh),
            ("en", "README.md", old.title.en),
        ):
            lines = [f"# {name}", "", _made_from(language, old.id, title), "", *_holds(language, folder), ""]
            lines += to_do(language, first=False)
            (folder / file).write_text("\n".join(lines), "utf-8")
        _must_pass(folder)
    return load_scheme(out, demo=True)


def _made_from(language: str, old: str, title: str) -> str:
    if language == "zh":
        draft = f"**草案，尚未审定，不得用于正式考核。**由方案库 `{old}`（{title}）复制。"
        return f"{draft}原方案的出处只说明原方案，改动之处须另写出处。"
    draft = f"**A draft: not reviewed, not for a real assessment.** Copied from `{old}` ({title}). "
    return draft + "Its sources speak for that scheme; changes need their own."


def _holds(language: str, folder: Path) -> list[str]:
    """What was copied, counted in the folder itself."""
    values, examples = (len(list((folder / part).glob("*.yaml"))) for part in ("values", "examples"))
    demo = (folder / "demo.yaml").is_file()
    if language == "zh":
        tail = "；`demo.yaml`（演示数据的抽取方式）" if demo else ""
        held = f"`values/`（取值 {values} 项）；`examples/`（算例 {examples} 个）{tail}"
        return [f"内容：`scheme.yaml`（结构）；{held}。"]
    tail = "; `demo.yaml` (how demonstration data are drawn)" if demo else ""
    held = f"`values/` ({values} values); `examples/` ({examples} worked examples){tail}"
    return [f"In the folder: `scheme.yaml` (structure); {held}."]


def _without_requirements(content: str) -> str:
    """Requirements are those that the library's scheme was written for; a copy has none yet."""
    return re.sub(r"^requirements:[^\n]*\n(?:[ \t]+[^\n]*\n|- [^\n]*\n)*", "", content, flags=re.MULTILINE)


def _renamed(content: str, old: str, new: str) -> str:
    """The scheme's own id, and where its measures and examples read its own earlier results."""
    content = re.sub(rf"^id: {re.escape(old)}$", f"id: {new}", content, count=1, flags=re.MULTILINE)
    return re.sub(rf"\bscheme: {re.escape(old)}(?![\w-])", f"scheme: {new}", content)


@contextmanager
def _unfinished(out: Path) -> Iterator[Path]:
    """A folder that gets its name only when everything in it is done."""
    check_out(out, "", force=False)
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        if out.is_dir():  # empty, says check_out
            out.rmdir()
        partial.rename(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write(path: Path, content: Any, *, head: str = "") -> None:
    dumped = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=WIDTH)
    path.write_text(head + dumped, "utf-8")


def _first_example(answers: Answers, folder: Path) -> None:
    """One example whose expected values the engine fills in: they wait for a check by hand."""
    names = ["score", "grade", *ids_of(answers), *(use["id"] for use in scheme_data(answers)["use"])]
    content = {
        "title": text(
            "第一个算例：各项都有数据（待手工核对）",
            "First example: evidence for everything (to be checked by hand)",
        ),
        "shows": [],
        "why": text(
            "应得结果由程序算出，请手工复算后改写本段：各项得分如何得来，合计多少，属于哪一等。"
            "丁没有任何数据，不予评定，不记零分。",
            "What must come out was computed by the program. Work it by hand, then tell here how it arises. "
            "The second has no evidence at all: not assessed, never 0.",
        ),
        "assessees": {
            "甲": {**situation(answers), "expect": dict.fromkeys(names, 0)},
            "丁": {"expect": {"status": 0, "score": 0}},
        },
    }
    path = folder / "examples" / f"{FIRST}.yaml"
    _write(path, content)
    for assessee, name, made in _outcomes(folder):
        content["assessees"][assessee]["expect"][name] = made  # type: ignore[index]
    _write(path, content)


def _outcomes(folder: Path) -> Iterator[tuple[str, str, Any]]:
    from minping_engine.assessment import run_examples

    for line in run_examples(load_scheme(folder, demo=True), FIRST):
        made = round(line.made, 4) if isinstance(line.made, float) else line.made
        yield line.assessee, line.name, made


def _must_pass(folder: Path) -> None:
    """Nothing is put in place that the checks of the command would refuse."""
    found = lint_scheme(load_scheme(folder, demo=True))
    errors = [problem for problem in found if problem.severity is Severity.ERROR]
    if errors:
        raise SchemeError(errors)
