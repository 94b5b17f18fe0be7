"""`verify_log` with what others hold: witnesses, a root on paper, an authority's timestamp."""

from __future__ import annotations

from pathlib import Path

import pytest

from minping_engine.anchors import printed_root, timestamp_request
from minping_engine.errors import Severity
from minping_engine.proof import FolderStore, open_checkpoint, parse_lines
from minping_engine.verification import LogReport, OutsideProofs, verify_log
from minping_engine.witness import Witness, add_cosignatures, quorum_of, request_from_tiles
from tests.engine.anchors.authority import authority
from tests.engine.proof.logs import KEY, grown, numbered
from tests.engine.witness.bodies import key_of, witness
from tests.terminal import on_terminal

KEY_TEXT = str(KEY.verifier)
WITNESSES = [key_of(number).verifier for number in (1, 2, 3)]
TWO_OF_THREE = OutsideProofs(policy=quorum_of(WITNESSES, 2))


def published(
    folder: Path, size: int, signers: list[Witness], *, old: int = 0, edited: int | None = None
) -> Path:
    """A log in a folder with the lines of those witnesses that sign it."""
    entries = numbered(size)
    if edited is not None:
        entries[edited] = b"edited"
    store = FolderStore(folder)
    grown(entries, [size], store)
    content = (folder / "checkpoint").read_bytes()
    answers = [one.add_checkpoint(bytes(request_from_tiles(store, content, old))) for one in signers]
    lines = [line for one in answers if one.status == 200 for line in parse_lines(one.body) or ()]
    (folder / "checkpoint").write_bytes(add_cosignatures(content, lines))
    return folder


def codes(report: LogReport) -> list[str]:
    return [one.code for one in report.problems if one.severity is Severity.ERROR]


def test_a_log_that_enough_witnesses_signed_is_sound(tmp_path: Path) -> None:
    log = published(tmp_path, 300, [witness(1), witness(3)])
    report = verify_log(log, KEY_TEXT, outside=TWO_OF_THREE)
    assert report.problems == ()
    assert [one.name for one in report.cosigned] == [key_of(1).name, key_of(3).name]


def test_a_log_that_too_few_witnesses_signed_is_not(tmp_path: Path) -> None:
    log = published(tmp_path, 300, [witness(1)])
    assert codes(verify_log(log, KEY_TEXT, outside=TWO_OF_THREE)) == ["witness.quorum_missed"]


@pytest.mark.parametrize(("size", "edited"), [(400, 5), (300, 5), (200, None)])
def test_what_witnesses_refuse_does_not_pass_as_witnessed(
    tmp_path: Path, size: int, edited: int | None
) -> None:
    """Edited history, fork at equal size, rollback: all signed with the real key, sound by themselves."""
    signers = [witness(number) for number in (1, 2, 3)]
    published(tmp_path / "honest", 300, signers)
    log = published(tmp_path / "forged", size, signers, old=min(size, 300), edited=edited)
    assert verify_log(log, KEY_TEXT).is_sound
    assert codes(verify_log(log, KEY_TEXT, outside=TWO_OF_THREE)) == ["witness.quorum_missed"]


def test_lines_of_witnesses_on_an_older_checkpoint_do_not_serve_a_newer_one(tmp_path: Path) -> None:
    signers = [witness(1), witness(2)]
    old = (published(tmp_path / "old", 200, signers) / "checkpoint").read_bytes()
    log = published(tmp_path / "new", 300, [])
    stolen = (log / "checkpoint").read_bytes() + b"".join(
        b"%s\n" % line for line in old.split(b"\n")[5:] if line
    )
    (log / "checkpoint").write_bytes(stolen)
    assert set(codes(verify_log(log, KEY_TEXT, outside=TWO_OF_THREE))) == {
        "witness.cosignature_wrong", "witness.quorum_missed",
    }  # fmt: skip


def test_a_log_continues_the_root_on_paper(tmp_path: Path) -> None:
    paper = open_checkpoint((published(tmp_path / "old", 200, []) / "checkpoint").read_bytes(), KEY.verifier)
    report = verify_log(published(tmp_path / "new", 300, []), KEY_TEXT, outside=OutsideProofs(printed=paper))
    assert (report.problems, report.printed_size) == ((), 200)


@pytest.mark.parametrize(("size", "edited", "code"), [
    (300, 5, "ledger.history_changed"), (200, 5, "ledger.history_changed"), (199, None, "ledger.rolled_back"),
])  # fmt: skip
def test_a_rewritten_or_shortened_log_fails_against_paper(
    tmp_path: Path, size: int, edited: int | None, code: str
) -> None:
    paper = open_checkpoint((published(tmp_path / "old", 200, []) / "checkpoint").read_bytes(), KEY.verifier)
    log = published(tmp_path / "new", size, [], edited=edited)
    assert codes(verify_log(log, KEY_TEXT, outside=OutsideProofs(printed=paper))) == [code]


def test_paper_of_another_log_is_told(tmp_path: Path) -> None:
    log = published(tmp_path, 7, [])
    paper = open_checkpoint((log / "checkpoint").read_bytes(), KEY.verifier)
    other = OutsideProofs(printed=type(paper)("example.org/other", paper.size, paper.root))
    assert codes(verify_log(log, KEY_TEXT, outside=other)) == ["anchors.printed_other_log"]


def test_a_timestamp_is_of_this_checkpoint_or_of_the_one_that_was_kept(tmp_path: Path) -> None:
    authority_folder = tmp_path / "authority"
    authority_folder.mkdir()
    ours = authority(authority_folder)
    kept = (published(tmp_path / "old", 200, []) / "checkpoint").read_bytes()
    stamp = ours.answers(timestamp_request(open_checkpoint(kept, KEY.verifier).text))
    outside = OutsideProofs(stamp=stamp, roots=ours.root)
    assert verify_log(tmp_path / "old", KEY_TEXT, outside=outside).stamped is not None
    grown_log = published(tmp_path / "new", 300, [])
    assert verify_log(grown_log, KEY_TEXT, kept, outside=outside).stamped is not None
    assert codes(verify_log(grown_log, KEY_TEXT, outside=outside)) == ["anchors.stamp_other"]


def test_on_the_terminal_all_of_them_are_told_and_nothing_is_left_to_warn_of(tmp_path: Path) -> None:
    (tmp_path / "authority").mkdir()
    ours, log = authority(tmp_path / "authority"), published(tmp_path / "log", 300, [witness(1), witness(2)])
    head = open_checkpoint((log / "checkpoint").read_bytes(), KEY.verifier)
    (tmp_path / "stamp.tsr").write_bytes(ours.answers(timestamp_request(head.text)))
    (tmp_path / "root.pem").write_bytes(ours.root)
    options = [word for key in WITNESSES for word in ("--witness", str(key))]
    options += ["--quorum", "2", "--printed", printed_root(head).payload.lower()]
    options += ["--timestamp", str(tmp_path / "stamp.tsr"), "--authority", str(tmp_path / "root.pem")]
    screen = on_terminal("verify", "log", str(log), "--key", KEY_TEXT, *options, columns=150)
    assert screen.code == 0, screen.text
    assert printed_root(head).payload in screen.text
    for word in (key_of(1).name, key_of(2).name, "2026-09-21", "与纸面的根衔接", "Invented Time Authority"):
        assert word in screen.text, screen.text
    assert "--since" not in screen.text


def test_a_typing_error_on_the_terminal_is_told_from_a_changed_log(tmp_path: Path) -> None:
    log = published(tmp_path, 300, [])
    head = open_checkpoint((log / "checkpoint").read_bytes(), KEY.verifier)
    typed = printed_root(head).payload.replace(" 300 ", " 301 ")
    screen = on_terminal("verify", "log", str(log), "--key", KEY_TEXT, "--printed", typed, columns=150)
    assert screen.code == 2
    assert "录入有误" in screen.text


def test_a_policy_may_lie_in_a_file(tmp_path: Path) -> None:
    log = published(tmp_path / "log", 7, [witness(1)])
    (tmp_path / "policy").write_text(str(quorum_of(WITNESSES, 2)))
    command = ("verify", "log", str(log), "--key", KEY_TEXT, "--policy", str(tmp_path / "policy"))
    screen = on_terminal(*command, columns=150)
    assert screen.code == 1
    assert "3 个见证方中只有 1 个" in screen.text
