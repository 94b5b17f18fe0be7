"""What `minping verify draw` prints: the table of a draw made again, and what the check shows.

In: a `DrawReport`. Out: words on a terminal. Problems are printed as by `verify log`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minping_engine.cli.language import pick

if TYPE_CHECKING:
    from minping_engine.errors import Language
    from minping_engine.verification import DrawReport


def print_draw(report: DrawReport, language: Language) -> None:
    """The table."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None)
    for zh, en, value in (*_draw_lines(report), *_log_lines(report)):
        table.add_row(Text(pick(language, zh, en)), Text(value, overflow="fold"))
    Console().print(table)


def _draw_lines(report: DrawReport) -> list[tuple[str, str, str]]:
    """What was drawn from what."""
    plan, outcome = report.head.plan, report.head.outcome
    lines = [
        ("抽样框的根", "root of the frame", plan.frame_root),
        ("抽样框的单元", "units of the frame", f"{report.units:,}"),
        ("参加抽样的单元", "units drawn from", f"{report.eligible:,}"),
        ("公开数值的来源", "the value is of", f"{plan.named.source} ({plan.named.drawn_on.isoformat()})"),
        ("公开数值", "value", outcome.drawn_value.value),
        ("种子", "seed", outcome.seed),
        ("样本", "sample", f"{report.sample:,}"),
        ("替补", "replacements", f"{report.reserve:,}"),
    ]
    if report.opened is not None:
        lines.append(("相符的封存记录", "sealed records that fit", f"{report.opened:,}"))
    return lines


def _log_lines(report: DrawReport) -> list[tuple[str, str, str]]:
    """Where it stands in the log."""
    if report.log is None:
        return []
    lines = [("日志", "log", report.log.origin), ("日志条数", "entries", f"{report.log.size or 0:,}")]
    lines += [(f"  {kind}", f"  {kind}", f"{index:,}") for kind, index in report.entries.items()]
    lines.append(("日志中公布的种子来源", "seeds named in the log", f"{report.namings:,}"))
    return lines


def print_draw_verdict(report: DrawReport, language: Language) -> None:
    """What this check shows, and what it cannot show."""
    from rich.console import Console

    lines = [
        pick(
            language,
            "核对通过：由封存的抽样框和公开数值重新抽取，结果逐户相同。请自行核对公开数值是否属实。",
            "Nothing is wrong: the draw made again from sealed frame and value is the published one, unit by "
            "unit. Whether the value is that of the public draw you must look up yourself.",
        )
    ]
    lines += [pick(language, zh, en) for zh, en in _unseen(report)]
    Console().print("\n".join(lines), markup=False, highlight=False)


def _unseen(report: DrawReport) -> list[tuple[str, str]]:
    """What was not given, and what it would have shown."""
    found = []
    if report.log is None:
        found.append(
            (
                "未提供日志，因此不能证明抽样框和种子来源在数值产生之前已经确定；"
                "请用 --log、--key、--opened 核对。",
                "Without the log nothing shows that frame and seed were fixed before the value was known: "
                "give --log, --key and --opened.",
            )
        )
    elif not report.is_named_before:
        found.append(
            (
                "日志只说明先后次序；要证明公布早于公开抽取，请用 --since 给出其间留存的检查点。",
                "The log shows an order, not a time: a checkpoint kept between naming and public draw "
                "(--since) shows that the naming came first.",
            )
        )
    if report.opened is None:
        found.append(
            (
                "没有封存记录（openings.csv），分层是否属实未核对；审计人员可向运行单位索取。",
                "Without openings.csv the strata were not held against the sealed records; "
                "auditors can ask for them.",
            )
        )
    return found
