"""`minping open-data RESULT OUT`: what may be given away of a round, as CSV, Parquet and a data package.

In: a result folder, the snapshot and the scheme that it was made from; after a correction, the result as it
was published before. Out: a folder, and a line that says what is hidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language, pick

if TYPE_CHECKING:
    from minping_engine.assessment import Result
    from minping_engine.reporting import OpenDataReport, OpenDataRound
    from minping_engine.scheme import LoadedScheme
    from minping_engine.snapshot import Snapshot


@dataclass(frozen=True)
class SchemeChoice:
    """Which scheme a result is read with: by default that of its head, from the library."""

    name: str | None
    values: Path | None

    def load(self, result: Result) -> LoadedScheme:
        """The scheme with the values in force on the last day of the result's period."""
        from minping_engine.cli.assess import load_with_values
        from minping_engine.terms import last_day

        head = result.head["scheme"]
        name = self.name or str(head["id"])
        return load_with_values(name, self.values, bool(head["demo_values"]), on=last_day(result.period))


def beside(result: Path) -> Path:
    """Where the snapshot of a result lies if nobody says: `results/2020Q4` has `snapshots/2020Q4`."""
    folder = result.resolve()
    sibling = folder.with_name(f"{folder.name}.snapshot")
    return sibling if sibling.is_dir() else folder.parent.parent / "snapshots" / folder.name


def open_beside(result: Path, snapshot: Path | None) -> Snapshot:
    """The named snapshot, or the one that lies where results keep theirs."""
    from minping_engine.snapshot import open_snapshot

    return open_snapshot(snapshot or beside(result))


def open_data_command(
    result: Annotated[Path, typer.Argument(help="结果文件夹 · result folder")],
    out: Annotated[Path, typer.Argument(help="输出文件夹 · output folder")],
    snapshot: Annotated[Path | None, typer.Option(help="该结果的快照 · the snapshot of the result")] = None,
    scheme: Annotated[str | None, typer.Option(help="方案编号或文件夹 · scheme id or folder")] = None,
    values: Annotated[Path | None, typer.Option(help="区里自己的参数值 · the district's own values")] = None,
    earlier: Annotated[
        Path | None, typer.Option(help="更正前公布的结果 · the result published before a correction")
    ] = None,
    earlier_snapshot: Annotated[
        Path | None, typer.Option("--earlier-snapshot", help="更正前结果的快照 · its snapshot")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有文件夹 · replace the folder")] = False,
    lang: LanguageOption = "zh",
) -> None:
    """生成开放数据：按披露规则隐去数字后的表格。 Write a round's open data under the rules of disclosure."""
    from minping_engine.cli.folders import check_out
    from minping_engine.reporting import write_open_data
    from minping_engine.snapshot import put_in_place

    language = checked_language(lang)
    check_out(out, "datapackage.json", force=force)
    choice = SchemeChoice(scheme, values)
    before = [_round(earlier, earlier_snapshot, choice)] if earlier else []
    partial = out.with_name(f".{out.name}.partial")
    report = write_open_data(_round(result, snapshot, choice), partial, earlier=before)
    put_in_place(partial, out)
    _print(report, out, language)


def _round(result: Path, snapshot: Path | None, choice: SchemeChoice) -> OpenDataRound:
    from minping_engine.assessment import read_result
    from minping_engine.reporting import OpenDataRound

    read = read_result(result)
    return OpenDataRound(read, choice.load(read), open_beside(result, snapshot))


def _print(report: OpenDataReport, out: Path, language: str) -> None:
    rows, hidden = sum(report.rows.values()), sum(report.hidden.values())
    text = pick(
        language,
        f"已写入 {out}：{rows:,} 行；一起核对 {report.cells:,} 个数字，不公布 {hidden:,} 个。",
        f"Wrote {out}: {rows:,} rows; {report.cells:,} numbers audited together, {hidden:,} hidden.",
    )
    typer.echo(text)
