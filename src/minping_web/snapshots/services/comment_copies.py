"""Comments of a round: redacted copies in random order for the snapshot, originals beside them for sealing.

Numbers are random and stand in their order, comments are shuffled by index: nothing joins them to ballots.
A comment is released where the ballots are that it could have come with: those of invited households that
answered its questionnaire in its area. With withheld ballots it is withheld; comments of the open link are
too, since the table could not tell them apart.
Texts are bytes behind one another all the way; only one at a time is a text.
"""

from __future__ import annotations

import secrets
from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from minping_engine.insight import NameList, redact
from minping_web.people.models import Person
from minping_web.snapshots.rules.columns import Comment, Comments
from minping_web.snapshots.services.ballot_tables import fresh_numbers


@dataclass(frozen=True)
class Originals:
    """Comments as they were written, in the order of their random numbers."""

    comments: Comments
    order: array[int]
    numbers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.order)

    def __iter__(self) -> Iterator[tuple[int, Comment]]:
        """(number of the redacted copy, original), one at a time."""
        for number, at in zip(self.numbers, self.order, strict=True):
            yield int(number), self.comments[at]


def shuffled(comments: Comments) -> Originals:
    """Random numbers in random order, both from the operating system."""
    order = array("i", range(len(comments)))
    secrets.SystemRandom().shuffle(order)
    return Originals(comments, order, np.sort(fresh_numbers(len(comments))))


def redacted_table(originals: Originals, released: Collection[tuple[str, int]]) -> pa.Table:
    """Redacted copies by number, of `released` (questionnaire, target); an empty copy is no comment."""
    names = NameList(Person.objects.values_list("name", flat=True))
    numbers, targets, ends, letters = array("q"), array("i"), array("i", [0]), bytearray()
    for number, one in originals:
        if (one.instrument, one.target) not in released:
            continue
        text = redact(one.text, names=names).text
        if text:
            numbers.append(number)
            targets.append(one.target)
            letters += text.encode("utf-8")
            ends.append(len(letters))
    texts = pa.StringArray.from_buffers(len(numbers), pa.py_buffer(ends), pa.py_buffer(letters))
    return pa.table(
        {
            "comment_id": pa.array(np.frombuffer(numbers, np.int64), pa.int64()),
            "target": pa.array(np.frombuffer(targets, np.int32), pa.int32()),
            "text": texts,
        }
    )
