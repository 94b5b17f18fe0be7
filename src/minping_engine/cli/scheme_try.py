"""`minping scheme try CHANGED --on SNAPSHOT`: what a change would have made of rounds that are sealed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from minping_engine.cli.language import LanguageOption, checked_language

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from minping_engine.errors import Language
    from minping_engine.lab import Person, RoundTrial, Trial
    from minping_engine.scheme import LoadedScheme

MARK = "trial.xlsx"
LONGEST = 12
"""Signs of a name or id on the terminal, so that a row stays one line."""
SHOWN = 20
"""Changes of single assessees on the terminal; the workbook has all."""


def try_command(
    changed: Annotated[str, typer.Argument(help="改过的方案：编号或文件夹 · changed scheme: id or folder")],
    more: Annotated[
        list[Path] | None, typer.Argument(metavar="[SNAPSHOT]...", help="更多快照 · further snapshots")
    ] = None,
    on: Annotated[
        list[Path] | None, typer.Option("--on", help="在哪个快照上试算 · snapshot to try it on")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(help="现行方案，默认为方案库中同编号的 · scheme in force, default: the library's"),
    ] = None,
    values: Annotated[
        Path | None, typer.Option(help="区里填写的取值，两边都用 · the district's values, for both")
    ] = None,
    changed_values: Annotated[
        Path | None, typer.Option(help="只用于改过的方案的取值 · values for the changed scheme only")
    ] = None,
    demo_values: Annotated[
        bool, typer.Option(help="用演示值补未公布的取值 · fill unpublished values with demo values")
    ] = False,
    draws: Annotated[int, typer.Option(help="权重抽取次数 · draws of weights")] = 1000,
    spread: Annotated[int, typer.Option(help="权重浮动百分之几 · how far weights vary, per cent")] = 20,
    seed: Annotated[int, typer.Option(help="随机种子 · seed", min=0)] = 1,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="输出文件夹 · output folder")] = None,
    force: Annotated[bool, typer.Option(help="覆盖已有输出 · replace earlier output")] = False,
    lang: LanguageOption = "zh",
) -> None:
    """试算：改了方案，结果会怎样。 Try a change of a scheme on sealed rounds."""
    from minping_engine.cli.folders import check_out
    from minping_engine.lab import try_scheme
    from minping_engine.snapshot import open_snapshot

    language = checked_language(lang)
    if out:
        check_out(out, MARK, force=force)
    loaded = _both(changed, base, (values, changed_values), demo_values)
    snapshots = [open_snapshot(folder) for folder in [*(on or ()), *(more or ())]]
    trial = try_scheme(*loaded, snapshots, seed=seed, draws=draws, spread_percent=spread)
    print_trial(trial, language, everything=out is not None)
    if out:
        write_trial(trial, out, language)


def _both(
    changed: str, base: str | None, files: tuple[Path | None, Path | None], demo: bool
) -> tuple[LoadedScheme, LoadedScheme]:
    """The scheme in force and the changed one, with the newest values in force: a change from next year on
    is tried on last year's round. Values that only one of the two knows go to that one."""
    from minping_engine.scheme import library_folder, load_scheme, read_values

    both, only = (read_values(file) if file else {} for file in files)
    name = base or str(library_folder() / _id_of(changed))
    new = load_scheme(changed, values=_for(changed, both, name) | only, demo=demo)
    return load_scheme(name, values=_for(name, both, changed), demo=demo), new


def _id_of(scheme: str) -> str:
    """The id that stands in a scheme's file."""
    import yaml

    from minping_engine.scheme import find_scheme

    folder = find_scheme(scheme)
    raw = yaml.safe_load((folder / "scheme.yaml").read_text("utf-8"))
    return str(raw["id"]) if isinstance(raw, dict) and "id" in raw else folder.name


def _for(scheme: str, values: dict[str, Any], other: str) -> dict[str, Any]:
    """Values that a scheme knows, and those that neither knows: loading names them."""
    own, others = _known(scheme), _known(other)
    return {name: value for name, value in values.items() if name in own or name not in others}


def _known(scheme: str) -> set[str]:
    from minping_engine.scheme import find_scheme

    return {path.stem for path in (find_scheme(scheme) / "values").glob("*.yaml")}


def write_trial(trial: Trial, out: Path, language: Language) -> None:
    """Workbook, page and picture."""
    from minping_engine.lab import write_trial_page, write_trial_workbook

    write_trial_workbook(trial, out / MARK, language=language)
    write_trial_page(trial, out, language=language)
    for name in (MARK, "trial.html", "trial.svg"):
        typer.echo(out / name)


def print_trial(trial: Trial, language: Language, *, everything: bool) -> None:
    """What changed, then the figures of each round."""
    from rich.console import Console

    from minping_engine.cli.scheme_diff import print_changes
    from minping_engine.lab.sheets import scheme_line
    from minping_engine.lab.words import demo_sentences, stability_sentences
    from minping_engine.reporting.texts import texts

    words, console = texts("lab", language), Console()
    for line in (
        f"{words['t_base']}: {scheme_line(trial.base, language)}",
        f"{words['t_changed']}: {scheme_line(trial.changed, language)}",
        *demo_sentences(trial, language),
    ):
        console.print(line, highlight=False, markup=False)
    print_changes(list(trial.changes[language]), language)
    for round_ in trial.rounds:
        _print_round(trial, round_, language, console)
        _print_movers(trial, round_, language, everything=everything)
        for line in stability_sentences(trial, round_, language):
            console.print(line, highlight=False, markup=False)
    console.print(words["t_signed"], highlight=False)


def _print_round(trial: Trial, round_: RoundTrial, language: Language, console: Console) -> None:
    """Counts, grade flips, money."""
    from minping_engine.lab.sheets import flip_rows
    from minping_engine.lab.words import all_grades, either_grade_word, yuan
    from minping_engine.reporting.numbers import period_text
    from minping_engine.reporting.texts import texts

    words = texts("lab", language)
    counts = (
        (words["t_assessees"], len(round_.people)),
        (words["t_moved"], round_.moved),
        (words["t_flipped"], round_.flipped),
    )
    head = "  ".join(f"{name} {count}" for name, count in counts)
    console.print(f"\n{period_text(round_.period, language)}  {head}", highlight=False, markup=False)
    grades = all_grades(trial)
    used = [grade for grade in grades if any(grade in pair for pair in round_.flips)]
    table = _table(
        [
            f"{words['t_before']} \\ {words['t_after']}",
            *(either_grade_word(trial, grade, language) for grade in used),
        ]
    )
    for before, row in flip_rows(round_, grades):
        cells = dict(zip(grades, row, strict=True))
        table.add_row(
            either_grade_word(trial, before, language), *(str(cells[grade] or "") for grade in used)
        )
    console.print(table)
    for use in round_.money:
        title = use.title_en if language == "en" else use.title_zh
        console.print(f"{title}: {yuan(use.before)} → {yuan(use.after)}", highlight=False, markup=False)


def _table(names: list[str]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for number, name in enumerate(names):
        table.add_column(name, justify="right" if number else "left", no_wrap=not number, overflow="fold")
    return table


def _both_words(before: str, after: str) -> str:
    """What was and what is; once where both are the same. Ranges of places stand in the workbook."""
    return before if before == after else f"{before} → {after}"


def _who(trial: Trial, person: Person) -> str:
    """A place or office by its name; a single person by the end of the id, which tells people apart.

    Names of single people are not printed on terminals; the workbook has id and name of everybody.
    """
    from minping_engine.terms import PERSON_KINDS

    is_person = trial.changed.scheme.assessee_kind in PERSON_KINDS
    if not is_person and person.name:
        return person.name if len(person.name) <= LONGEST else f"{person.name[: LONGEST - 1]}…"
    who = person.assessee_id
    return who if len(who) <= LONGEST else f"…{who[1 - LONGEST :]}"


def _print_movers(trial: Trial, round_: RoundTrial, language: Language, *, everything: bool) -> None:
    """Those who change grade or move most."""
    from rich.console import Console

    from minping_engine.lab.sheets import movers_first
    from minping_engine.lab.words import grade_word, yuan
    from minping_engine.reporting.numbers import points_text, signed_text
    from minping_engine.reporting.texts import texts

    words, console = texts("lab", language), Console()
    people = [person for person in movers_first(round_.people) if person.moves or person.flips or person.fen]
    keys = (
        "t_who",
        "t_score",
        "t_difference",
        "t_rank",
        "t_grade",
        "t_yuan_difference",
    )
    table = _table([words[key] for key in keys])
    for person in people[:SHOWN]:
        before, after = person.before, person.after
        table.add_row(
            _who(trial, person),
            _both_words(points_text(before.score), points_text(after.score)),
            signed_text(person.difference, 2),
            _both_words(str(before.rank or ""), str(after.rank or "")),
            _both_words(
                grade_word(trial.base, before.grade, language),
                grade_word(trial.changed, after.grade, language),
            ),
            yuan(person.fen) if person.fen else "",
        )
    if people:
        console.print(table)
    if len(people) > SHOWN:
        key = "t_more_people" if everything else "t_more_rows"
        console.print(words[key].format(n=len(people) - SHOWN, file=MARK), highlight=False)
