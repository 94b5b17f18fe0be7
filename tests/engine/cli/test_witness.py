"""`minping witness`: another body makes a key, answers over HTTP and from files, remembers what it signed."""

from __future__ import annotations

import http.client
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from minping_engine.cli.witness.folder import make_folder, open_witness, read_logs
from minping_engine.cli.witness.serving import address_of
from minping_engine.errors import InputError
from minping_engine.proof import FolderStore, SigningKey, open_checkpoint, parse_note, verifier_key
from minping_engine.witness import ask_witness, request_from_tiles
from tests.engine.proof.logs import KEY, ORIGIN, grown, numbered
from tests.terminal import Screen, on_terminal

NAME = "office.example.cn/witness"
OTHER = SigningKey("example.org/other-log", bytes(32)).verifier


def minping(*words: str) -> Screen:
    return on_terminal("witness", *words, columns=160)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A witness of our log."""
    make_folder(tmp_path / "witness", NAME, [str(KEY.verifier)])
    return tmp_path / "witness"


def log_at(folder: Path, size: int, edited: int | None = None) -> Path:
    """A log published in a folder; one entry may be another one, signed again."""
    entries = numbered(size)
    if edited is not None:
        entries[edited] = b"edited"
    grown(entries, [size], FolderStore(folder))
    return folder


def request_of(log: Path, old: int) -> bytes:
    store = FolderStore(log)
    return bytes(request_from_tiles(store, (log / "checkpoint").read_bytes(), old))


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The witness as a process of its own; gives its port."""
    command = [sys.executable, "-m", "minping_engine", "witness", "serve", "--listen", "127.0.0.1:0"]
    env = {**os.environ, "PYTHONUNBUFFERED": "1", "MINPING_LANG": "en"}
    child = subprocess.Popen(
        [*command, "--dir", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env
    )
    try:
        yield _port(child), child
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(20)
        assert child.stdout is not None
        child.stdout.close()


def _port(child: subprocess.Popen[str]) -> int:
    assert child.stdout is not None
    for line in child.stdout:
        if found := re.search(r"127\.0\.0\.1:(\d+)", line):
            return int(found[1])
    raise AssertionError("the witness did not start")


def post(port: int, content: bytes, path: str = "/add-checkpoint") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", path, content)
    answer = connection.getresponse()
    try:
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_new_witness_has_a_secret_key_a_public_one_and_a_list_of_logs(tmp_path: Path) -> None:
    made = tmp_path / "made"
    screen = minping("init", "--name", NAME, "--log", str(KEY.verifier), "--dir", str(made))
    assert screen.code == 0, screen.text
    key = verifier_key((made / "witness-key.pub").read_text())
    assert (key.name, key.kind) == (NAME, 4)
    assert str(key) in screen.text
    assert stat.S_IMODE((made / "witness-key").stat().st_mode) == 0o600
    assert read_logs(made / "witness.yaml") == {ORIGIN: (KEY.verifier,)}


def test_a_witness_is_never_made_over_another(folder: Path) -> None:
    secret = (folder / "witness-key").read_text()
    with pytest.raises(InputError):
        make_folder(folder, NAME, [])
    assert (folder / "witness-key").read_text() == secret


def test_a_log_and_a_witness_that_never_meet_use_files(folder: Path, tmp_path: Path) -> None:
    """A memory stick goes there and back; the log grows between; verification asks for the witness."""
    log, file = log_at(tmp_path / "log", 7), tmp_path / "request"
    assert open_witness(folder).add_checkpoint(request_of(log_at(log, 7), 0)).status == 200
    log_at(log, 300)
    assert minping("request", str(log), "--old", "7", "--out", str(file)).code == 0
    screen = minping("sign", str(file), "--dir", str(folder))
    assert screen.code == 0, screen.text
    line = (tmp_path / "request.cosignature").read_bytes()
    (log / "checkpoint").write_bytes((log / "checkpoint").read_bytes() + line)
    public = str(folder / "witness-key.pub")
    options = ("--key", str(KEY.verifier), "--witness", public, "--quorum", "1", "--lang", "en")
    screen = on_terminal("verify", "log", str(log), *options, columns=160)
    assert screen.code == 0, screen.text
    assert NAME in screen.text


def test_a_refusal_says_why_in_words(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "request"
    file.write_bytes(request_of(log_at(tmp_path / "log", 7), 3))
    screen = minping("sign", str(file), "--dir", str(folder))
    assert screen.code == 1
    assert "上次签到 0 条" in screen.text
    assert not (tmp_path / "request.cosignature").exists()


def test_show_tells_what_was_signed_and_writes_what_contradicts_it(folder: Path, tmp_path: Path) -> None:
    for log in (log_at(tmp_path / "log", 7), log_at(tmp_path / "fork", 7, edited=2)):
        open_witness(folder).add_checkpoint(request_of(log, 0))
    screen = minping("show", "--dir", str(folder), "--evidence", str(tmp_path / "evidence"), "--lang", "en")
    assert screen.code == 0, screen.text
    assert "contradicting" in screen.text
    kept = sorted((tmp_path / "evidence").iterdir())
    heads = [open_checkpoint(one.read_bytes(), KEY.verifier) for one in kept]
    assert [head.size for head in heads] == [7, 7]
    assert heads[0].root != heads[1].root


def test_over_http_it_signs_what_continues_and_says_its_size_otherwise(folder: Path, tmp_path: Path) -> None:
    key = verifier_key((folder / "witness-key.pub").read_text())
    with serving(folder) as (port, _):
        for size in (7, 300, 300):
            log = log_at(tmp_path / "log", size)
            content = (log / "checkpoint").read_bytes()
            asked = ask_witness(lambda body: post(port, body), FolderStore(log), content, key=key)
            assert asked.line is not None, asked
        assert post(port, request_of(log, 7)) == (409, b"300\n")
        assert post(port, request_of(log_at(tmp_path / "fork", 400, edited=5), 300))[0] == 422


def test_anybody_can_read_the_latest_cosigned_checkpoint(folder: Path, tmp_path: Path) -> None:
    key = verifier_key((folder / "witness-key.pub").read_text())
    path = f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
    with serving(folder) as (port, _):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", path)
        before = connection.getresponse()
        assert (before.status, before.read()) == (404, b"not found\n")
        assert post(port, request_of(log_at(tmp_path / "log", 7), 0))[0] == 200
        connection.request("GET", path)  # over the connection that stayed open
        note = parse_note(connection.getresponse().read())
        connection.close()
    assert note is not None
    assert (note.holds(KEY.verifier), note.holds(key)) == (True, True)


def test_what_is_too_long_or_goes_elsewhere_is_turned_away(folder: Path) -> None:
    with serving(folder) as (port, _):
        assert post(port, bytes(70_000))[0] == 413
        assert post(port, b"", "/elsewhere")[0] == 404
        assert post(port, b"nonsense")[0] == 400


def test_the_screen_of_a_serving_witness_holds_no_secret_and_no_body(folder: Path, tmp_path: Path) -> None:
    with serving(folder) as (port, child):
        post(port, request_of(log_at(tmp_path / "log", 7), 0))
        post(port, b"nonsense that somebody sent")
        child.send_signal(signal.SIGINT)
        assert child.stdout is not None
        told = child.stdout.read()
    assert f"200 {ORIGIN} 7" in told
    assert "nonsense" not in told
    assert "PRIVATE" not in told


def test_requests_at_the_same_time_never_give_two_signatures_over_different_histories(
    folder: Path, tmp_path: Path
) -> None:
    """Forty requests race, half of them of a forked log: one history alone is signed."""
    honest, forked = (log_at(tmp_path / name, 50, edited=edited) for name, edited in (("a", None), ("b", 3)))
    bodies = [request_of(log, 0) for log in (honest, forked)] * 20
    with serving(folder) as (port, _), ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(lambda body: post(port, body)[0], bodies))
    assert statuses.count(200) == 1
    assert set(statuses) == {200, 409}


def test_what_was_signed_is_remembered_after_kill_9(folder: Path, tmp_path: Path) -> None:
    """Whatever the witness answered with 200 before it died is its state afterwards."""
    signed, log = [0], tmp_path / "log"
    for begin in range(3):
        with serving(folder) as (port, child):
            threading.Timer(0.3, child.kill).start()
            for size in range(signed[-1] + 1, signed[-1] + 200):
                try:
                    status, _ = post(port, request_of(log_at(log, size), signed[-1]))
                except (OSError, http.client.HTTPException):
                    break
                assert status == 200, begin
                signed.append(size)
        with sqlite3.connect(folder / "memory.sqlite3") as memory:
            (size,) = memory.execute("SELECT size FROM latest").fetchone() or (0,)
        memory.close()
        assert size in (signed[-1], signed[-1] + 1)  # it may have died between writing and answering
        signed.append(size)


def test_a_witness_without_its_memory_does_not_start(folder: Path) -> None:
    (folder / "memory.sqlite3").unlink()
    screen = minping("serve", "--dir", str(folder))
    assert screen.code == 5, screen.text
    assert "memory.sqlite3" in screen.text


@pytest.mark.parametrize(
    "text", ["", "logs: no", "logs: [1]", "logs: [nonsense]", "{", f"logs: ['{OTHER}x']"]
)
def test_a_list_of_logs_that_cannot_be_read_stops_the_witness(folder: Path, text: str) -> None:
    (folder / "witness.yaml").write_text(text)
    with pytest.raises(InputError):
        open_witness(folder)


def test_the_key_of_a_witness_is_no_log(folder: Path) -> None:
    with pytest.raises(InputError):
        make_folder(folder / "other", NAME, [(folder / "witness-key.pub").read_text()])


def test_a_log_is_added_by_a_line_in_the_list_and_may_have_two_keys(folder: Path) -> None:
    renewed = SigningKey(ORIGIN, bytes([9]) * 32).verifier
    with (folder / "witness.yaml").open("a") as file:
        file.write(f"  - {OTHER}\n  - {renewed}\n")
    assert open_witness(folder).logs == {ORIGIN: (KEY.verifier, renewed), OTHER.name: (OTHER,)}


def test_a_folder_without_a_witness_is_told(tmp_path: Path) -> None:
    screen = minping("show", "--dir", str(tmp_path))
    assert screen.code == 2
    assert "witness init" in screen.text


@pytest.mark.parametrize("listen", ["nonsense", "127.0.0.1:", ":80", "127.0.0.1:70000"])
def test_an_address_that_is_none_is_told(listen: str) -> None:
    with pytest.raises(InputError):
        address_of(listen)
