"""k of n witnesses, also in groups; one body counts once; the policy is a file (C2SP tlog-policy)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.errors import InputError
from minping_engine.proof import SignatureLine, WitnessKey, parse_lines
from minping_engine.witness import WitnessPolicy, add_cosignatures, check_policy, quorum_of, read_policy
from tests.engine.proof.logs import KEY
from tests.engine.witness.bodies import BEGIN, key_of, log, sent, witness

KEYS = [str(key_of(number).verifier) for number in range(1, 6)]
GROUPS = f"""# two of three universities, and either office
log {KEY.verifier}

witness a {KEYS[0]}
witness b {KEYS[1]} https://b.example.cn/witness
\twitness  c {KEYS[2]}
witness d {KEYS[3]}
witness e {KEYS[4]}
group universities 2 a b c
group offices any d e
group both all universities offices
quorum both
"""


def cosigned(*numbers: int) -> bytes:
    """A checkpoint of seven entries with the lines of these witnesses."""
    store = log(7)
    lines = [line for number in numbers for line in parse_lines(sent(witness(number), store, 0).body) or ()]
    return add_cosignatures(store.files["checkpoint"], lines)


def codes(content: bytes, policy: WitnessPolicy) -> list[str]:
    return [problem.code for problem in check_policy(content, policy).problems]


@pytest.mark.parametrize(("signers", "count", "met"), [((1, 2), 2, True), ((1,), 2, False), ((), 1, False),
                                                       ((1, 2, 3), 3, True), ((4, 5), 2, False)])  # fmt: skip
def test_k_of_n_is_counted_over_the_known_witnesses(signers: tuple[int, ...], count: int, met: bool) -> None:
    check = check_policy(cosigned(*signers), quorum_of(KEYS[:3], count))
    assert check.is_met is met
    assert [one.name for one in check.cosigned] == [key_of(n).name for n in signers if n <= 3]
    assert {one.seconds for one in check.cosigned} <= {BEGIN}


@pytest.mark.parametrize(
    ("signers", "met"), [((1, 3, 5), True), ((1, 2, 3), False), ((1, 4, 5), False), ((1, 2, 4), True)]
)
def test_groups_are_counted_by_their_own_rule(signers: tuple[int, ...], met: bool) -> None:
    assert check_policy(cosigned(*signers), read_policy(GROUPS)).is_met is met


def test_a_policy_is_written_and_read_back() -> None:
    policy = read_policy(GROUPS)
    assert read_policy(str(policy)) == policy
    flat = quorum_of(KEYS, 3)
    assert read_policy(str(flat)) == flat


def test_no_quorum_asks_for_nobody() -> None:
    assert check_policy(cosigned(), read_policy("quorum none\n")).is_met


def test_a_known_witness_whose_line_does_not_hold_is_a_fault_even_beside_enough_others() -> None:
    key = key_of(3)
    wrong = SignatureLine(key.name, key.verifier.key_hash, BEGIN.to_bytes(8, "big") + bytes(64))
    content = add_cosignatures(cosigned(1, 2), [wrong])
    assert codes(content, quorum_of(KEYS[:3], 2)) == ["witness.cosignature_wrong"]


def test_a_policy_of_another_log_is_not_met() -> None:
    other = KEYS[0], f"log {WitnessKey('x.example', bytes(32)).verifier}\nquorum none\n"
    with pytest.raises(InputError):
        read_policy(other[1])  # a witness's key is no log's
    policy = read_policy(
        "log sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8\nquorum none\n"
    )
    assert codes(cosigned(1), policy) == ["witness.other_log"]


def test_one_body_under_two_names_does_not_count_twice() -> None:
    twin = WitnessKey("other-name.example.cn", key_of(1).seed).verifier
    for refused in (lambda: quorum_of([KEYS[0], twin], 2), lambda: quorum_of([KEYS[0], KEYS[0]], 2),
                    lambda: read_policy(f"witness a {KEYS[0]}\nwitness b {twin}\nquorum a\n")):  # fmt: skip
        with pytest.raises(InputError) as raised:
            refused()
        assert raised.value.problems[0].code == "witness.policy_twice"


def test_the_logs_own_key_is_no_witness() -> None:
    with pytest.raises(InputError) as raised:
        quorum_of([str(KEY.verifier)], 1)
    assert raised.value.problems[0].code == "witness.policy_kind"


@pytest.mark.parametrize("count", [0, -1, 4])
def test_a_number_that_cannot_be_met_is_refused(count: int) -> None:
    with pytest.raises(InputError):
        quorum_of(KEYS[:3], count)


@pytest.mark.parametrize(
    "line",
    ["nonsense", "log", "witness a2 no-key", f"witness a {KEYS[3]}", f"witness none {KEYS[3]}",
     "quorum later", "group g 3 a b", "group g 0 a b", "group g 01 b", "group g any", "group g any z",
     "group g 2 a a", "group g 1 taken"],
)  # fmt: skip
def test_lines_that_are_none_are_named(line: str) -> None:
    head = f"witness a {KEYS[0]}\nwitness b {KEYS[1]}\nwitness taken {KEYS[2]}\ngroup first any taken\n\n"
    with pytest.raises(InputError) as raised:
        read_policy(f"{head}{line}\nquorum first\n", "policy")
    assert [(one.code, one.place.row) for one in raised.value.problems] == [("witness.policy_line", 6)]


def test_a_policy_without_a_rule_is_refused() -> None:
    with pytest.raises(InputError) as raised:
        read_policy(f"witness a {KEYS[0]}\n")
    assert raised.value.problems[0].code == "witness.policy_no_quorum"


@given(st.sets(st.integers(0, 4)), st.sets(st.integers(0, 4)), st.integers(1, 5))
def test_more_signatures_never_break_a_policy(some: set[int], more: set[int], count: int) -> None:
    names = [key_of(number).name for number in range(1, 6)]
    policy = quorum_of(KEYS, count)
    few, many = frozenset(names[n] for n in some), frozenset(names[n] for n in some | more)
    assert policy.is_met_by(few) == (len(few) >= count)
    assert policy.is_met_by(many) or not policy.is_met_by(few)
