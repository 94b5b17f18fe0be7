"""Documents hold what they promise: links lead somewhere, commands exist, no page names one machine."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from minping_engine.cli.app import app
from minping_engine.cli.extensions import attach
from tests.architecture.source_tree import ROOT, markdown_files, relative, text_files

LINK = re.compile(r"(?<!`)\[[^\]\n]*\]\(([^)\s]+)(?: \"[^\"]*\")?\)")
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
MACHINE = re.compile(r"(?<![\w.$~<-])/(?:wo" + r"rk|ro" + r"ot|ho" + r"me/\w+|mnt|Users/\w+)(?:/|\b(?!/))")
HOSTS = re.compile(
    r"py" + r"pi\.|python" + r"hosted|index-u" + r"rl[ =]+\S*:|mirrors?\.\w+\.\w+|artif" + r"actory",
    re.IGNORECASE,
)
attach(app, ["--help"])  # the product's commands as well

TWINS = ("README", "docs/index", "schemes/gulou-worker/README")
ids = {"ids": relative}


def _links(page: Path) -> Iterator[str]:
    text = FENCE.sub("", page.read_text("utf-8"))
    for target in LINK.findall(text):
        if not re.match(r"[a-z]+:", target):
            yield target


def _anchors(page: Path) -> set[str]:
    """Anchors as code hosts and the docs site make them from headings."""
    text = FENCE.sub("", page.read_text("utf-8"))
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", head.replace("`", "").lower()) for head in heads]
    return {head.strip().replace(" ", "-") for head in plain}


@pytest.mark.parametrize("page", markdown_files(), **ids)
def test_relative_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in _links(page):
        path, _, anchor = target.partition("#")
        goal = (page.parent / path).resolve() if path else page
        if not goal.exists() or (anchor and goal.suffix == ".md" and anchor not in _anchors(goal)):
            broken.append(target)
    assert broken == []


def test_no_file_names_a_place_of_one_machine() -> None:
    found = {relative(path): match.group() for path in text_files() if (match := MACHINE.search(_text(path)))}
    assert found == {}


def test_no_file_names_an_address_of_a_package_host() -> None:
    found = {relative(path): match.group() for path in text_files() if (match := HOSTS.search(_text(path)))}
    assert found == {}


def _text(path: Path) -> str:
    return path.read_text("utf-8")


def _commands() -> list[tuple[str, str]]:
    """(page, command line) of every `$ minping` or `$ make` line in a console block."""
    found = []
    for page in markdown_files():
        for language, block in FENCE.findall(page.read_text("utf-8")):
            if language in {"console", "sh", "bash", "shell"}:
                lines = block.replace("\\\n", " ").splitlines()
                found += [(relative(page), line[2:].strip()) for line in lines if line.startswith("$ ")]
    return found


COMMANDS = _commands()


@pytest.mark.parametrize(("page", "line"), [one for one in COMMANDS if one[1].startswith("minping")])
def test_a_documented_command_exists_with_its_options(page: str, line: str) -> None:
    """The command's own parser reads the line; nothing runs."""
    words = shlex.split(line, comments=True)[1:]
    words = words[: words.index("|")] if "|" in words else words
    assert _fault_of(words) == "", page


@pytest.mark.parametrize(("page", "line"), [one for one in COMMANDS if one[1].startswith("make ")])
def test_a_documented_make_target_exists(page: str, line: str) -> None:
    targets = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    asked = [word for word in shlex.split(line, comments=True)[1:] if "=" not in word and word[0] != "-"]
    assert set(asked) <= targets, page


def _mentions() -> Iterator[tuple[str, list[str]]]:
    """Commands named in running text, docstrings and remedies."""
    for path in text_files():
        if "architecture" not in path.parts:
            for mention in re.findall(r"`minping ([a-z][^`\n]*)`", _text(path)):
                yield relative(path), mention.split()


def test_commands_named_in_texts_exist() -> None:
    """A remedy that names a command which is not there would be worse than none."""
    unknown = [(page, words) for page, words in _mentions() if not _is_command(words)]
    assert unknown == []


@cache
def _every_command() -> Any:
    return typer.main.get_command(app)


def _is_command(words: list[str]) -> bool:
    command = _every_command()
    for word in words:
        if not hasattr(command, "commands"):
            return True
        if not re.fullmatch(r"[a-z][a-z-]*", word):
            return bool(re.fullmatch(r"[A-Z|…-].*", word))
        if word not in command.commands:
            return False
        command = command.commands[word]
    return True


def _fault_of(words: list[str]) -> str:
    """What the parser says against the words; empty if it takes them."""
    command = _every_command()
    words = list(words)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    if {"--help", "--version"} & set(words):
        return ""
    if hasattr(command, "commands"):
        return f"no such command: {' '.join(words)}"
    try:
        command.make_context("minping", words)
    except Exception as error:
        return str(error)
    return ""


def test_the_reader_of_commands_finds_wrong_ones() -> None:
    """The test above is worth something: unknown commands, options and missing arguments are faults."""
    assert _fault_of(["no-such-command"])
    assert _fault_of(["assess", "gulou-worker", "s", "-o", "out", "--no-such-option"])
    assert _fault_of(["assess", "gulou-worker"])
    assert _fault_of(["assess", "gulou-worker", "s", "-o", "out"]) == ""


@pytest.mark.parametrize("page", TWINS)
def test_pages_for_users_have_a_chinese_twin(page: str) -> None:
    twin = ROOT / f"{page}.zh-CN.md"
    assert twin.is_file()
    assert re.search(r"[\u4e00-\u9fff]{20}", twin.read_text("utf-8").replace("，", "").replace("。", ""))


def test_how_to_pages_have_chinese_twins() -> None:
    pages = [path for path in (ROOT / "docs" / "how-to").glob("*.md") if ".zh-CN" not in path.name]
    assert [relative(page) for page in pages if not page.with_suffix(".zh-CN.md").is_file()] == []


def test_the_site_lists_every_page() -> None:
    """mkdocs.yml names every page of `docs` once; pages that it does not name are not found."""
    import yaml

    named = list(_leaves(yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]))
    there = [relative(path).removeprefix("docs/") for path in markdown_files() if "docs" in path.parts]
    assert sorted(named) == sorted(there)


def _leaves(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _leaves(inner)
    else:
        yield str(part)


def test_decisions_are_numbered_short_and_dated() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text("utf-8")
        assert 5 <= len(text.splitlines()) <= 45, page.name
        assert all(f"**{part}" in text for part in ("Context", "Decision", "Consequences", "Review")), (
            page.name
        )


def test_decisions_that_code_cites_exist() -> None:
    pages = {int(page.name[:4]) for page in (ROOT / "docs" / "decisions").glob("*.md")}
    cited = {int(number) for path in text_files() for number in re.findall(r"\bADR (\d+)\b", _text(path))}
    assert cited <= pages


def test_pages_that_code_cites_exist() -> None:
    """`docs/...md` in a docstring, a text or a scheme leads somewhere."""
    missing = {
        (relative(path), name)
        for path in text_files()
        for name in re.findall(r"\bdocs/\w[\w/-]*\w(?:\.zh-CN)?\.md\b", _text(path))
        if not (ROOT / name).is_file()
    }
    assert missing == set()
