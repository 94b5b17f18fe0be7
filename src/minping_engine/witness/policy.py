"""How many witnesses must have signed: a policy as a file that everybody can read (C2SP tlog-policy).

In: lines `log VKEY`, `witness NAME VKEY`, `group NAME K|all|any MEMBER...`, `quorum NAME|none`, or keys
with a number. Out: the policy; `str()` writes it. Whether a checkpoint meets it says `check`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from minping_engine.errors import InputError, Place, Problem
from minping_engine.proof import COSIGNATURE, ED25519, VerifierKey, verifier_key

NONE = "none"
_COUNT = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


@dataclass(frozen=True)
class Group:
    """Members of which so many must have signed."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class WitnessPolicy:
    """Known witnesses, groups of them, and the one rule; no `logs` means any."""

    witnesses: Mapping[str, VerifierKey]
    quorum: str
    groups: Mapping[str, Group] = field(default_factory=dict)
    logs: tuple[VerifierKey, ...] = ()

    def is_met_by(self, signed: frozenset[str], name: str = "") -> bool:
        """Whether the rule holds if just these witnesses signed."""
        asked = name or self.quorum
        group = self.groups.get(asked)
        if group is None:
            return asked == NONE or asked in signed
        return sum(self.is_met_by(signed, one) for one in group.members) >= group.threshold

    def __str__(self) -> str:
        lines = [f"log {key}" for key in self.logs]
        lines += [f"witness {name} {key}" for name, key in self.witnesses.items()]
        lines += [
            f"group {name} {one.threshold} {' '.join(one.members)}" for name, one in self.groups.items()
        ]
        return "".join(f"{line}\n" for line in (*lines, f"quorum {self.quorum}"))


def quorum_of(keys: Sequence[VerifierKey | str], count: int) -> WitnessPolicy:
    """The plain policy: `count` of these witnesses, each named by its key's name."""
    made = [verifier_key(key) if isinstance(key, str) else key for key in keys]
    names = {key.name: key for key in made}
    if len(names) != len(made):
        raise InputError.of("witness.policy_twice")
    if not 0 < count <= len(made):
        raise InputError.of("witness.policy_count", wanted=count, keys=len(made))
    policy = WitnessPolicy(names, "witnesses", {"witnesses": Group(count, tuple(names))})
    _check_keys(policy, Place())
    return policy


def read_policy(text: str, file: str = "") -> WitnessPolicy:
    """The policy of a file. Raises `InputError` with the lines that are none."""
    reading = _Reading(file)
    for row, line in enumerate(text.split("\n"), 1):
        words = re.split(r"[ \t]+", line.strip(" \t"))
        if words[0] and not words[0].startswith("#"):
            reading.take(row, words)
    return reading.policy()


class _Reading:
    """A policy while its lines are read: names must stand before they are used."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._logs: list[VerifierKey] = []
        self._witnesses: dict[str, VerifierKey] = {}
        self._groups: dict[str, Group] = {}
        self._members: set[str] = set()
        self._quorum = ""
        self._problems: list[Problem] = []

    def take(self, row: int, words: list[str]) -> None:
        """One line."""
        try:
            fits = self._fits(words)
        except InputError:
            fits = False
        if not fits:
            self._problems.append(Problem("witness.policy_line", Place(file=self._file, row=row)))

    def policy(self) -> WitnessPolicy:
        """What was read."""
        place = Place(file=self._file)
        if not self._quorum and not self._problems:
            self._problems.append(Problem("witness.policy_no_quorum", place))
        if self._problems:
            raise InputError(self._problems)
        made = WitnessPolicy(self._witnesses, self._quorum, self._groups, tuple(self._logs))
        _check_keys(made, place)
        return made

    def _fits(self, words: list[str]) -> bool:
        match words:
            case ["log", key] | ["log", key, _]:
                self._logs.append(verifier_key(key))
                return True
            case ["witness", name, key] | ["witness", name, key, _] if self._is_new(name):
                self._witnesses[name] = verifier_key(key)
                return True
            case ["group", name, threshold, *members] if members and self._is_new(name):
                return self._takes_group(name, threshold, members)
            case ["quorum", name] if not self._quorum and (name == NONE or not self._is_new(name)):
                self._quorum = name
                return True
        return False

    def _takes_group(self, name: str, threshold: str, members: list[str]) -> bool:
        """A member may stand in one group only, so that nobody counts twice."""
        count = {"all": len(members), "any": 1}.get(threshold, 0)
        if _COUNT.fullmatch(threshold):
            count = int(threshold)
        known = {*self._witnesses, *self._groups} - self._members
        if not 0 < count <= len(members) or len(set(members)) != len(members) or not set(members) <= known:
            return False
        self._members.update(members)
        self._groups[name] = Group(count, tuple(members))
        return True

    def _is_new(self, name: str) -> bool:
        return name not in {NONE, *self._witnesses, *self._groups}


def _check_keys(policy: WitnessPolicy, place: Place) -> None:
    """One public key under two names would count twice; a log's key is no witness's."""
    for keys, kind in ((policy.logs, ED25519), (tuple(policy.witnesses.values()), COSIGNATURE)):
        if len({key.public for key in keys}) != len(keys):
            raise InputError.of("witness.policy_twice", place)
        for key in keys:
            if key.kind != kind:
                raise InputError.of("witness.policy_kind", place, name=key.name)
