"""A small year for tests: rounds of the demonstration district, with draw, receipts, result, publication.

Everything is sealed as the product seals it: records under commitments in one log that two witnesses signed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from minping_engine.assessment import Result, assess, earlier_tables, write_result
from minping_engine.demo import DemoParameters, make_district, seal_quarter
from minping_engine.evidence import scheduler_named
from minping_engine.proof import (
    FolderStore,
    SignatureLine,
    entry_of,
    parse_lines,
)
from minping_engine.sampling import (
    DRAWN,
    FRAME_SEALED,
    SEED_NAMED,
    DrawnValue,
    DrawSteps,
    draw_by_plan,
    plan_draw,
    write_draw,
)
from minping_engine.scheme import LoadedScheme, library_folder
from minping_engine.snapshot import (
    BallotPart,
    Snapshot,
    SnapshotHead,
    canonical_json,
    file_sha256,
    json_sha256,
    open_snapshot,
    read_parquet,
    seal_snapshot,
)
from minping_engine.verification import ballot_roots, receipts_root, root_over_areas, write_index
from minping_engine.verification.yearly.rerun import frozen_scheme
from minping_engine.witness import add_cosignatures, quorum_of
from tests.engine.proof.logs import KEY, grown
from tests.engine.sampling.frames import DESIGN, NAMED, VALUE, listed, opening, record
from tests.engine.witness.bodies import key_of, request, witness

YEAR = 2019
SCHEME = "gulou-worker"
TINY = DemoParameters.small()
SALT = bytes(range(32))


@dataclass
class YearMaker:
    """Collects steps while parts are written; `finish` seals the log and the index."""

    folder: Path
    steps: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def stage(self, kind: str, step: str, sealed: dict[str, Any]) -> None:
        """Enter a step, after one of another kind that stays closed."""
        self.steps += [("access.grant", f"access.grant/{len(self.steps)}", {"n": len(self.steps)})]
        self.steps += [(kind, step, sealed)]

    def finish(self, *, closed: Sequence[int] = ()) -> None:
        """Log with two witnesses, opened records, policy, index."""
        policy = str(quorum_of([key_of(number).verifier for number in (1, 2)], 2))
        (self.folder / "policy").write_text(policy, "utf-8")
        sealed = {"policy_sha256": hashlib.sha256(policy.encode()).hexdigest()}
        self.stage("ledger.policy", "ledger.policy-1", sealed)
        entries, lines = [], []
        for index, (kind, step, one) in enumerate(self.steps):
            nonce = hashlib.sha256(b"nonce %d" % index).digest()
            entries.append(entry_of(kind, step, one, nonce))
            if kind != "access.grant" and index not in closed:
                lines.append({"index": index, "nonce": nonce.hex(), "record": one})
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (self.folder / "opened.jsonl").write_text(text, "utf-8")
        _sign(self.folder / "log", entries)
        write_index(self.folder, YEAR, str(KEY.verifier), (0, len(entries)), forgotten=closed)


def _sign(log: Path, entries: list[bytes]) -> None:
    """A log of one checkpoint that both witnesses signed."""
    store = grown(entries, [len(entries)])
    lines: list[SignatureLine] = []
    for number in (1, 2):
        lines += parse_lines(witness(number).add_checkpoint(request(store, 0)).body) or ()
    store.files["checkpoint"] = add_cosignatures(store.files["checkpoint"], lines)
    for name, content in store.files.items():
        FolderStore(log).write(name, content)


def make_year(folder: Path, *, quarters: int = 2, parameters: DemoParameters = TINY) -> YearMaker:
    """Rounds of one year, each with everything that belongs to it."""
    folder.mkdir(parents=True)
    maker = YearMaker(folder)
    package, scheme = write_scheme(maker)
    write_instrument(maker)
    district, earlier = make_district(parameters, seed=7), list[Result]()
    for number in range(1, quarters + 1):
        period = f"{YEAR}Q{number}"
        write_drawn(maker, number)
        maker.stage("round.opened", f"round-{number}-opened", {"round": number})
        draft = folder / f"draft-{number}"
        seal_quarter(district, period, draft, earlier_tables(earlier))
        home = _salted(folder, draft)
        write_count(maker, number, period, open_snapshot(home))
        earlier.append(write_results(maker, number, (package, scheme), home))
    maker.finish()
    return maker


def _salted(folder: Path, draft: Path) -> Path:
    """The quarter sealed once more, with the key of the ballots' leaves as a count writes it."""
    opened = open_snapshot(draft)
    names = [file["path"].removesuffix(".parquet") for file in opened.manifest["files"]]
    tables = {name: opened.table(name) for name in names if "/" not in name and name != "ballots"}
    parts = [BallotPart(part.instrument, part.district, read_parquet(part.path)) for part in opened.parts]
    told = {name: opened.manifest[name] for name in ("period", "period_kind", "source")}
    head = SnapshotHead(**told, synthetic=True, import_rule={"ballot_salt": SALT.hex()})
    sha256 = seal_snapshot(folder / "salted", head, tables, parts)
    shutil.rmtree(draft)
    home = folder / "snapshots" / sha256
    home.parent.mkdir(exist_ok=True)
    return (folder / "salted").rename(home)


def write_scheme(maker: YearMaker) -> tuple[str, LoadedScheme]:
    """The package as the product freezes it."""
    source = library_folder() / SCHEME
    files = {
        one.relative_to(source).as_posix(): one.read_text("utf-8")
        for one in sorted(source.rglob("*"))
        if one.suffix in (".yaml", ".md")
    }
    files["common/disclosure.yaml"] = (library_folder() / "common/disclosure.yaml").read_text("utf-8")
    hashes = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in files.items()}
    package = hashlib.sha256(canonical_json({"files": hashes, "values": {}})).hexdigest()
    home = maker.folder / "schemes" / package
    for path, text in files.items():
        (home / "package" / path).parent.mkdir(parents=True, exist_ok=True)
        (home / "package" / path).write_text(text, "utf-8")
    (home / "values.json").write_text("{}\n", "utf-8")
    sealed = {"scheme": SCHEME, "package": package, "files": hashes, "values": {}}
    maker.stage("scheme.frozen", f"scheme-{SCHEME}-2019.1-r1-frozen", sealed)
    return package, frozen_scheme(home, demo=True)


def write_instrument(maker: YearMaker) -> None:
    """A questionnaire's content; its form is the product's affair."""
    content = {"code": "probe", "items": [{"id": "item_1", "zh": "满意吗？"}]}
    sha256 = json_sha256(content)
    (maker.folder / "instruments").mkdir()
    file = maker.folder / "instruments" / f"{sha256}.json"
    file.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    maker.stage("instrument.frozen", "instrument-1-frozen", {"instrument": "probe", "content": sha256})


def write_drawn(maker: YearMaker, number: int) -> None:
    """A small frame, sealed, named, drawn."""
    units = [opening(one, record(one, f"A{one // 14}")) for one in range(28 * number - 28, 28 * number)]
    frame = listed(units)
    plan = plan_draw(frame, DESIGN, NAMED)
    outcome, draw = draw_by_plan(plan, frame, DrawnValue(value=VALUE))
    steps = DrawSteps(
        frame=f"frame-{number}-sealed", named=f"round-{number}-seed-named", drawn=f"round-{number}-drawn"
    )
    (maker.folder / "draws").mkdir(exist_ok=True)
    write_draw(maker.folder / "draws" / steps.drawn, (plan, outcome, steps), frame, draw)
    maker.stage(FRAME_SEALED, steps.frame, {"frame": number, "root": plan.frame_root})
    maker.stage(SEED_NAMED, steps.named, plan.record())
    maker.stage(DRAWN, steps.drawn, outcome.record())


def write_count(maker: YearMaker, number: int, period: str, snapshot: Snapshot) -> None:
    """Receipts of all areas with both roots, and the record of the count; one ballot is withheld."""
    lines, rows = ["# 回执 / receipts"], list[dict[str, Any]]()
    parts = [(part.instrument, read_parquet(part.path)) for part in snapshot.parts]
    targets = Counter(target for _name, table in parts for target in table["target"].to_pylist())
    roots = ballot_roots(parts, SALT)
    for row in snapshot.table("targets").to_pylist():
        area, withheld = row["area_id"], int(not rows)
        n = targets[row["target"]] + withheld
        receipts = sorted(hashlib.sha256(f"{number}{area}{i}".encode()).hexdigest()[:16] for i in range(n))
        root = receipts_root(receipts).hex() if receipts else ""
        lines += ["", f"[{area}] area {n + 9} {n + 1} {n} {root}", *receipts]
        rows.append({
            "area": area, "drawn": n + 9, "spent": n + 1, "ballots": n, "withheld": withheld,
            "ballots_root": roots[row["target"]].hex() if row["target"] in roots else "",
            "receipts_root": root,
        })  # fmt: skip
    (maker.folder / "receipts").mkdir(exist_ok=True)
    file = maker.folder / "receipts" / f"round-{number}-counted.txt"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    sealed = {
        "round": number, "period": period, "snapshot_sha256": snapshot.sha256,
        "counted": sum(row["ballots"] for row in rows), "areas": rows,
        **{key: _joint(rows, key) for key in ("ballots_root", "receipts_root")},
    }  # fmt: skip
    maker.stage("round.counted", f"round-{number}-counted", sealed)


def _joint(rows: list[dict[str, Any]], key: str) -> str:
    return root_over_areas({row["area"]: bytes.fromhex(row[key]) for row in rows if row[key]}).hex()


def write_results(maker: YearMaker, number: int, scheme: tuple[str, LoadedScheme], home: Path) -> Result:
    """Assess, store, publish."""
    folder = maker.folder / "results" / f"assessment-{number}-result"
    folder.mkdir(parents=True)
    snapshot = open_snapshot(home)
    work = maker.folder / "work"
    result = assess(snapshot, scheme[1], work, scheduler_named("serial"))
    shutil.rmtree(work)
    write_result(result, folder)
    (folder / "run.json").unlink()
    made = json_sha256(result.head)
    sealed = {
        "run": number, "parent": None, "round": number, "snapshot_sha256": snapshot.sha256,
        "scheme_sha256": scheme[0], "result_sha256": made,
    }  # fmt: skip
    maker.stage("assessment.result", f"assessment-{number}-result", sealed)
    public = maker.folder / "publications" / f"publication-{number}"
    public.mkdir(parents=True)
    (public / "bulletin.html").write_text(f"<h1>{number}</h1>", "utf-8")
    (public / "open.csv").write_text("area,mean\nA0,88.1\n", "utf-8")
    files = {one.name: file_sha256(one) for one in sorted(public.iterdir())}
    (public / "publication.json").write_text(json.dumps({"files": files}), "utf-8")
    sha256 = file_sha256(public / "publication.json")
    maker.stage(
        "publication.made", f"publication-{number}", {"result_sha256": made, "manifest_sha256": sha256}
    )
    return result
