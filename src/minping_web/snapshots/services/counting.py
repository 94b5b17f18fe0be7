"""Open and count: sealed slots in, columns of small numbers out, in memory only.

Slots are read in the order of their key, a keyed hash, a thousand at a time; each ballot is opened, read and
checked against its questionnaire once more. What does not open or does not fit is counted as invalid and
said; ballots of voided areas are set aside. No core dump can be written while ballots are open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from minping_engine.terms import Mode
from minping_web.ballots.models import OpenBallot
from minping_web.ballots.rules.payload import Circumstances, read_payload
from minping_web.ballots.rules.sealing import NotReadableError, Opener
from minping_web.ballots.services.key_files import forbid_core_dumps
from minping_web.instruments.rules.questionnaire import Given, check_given
from minping_web.rounds.services.secrets import RoundSecrets
from minping_web.snapshots.rules.cells import parse_cell
from minping_web.snapshots.rules.columns import NONE, Comment, Comments, Numbering, Receipts, Sheet
from minping_web.snapshots.selectors.facts import RoundFacts

SLOTS_AT_ONCE = 1_000
MOST_STRATUM = 1_000
MODES = frozenset(mode.value for mode in Mode) - {Mode.UNKNOWN.value, Mode.OPEN_ONLINE.value}
Report = Callable[[int], None]
_UNREADABLE = (NotReadableError, KeyError, TypeError, ValueError, AttributeError, OverflowError)


@dataclass
class Counted:
    """Everything that was in the slots, without the slots."""

    sheets: dict[str, Sheet]
    cells: Numbering = field(default_factory=Numbering)
    clusters: Numbering = field(default_factory=lambda: Numbering([""]))
    batches: Numbering = field(default_factory=lambda: Numbering([""]))
    receipts: Receipts = field(default_factory=Receipts)
    comments: Comments = field(default_factory=Comments)
    slots: int = 0
    invalid: int = 0
    set_aside: int = 0
    open_found: int = 0
    open_invalid: int = 0

    @property
    def ballots(self) -> int:
        """Counted ballots of invited households."""
        return len(self.receipts.targets)


def count(facts: RoundFacts, opener: Opener, keys: RoundSecrets, report: Report) -> Counted:
    """Open every slot of the round, then the answers to the open link, which have no household."""
    forbid_core_dumps()
    sheets = {
        key: Sheet(key, tuple(item.id for item in form.items), tuple(one.variable for one in form.about))
        for key, form in facts.questionnaires.items()
    }
    counted = Counted(sheets)
    for h2, sealed in _slots(facts.round.pk):
        counted.slots += 1
        _take_slot(facts, counted, opener, keys, (h2, sealed))
        if counted.slots % SLOTS_AT_ONCE == 0:
            report(counted.slots)
    for number, sealed in _open_ballots(facts.round.pk):
        counted.open_found += 1
        _take_open(facts, counted, opener, number, sealed)
    return counted


def _slots(round_id: int) -> Iterator[tuple[bytes, bytes]]:
    # The plus keeps the planner on the primary key: no sorting of a gigabyte, no long transaction.
    query = "SELECT h2, sealed FROM ballots_ballotslot WHERE +round_id = %s AND h2 > %s ORDER BY h2 LIMIT %s"
    last = b""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(query, [round_id, last, SLOTS_AT_ONCE])
            rows = cursor.fetchall()
        for h2, sealed in rows:
            yield bytes(h2), bytes(sealed)
        if len(rows) < SLOTS_AT_ONCE:
            return
        last = bytes(rows[-1][0])


def _open_ballots(round_id: int) -> Iterator[tuple[UUID, bytes]]:
    rows = OpenBallot.objects.filter(round_id=round_id).order_by("pk").values_list("pk", "sealed")
    for number, sealed in rows.iterator(chunk_size=SLOTS_AT_ONCE):
        yield number, bytes(sealed)


def _take_slot(
    facts: RoundFacts, counted: Counted, opener: Opener, keys: RoundSecrets, slot: tuple[bytes, bytes]
) -> None:
    h2, sealed = slot
    try:
        given, about = read_payload(opener.open(facts.round.pk, h2, sealed))
        sound = _fits(facts, given, about) and about.mode_used in MODES
    except _UNREADABLE:
        sound = False
    if not sound:
        counted.invalid += 1
    elif about.area_id in facts.voided:
        counted.set_aside += 1
    else:
        target = facts.target_of[about.area_id]
        _add(counted, target, given, about)
        counted.receipts.add(target, keys.receipt(h2))


def _take_open(facts: RoundFacts, counted: Counted, opener: Opener, number: UUID, sealed: bytes) -> None:
    try:
        given, about = read_payload(opener.open(facts.round.pk, number.bytes, sealed))
        sound = _fits(facts, given, about) and about.mode_used == Mode.OPEN_ONLINE
    except _UNREADABLE:
        sound = False
    if sound and about.area_id not in facts.voided:
        _add(counted, facts.target_of[about.area_id], given, about)
    elif not sound:
        counted.open_invalid += 1


def _fits(facts: RoundFacts, given: Given, about: Circumstances) -> bool:
    """Whether it is a ballot of this round that its questionnaire allows."""
    form = facts.questionnaires.get(about.instrument)
    if form is None or about.area_id not in facts.target_of or not 0 <= about.stratum <= MOST_STRATUM:
        return False
    highest = {one.name: one.rest for one in facts.frame_variables}
    parse = parse_cell(about.frame_cell)
    return all(0 <= level < highest.get(name, 0) for name, level in parse) and check_given(form, given)


def _add(counted: Counted, target: int, given: Given, about: Circumstances) -> None:
    sheet = counted.sheets[about.instrument]
    row = {
        "target": target,
        "stratum": about.stratum,
        "frame_cell": counted.cells(about.frame_cell),
        "mode": about.mode_used,
        "randomised": int(about.randomised),
        "help": given.help,
        "cluster": counted.clusters(about.cluster),
        "batch": counted.batches(about.batch),
    }
    row |= {f"item_{name}": NONE if code is None else code for name, code in given.items.items()}
    row |= {f"about_{name}": given.about.get(name, NONE) for name in sheet.about}
    sheet.columns.add(row)
    if given.comment or given.fields:
        asked = "" if about.mode_used == Mode.OPEN_ONLINE else about.instrument
        counted.comments.add(Comment(target, asked, given.comment, given.fields))
