"""Two verifiers that nobody here wrote accept our logs and refuse every attack (tests/deep/foreign)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from minping_engine.proof import FolderStore, entry_of, inclusion_proof, parse_lines
from minping_engine.witness import add_cosignatures
from tests.conftest import ROOT
from tests.engine.proof.logs import KEY, ORIGIN, grown
from tests.engine.witness.bodies import key_of, request, witness

pytestmark = pytest.mark.deep
FOREIGN = ROOT / "tests" / "deep" / "foreign"
MODULES = ROOT / ".venv-foreign" / "node_modules"
OLDEST_NODE = 20
GO_SOURCES = Path("/usr/share/gocode")
SIZES = [1, 2, 255, 256, 257, 769, 1_000, 65_535, 65_536, 65_537, 70_000]
"""Edges of tiles: of one bundle, of one level, of two."""
WITNESSES = (1, 2)


def entries(count: int) -> list[bytes]:
    return [entry_of("tally", f"step/{n}", {"n": n}, n.to_bytes(32, "big")) for n in range(count)]


def log_at(folder: Path, sizes: list[int], made: list[bytes] | None = None) -> Path:
    """A published log whose last checkpoint bears the lines of two witnesses."""
    store = grown(made or entries(sizes[-1]), sizes)
    answers = [witness(number).add_checkpoint(request(store, 0)) for number in WITNESSES]
    lines = [line for answer in answers for line in parse_lines(answer.body) or ()]
    store.files["checkpoint"] = add_cosignatures(store.files["checkpoint"], lines)
    for name, content in store.files.items():
        FolderStore(folder).write(name, content)
    return folder


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program, built against the packages of the system."""
    if shutil.which("go") is None or not GO_SOURCES.is_dir():
        pytest.fail("run `make test-deep`, or tools/system-packages.sh foreign")
    folder = tmp_path_factory.mktemp("go")
    env = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": str(GO_SOURCES),
        "GOFLAGS": "",
        "GOCACHE": str(folder / "cache"),
    }
    command = ["go", "build", "-o", str(folder / "verify_log"), str(FOREIGN / "verify_log.go")]
    subprocess.run(command, check=True, env=env, cwd=folder)
    return folder / "verify_log"


def judged(go: Path, folder: Path, old: Path | None = None, *, witnesses: tuple[int, ...] = WITNESSES) -> str:
    """What the Go program says of a log."""
    keys = [str(key_of(number).verifier) for number in witnesses]
    command = [str(go), str(folder), str(KEY.verifier), str(old or "-"), *keys]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


@pytest.mark.parametrize("size", SIZES)
def test_go_finds_our_logs_sound_at_the_edges_of_tiles(go: Path, tmp_path: Path, size: int) -> None:
    old = log_at(tmp_path / "old", [max(1, size * 2 // 3)]) / "checkpoint"
    assert judged(go, log_at(tmp_path / "log", [size]), old) == f"sound {size}"


def test_go_misses_a_witness_that_did_not_sign(go: Path, tmp_path: Path) -> None:
    assert judged(go, log_at(tmp_path, [300]), witnesses=(1, 2, 3)) == "fault: 3 of 4 signatures"


def flipped(name: str, place: int) -> Callable[[Path], object]:
    """An attack: one bit of a file."""

    def attack(folder: Path) -> None:
        content = bytearray((folder / name).read_bytes())
        content[place] ^= 1
        (folder / name).write_bytes(content)

    return attack


def replaced(made: list[bytes], size: int) -> Callable[[Path], object]:
    """An attack: another history, signed again with the real key."""

    def attack(folder: Path) -> None:
        shutil.rmtree(folder)
        log_at(folder, [size], made)

    return attack


EDITED = [*entries(40), b"edited", *entries(600)[41:]]
ATTACKS: dict[str, Callable[[Path], object]] = {
    "edited history, signed again": replaced(EDITED, 600),
    "fork at equal size": replaced(EDITED[:400], 400),
    "rollback": replaced(entries(399), 399),
    "removed entry, signed again": replaced([*entries(40), *entries(601)[41:]], 600),
    "flipped byte of a bundle": flipped("tile/entries/000", 100),
    "flipped byte of a last bundle": flipped("tile/entries/002.p/88", 100),
    "flipped byte of a tile": flipped("tile/0/001", 100),
    "flipped byte of a tile above": flipped("tile/1/000.p/2", 10),
    "flipped byte of the root": flipped("checkpoint", len(ORIGIN) + 10),
    "flipped byte of a witness's line": flipped("checkpoint", -20),
    "removed bundle": lambda folder: (folder / "tile/entries/001").unlink(),
    "removed tile": lambda folder: (folder / "tile/0/002.p/88").unlink(),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_go_refuses_every_attack(go: Path, tmp_path: Path, attack: str) -> None:
    """An older checkpoint of 400 entries was kept; the log has 600."""
    old, log = log_at(tmp_path / "old", [400]) / "checkpoint", log_at(tmp_path / "log", [600])
    assert judged(go, log, old) == "sound 600"
    ATTACKS[attack](log)
    assert judged(go, log, old).startswith("fault: ")


def claim(folder: Path, index: int, made: list[bytes]) -> dict[str, object]:
    """What a log hands out to show that it holds an entry."""
    public = Ed25519PrivateKey.from_private_bytes(KEY.seed).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    proof = inclusion_proof(FolderStore(folder), index, size=len(made))
    return {
        "origin": ORIGIN,
        "keyHash": b64encode(KEY.verifier.key_hash).decode(),
        "publicKey": b64encode(der).decode(),
        "checkpoint": (folder / "checkpoint").read_text("utf-8"),
        "index": index,
        "entry": b64encode(made[index]).decode(),
        "hashes": [b64encode(one).decode() for one in proof],
    }


def _or_left_out() -> None:
    """npm's package needs a package host and a newer node than some systems have; Go's needs neither."""
    if not (MODULES.parent / ".made-from").is_file():
        pytest.skip("tools/setup-foreign.sh could not install npm's package; Go's is the other one")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.lstrip("v").partition(".")[0]) < OLDEST_NODE:
        pytest.skip(f"node {version.strip()} is older than {OLDEST_NODE}; Go's verifier is the other one")


def answers(claims: list[dict[str, object]]) -> list[object]:
    """What the npm package says of them."""
    _or_left_out()
    command = ["node", str(FOREIGN / "verify_proofs.js"), str(MODULES)]
    run = subprocess.run(command, input=json.dumps(claims), capture_output=True, text=True, check=True)
    return list(json.loads(run.stdout))


@pytest.mark.parametrize("size", [1, 257, 70_000])
def test_sigstore_accepts_checkpoint_and_inclusion_proofs(tmp_path: Path, size: int) -> None:
    made = entries(size)
    log = log_at(tmp_path, [size], made)
    claims = [claim(log, index, made) for index in sorted({0, size // 3, size // 2, size - 1})]
    assert answers(claims) == [True] * len(claims)


def test_sigstore_refuses_changed_claims(tmp_path: Path) -> None:
    made = entries(600)
    log = log_at(tmp_path, [600], made)
    right = claim(log, 40, made)
    hashes, signed = right["hashes"], right["checkpoint"]
    assert isinstance(hashes, list)
    assert isinstance(signed, str)
    wrong = [
        {**right, "entry": b64encode(b"edited").decode()},
        {**right, "index": 41},
        {**right, "hashes": [hashes[1], hashes[0], *hashes[2:]]},
        {**right, "hashes": hashes[:-1]},
        {**right, "checkpoint": signed.replace("\n600\n", "\n601\n")},
        {**right, "checkpoint": signed.replace(ORIGIN, "example.org/other", 1)},
        {**right, "keyHash": b64encode(bytes(4)).decode()},
    ]
    found = answers([right, *wrong])
    assert found[0] is True
    assert [one for one in found[1:] if one is True] == []
