"""The log's side: one request, or two where the witness knows another size; only right lines are taken."""

from __future__ import annotations

import pytest

from minping_engine.errors import InputError, IntegrityError
from minping_engine.proof import open_checkpoint, parse_lines, parse_note
from minping_engine.witness import (
    Asked,
    Witness,
    add_cosignatures,
    ask_witness,
    read_answer,
    request_from_tiles,
)
from tests.engine.proof.logs import KEY
from tests.engine.witness.bodies import key_of, log, sent, witness


class Line:
    """A line to a witness that counts what goes over it."""

    def __init__(self, to: Witness) -> None:
        self.to = to
        self.posts = 0

    def __call__(self, content: bytes) -> tuple[int, bytes]:
        self.posts += 1
        answer = self.to.add_checkpoint(content)
        return answer.status, answer.body


def ask(to: Witness, size: int, known: int = 0, edited: int | None = None) -> tuple[Asked, int]:
    line, store = Line(to), log(size, edited=edited)
    asked = ask_witness(line, store, store.files["checkpoint"], known, key=to.key.verifier)
    return asked, line.posts


def test_one_request_is_enough_where_the_log_knows_what_was_cosigned() -> None:
    one = witness()
    assert ask(one, 7)[1] == 1
    asked, posts = ask(one, 300, known=7)
    assert (asked.size, asked.problem, posts) == (300, None, 1)
    assert asked.line is not None


def test_a_log_that_forgot_what_was_cosigned_asks_twice() -> None:
    one = witness()
    ask(one, 7)
    asked, posts = ask(one, 300)
    assert (asked.size, posts) == (300, 2)
    assert asked.line is not None


def test_a_witness_that_knows_more_says_that_the_log_was_set_back() -> None:
    one = witness()
    ask(one, 300)
    asked, _ = ask(one, 7)
    assert asked.problem is not None
    assert (asked.line, asked.size, asked.problem.code) == (None, 300, "witness.ahead")


def test_a_rewritten_log_gets_no_line() -> None:
    one = witness()
    ask(one, 7)
    asked, _ = ask(one, 300, known=7, edited=2)
    assert asked.problem is not None
    assert (asked.line, asked.problem.code, asked.problem.params["status"]) == (None, "witness.refused", 422)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [(200, b"", "answer_wrong"), (200, b"nonsense", "answer_wrong"), (500, b"", "refused"),
     (404, b"", "refused"), (409, b"x\n", "refused"), (409, b"12\n", "knows_other_size"),
     (409, b"012\n", "refused")],
)  # fmt: skip
def test_other_answers_are_problems(status: int, body: bytes, code: str) -> None:
    asked = read_answer(status, body, log(7).files["checkpoint"], key=key_of(1).verifier)
    assert asked.line is None
    assert asked.problem is not None
    assert asked.problem.code == f"witness.{code}"


def test_a_line_of_another_witness_or_for_another_checkpoint_is_not_taken() -> None:
    one, two = witness(1), witness(2)
    by_two, for_nine = sent(two, log(7), 0).body, sent(one, log(9), 0).body
    for body in (by_two, for_nine):
        asked = read_answer(200, body, log(7).files["checkpoint"], key=one.key.verifier)
        assert asked.line is None


def test_lines_of_unknown_keys_in_an_answer_are_ignored() -> None:
    body = sent(witness(2), log(7), 0).body + sent(witness(1), log(7), 0).body
    asked = read_answer(200, body, log(7).files["checkpoint"], key=key_of(1).verifier)
    assert asked.line is not None
    assert asked.line.name == key_of(1).name


def test_cosignatures_stand_beside_the_logs_own_and_a_newer_one_replaces_the_older() -> None:
    store, one = log(7), witness(1)
    bodies = [sent(one, store, 0).body, sent(witness(2), store, 0).body, sent(one, store, 7).body]
    lines = [line for body in bodies for line in parse_lines(body) or ()]
    made = add_cosignatures(store.files["checkpoint"], lines)
    note = parse_note(made)
    assert note is not None
    assert [line.name for line in note.lines] == [KEY.name, key_of(2).name, key_of(1).name]
    assert all(note.holds(key) for key in (KEY.verifier, key_of(1).verifier, key_of(2).verifier))
    assert open_checkpoint(made, KEY.verifier).size == 7


def test_what_is_no_checkpoint_is_refused() -> None:
    with pytest.raises(InputError):
        request_from_tiles(log(7), b"nothing", 0)
    with pytest.raises(InputError):
        request_from_tiles(log(7), log(7).files["checkpoint"], 8)
    with pytest.raises(IntegrityError):
        add_cosignatures(b"nothing", [])
