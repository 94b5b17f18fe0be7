"""Locks: exact versions and hashes, no address; installable by pip or uv through any mirror (ADR 6)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]+\])?==\S+(?: ; .+)? \\")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}(?: \\)?")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _name(requirement: str) -> str:
    """Normalised name (PEP 503) of a requirement."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s<>=!~;\[]", requirement.strip())[0]).lower()


def _pinned(lock: Path) -> set[str]:
    return {_name(match.group(1)) for line in _lines(lock) if (match := PIN.fullmatch(line))}


def _lines(lock: Path) -> list[str]:
    return [line.strip() for line in lock.read_text("utf-8").splitlines() if line.strip()]


def _of_group(group: str) -> set[str]:
    names: set[str] = set()
    for entry in PROJECT["dependency-groups"][group]:
        names |= _of_group(entry["include-group"]) if isinstance(entry, dict) else {_name(entry)}
    return names


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_holds_pins_and_hashes_only(lock: Path) -> None:
    strange = [
        line
        for line in _lines(lock)
        if not (line.startswith("#") or PIN.fullmatch(line) or HASH.fullmatch(line))
    ]
    assert strange == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_pin_has_a_hash(lock: Path) -> None:
    blocks = re.split(r"\n(?=\S)", lock.read_text("utf-8").strip())
    bare = [
        block.split()[0] for block in blocks if not block.startswith("#") and "--hash=sha256:" not in block
    ]
    assert bare == []


def test_the_engine_lock_holds_every_dependency_of_a_bare_install() -> None:
    needed = {_name(entry) for entry in PROJECT["project"]["dependencies"]}
    assert needed - _pinned(ROOT / "requirements" / "engine.lock") == set()


def test_the_development_lock_holds_everything_that_tests_need() -> None:
    needed = {_name(entry) for entry in PROJECT["project"]["dependencies"]} | _of_group("dev")
    assert needed - _pinned(ROOT / "requirements" / "dev.lock") == set()


def test_both_locks_agree_on_versions() -> None:
    """What an auditor installs is what was tested."""
    pins = [{line for line in _lines(lock) if PIN.fullmatch(line)} for lock in LOCKS]
    shared = set.intersection(*({_name(line) for line in lines} for lines in pins))
    versions = [{line for line in lines if _name(line) in shared} for lines in pins]
    assert all(found == versions[0] for found in versions)
