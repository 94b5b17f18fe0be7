"""`minping scheme new`: what it makes passes linter and example; what is wrong is said at once (S18)."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest
import yaml

from minping_engine.assessment import run_examples
from minping_engine.cli.new_scheme.answers import answers_from, read_answers
from minping_engine.cli.new_scheme.ask import chosen
from minping_engine.cli.new_scheme.build import question
from minping_engine.cli.new_scheme.folder import copy_scheme, make_scheme
from minping_engine.errors import InputError, SchemeError, Severity
from minping_engine.scheme import LoadedScheme, lint_scheme, load_scheme
from minping_engine.terms import AssesseeKind, PeriodKind

COMMAND = "import typer; from minping_engine.cli.scheme_new import new_command; typer.run(new_command)"


def _text(word: str) -> dict[str, str]:
    return {"zh": word, "en": word}


def _answers(**changes: Any) -> dict[str, Any]:
    indicators = [
        {"title": _text(kind), "points": 25, "made_of": kind}
        for kind in ("survey", "marks", "facts", "cases")
    ]
    grades = [
        {"label": _text(name), "from_points": start} for name, start in (("好", 80), ("中", 60), ("差", 0))
    ]
    return {
        "id": "try-out",
        "title": _text("试行考核"),
        "assessee_kind": "grid",
        "period": "month",
        "indicators": indicators,
        "raters": {"title": _text("居民代表"), "source": "resident_representatives", "minimum": 6},
        "grades": grades,
        "use": ["coaching", "performance_pay"],
        **changes,
    }


def _errors(loaded: LoadedScheme) -> list[str]:
    return [problem.code for problem in lint_scheme(loaded) if problem.severity is Severity.ERROR]


@pytest.mark.parametrize("kind", [kind.value for kind in AssesseeKind])
def test_a_folder_for_every_kind_of_assessee_passes_linter_and_example(kind: str, tmp_path: Path) -> None:
    loaded = make_scheme(answers_from(_answers(assessee_kind=kind)), tmp_path / "try-out")
    lines = list(run_examples(loaded))
    assert _errors(loaded) == []
    assert len(lines) >= 8
    assert [line for line in lines if not line.holds] == []


@pytest.mark.parametrize("made_of", ["survey", "marks", "facts", "cases"])
def test_a_scheme_of_one_kind_of_evidence_passes_alone(made_of: str, tmp_path: Path) -> None:
    only = [{"title": _text("一项"), "points": 100, "made_of": made_of}]
    loaded = make_scheme(answers_from(_answers(indicators=only)), tmp_path / "try-out")
    scores = {line.assessee: line.made for line in run_examples(loaded) if line.name == "score"}
    assert _errors(loaded) == []
    # 满意 is 15 of 20; marks of 80 of 100; 18 of 20 done; 4 of 5 closed on time.
    assert scores == {"甲": {"survey": 75, "marks": 80, "facts": 90, "cases": 80}[made_of], "丁": None}


@pytest.mark.parametrize("period", [kind.value for kind in PeriodKind])
def test_every_kind_of_period_can_be_chosen(period: str, tmp_path: Path) -> None:
    assert _errors(make_scheme(answers_from(_answers(period=period)), tmp_path / "try-out")) == []


def test_pay_is_left_for_the_district_to_fill_in(tmp_path: Path) -> None:
    make_scheme(answers_from(_answers()), tmp_path / "try-out")
    loaded = load_scheme(tmp_path / "try-out")
    assert [problem.params["name"] for problem in loaded.unfilled] == ["pay_by_grade"]


def test_readmes_say_what_is_left_and_the_example_that_nobody_checked_it(tmp_path: Path) -> None:
    make_scheme(answers_from(_answers()), tmp_path / "try-out")
    assert "- [ ] 手工复算" in (tmp_path / "try-out" / "README.zh-CN.md").read_text("utf-8")
    assert "- [ ] Work `examples/first.yaml` by hand" in (tmp_path / "try-out" / "README.md").read_text(
        "utf-8"
    )
    assert "待手工核对" in (tmp_path / "try-out" / "examples" / "first.yaml").read_text("utf-8")


def test_a_copy_of_a_library_scheme_has_its_own_id_and_all_examples(tmp_path: Path) -> None:
    loaded = copy_scheme("baotaqiao-grid", "our-grids", tmp_path / "our-grids")
    original = sorted(path.name for path in load_scheme("baotaqiao-grid").folder.glob("examples/*"))
    assert loaded.scheme.id == "our-grids"
    assert sorted(path.name for path in loaded.folder.glob("examples/*")) == original
    assert all(line.holds for line in run_examples(loaded))


def test_a_copy_claims_no_requirements_and_no_example_that_is_not_there(tmp_path: Path) -> None:
    loaded = copy_scheme("baotaqiao-grid", "our-grids", tmp_path / "our-grids")
    readme = (loaded.folder / "README.zh-CN.md").read_text("utf-8")
    count = len(list(loaded.folder.glob("examples/*.yaml")))
    assert load_scheme("baotaqiao-grid").scheme.requirements
    assert loaded.scheme.requirements == ()
    assert "first.yaml" not in readme
    assert f"算例 {count} 个" in readme
    assert "草案" in readme


def test_every_number_is_a_value_with_our_own_recommendation_as_its_source(tmp_path: Path) -> None:
    values = make_scheme(answers_from(_answers()), tmp_path / "try-out").values
    points = {f"points_indicator_{number}" for number in range(1, 5)}
    assert set(values) == {*points, "grade_bands", "raters_minimum", "pay_by_grade"}
    assert {value.source.grade for value in values.values()} == {"recommendation"}


CHOICES = (("month", "月度", "month"), ("quarter", "季度", "quarter"), ("half_year", "半年", "half-year"))
SAID = [("2", "quarter"), ("季度", "quarter"), ("季", "quarter"), ("Quarter", "quarter"),
        ("half_year", "half_year"), ("0", None), ("4", None), ("", None), ("周", None)]  # fmt: skip


@pytest.mark.parametrize(("given", "meant"), SAID)
def test_a_list_takes_numbers_and_words(given: str, meant: str | None) -> None:
    assert chosen(given, CHOICES) == meant


def test_a_word_with_which_two_begin_is_asked_again() -> None:
    assert chosen("社区", (("a", "社区工作者", "x"), ("b", "社区法律顾问", "y"))) is None
    assert chosen("社区", (("a", "社区工作者", "x"), ("c", "社区", "z"))) == "c"


QUESTIONS = [
    ("楼道卫生", "您对楼道卫生满意吗？"), ("楼道卫生满意度", "您对楼道卫生满意吗？"),
    ("及时上门", "您对及时上门评价如何？"), ("居民满意", "您对我们的工作总体满意吗？"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "asked"), QUESTIONS)
def test_only_matters_are_asked_about_with_content(title: str, asked: str) -> None:
    assert question(title, "x")["zh"] == asked


WRONG = [
    ({"indicators": [{"title": _text("一"), "points": 90, "made_of": "facts"}]}, "cli.points_do_not_add"),
    ({"grades": [{"label": _text("差"), "from_points": 0}, {"label": _text("好"), "from_points": 80}]},
     "cli.grades_out_of_order"),
    ({"raters": None}, "cli.raters_missing"),
    ({"assessee_kind": "cat"}, "scheme.invalid"),
    ({"colour": "red"}, "scheme.invalid"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "code"), WRONG, ids=[code for _, code in WRONG])
def test_wrong_answers_are_refused_by_name(changes: dict[str, Any], code: str, tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(yaml.safe_dump(_answers(**changes)), "utf-8")
    with pytest.raises(SchemeError) as caught:
        read_answers(file)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert caught.value.problems[0].place.file == "answers.yaml"


def test_a_folder_that_holds_something_is_never_written_into(tmp_path: Path) -> None:
    (tmp_path / "papers.txt").write_text("mine", "utf-8")
    with pytest.raises(InputError):
        make_scheme(answers_from(_answers()), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["papers.txt"]


def test_what_would_not_pass_is_not_put_in_place(tmp_path: Path) -> None:
    broken = answers_from(_answers()).model_copy(update={"objection_days": 0})
    with pytest.raises(SchemeError):
        make_scheme(broken, tmp_path / "try-out")
    assert list(tmp_path.iterdir()) == []


def _hear_interrupts() -> None:
    """A shell starts what runs in its background deaf to Ctrl-C; a terminal does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _terminal(folder: Path, *arguments: str) -> pexpect.spawn[str]:
    return pexpect.spawn(
        sys.executable,
        ["-c", COMMAND, *arguments],
        cwd=str(folder),
        timeout=60,
        encoding="utf-8",
        dimensions=(60, 120),
        env={"PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LANG": "C.UTF-8"},
        preexec_fn=_hear_interrupts,
    )


CONVERSATION = [
    ("方案编号", "Our Grids"), ("小写英文字母", None), ("方案编号", "our-grids"),
    ("方案名称（中文）", "我区网格考核"), ("方案名称（英文）", "Our grids"),
    ("考核谁", None), ("编号或名称", "网格"), ("考核期", None), ("编号或名称", "月度"), ("有几个指标", "2"),
    ("名称（中文）", "居民满意"), ("名称（英文）", "Satisfaction"), ("依据什么", None), ("编号", "1"),
    ("名称（中文）", "任务完成"), ("名称（英文）", "Tasks"), ("依据什么", None), ("编号", "3"),
    ("分值", "60"), ("分值", "30"), ("合计 90，应为 100", None), ("分值", "60"), ("分值", "40"),
    ("从多少分起", "90"), ("从多少分起", "90"), ("至 89 的整数", None),
    ("从多少分起", "80"), ("从多少分起", "60"),
    ("结果如何运用", None), ("编号", "1"), ("异议期", "5"), ("复核期", "5"), ("工作负担", "30"),
]  # fmt: skip


def test_the_questions_are_asked_checked_and_end_in_a_folder(tmp_path: Path) -> None:
    child = _terminal(tmp_path)
    for wanted, answer in CONVERSATION:
        child.expect_exact(wanted)
        if answer is not None:
            child.sendline(answer)
    child.expect_exact("已写成 our-grids")
    child.expect(pexpect.EOF)
    child.close()
    loaded = load_scheme(tmp_path / "our-grids")
    assert child.exitstatus == 0
    assert (loaded.scheme.assessee_kind, loaded.scheme.period.kind) == (AssesseeKind.GRID, PeriodKind.MONTH)
    assert [int(node.points) for node in loaded.scheme.indicators] == [60, 40]
    assert _errors(loaded) == []


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    child = _terminal(tmp_path)
    for wanted, answer in CONVERSATION[:9]:
        child.expect_exact(wanted)
        if answer is not None:
            child.sendline(answer)
    child.sendintr()
    if child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=20):
        child.sendintr()  # the first one came before the prompt was read
        child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus != 0
    assert list(tmp_path.iterdir()) == []


def test_a_script_gives_its_answers_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text(yaml.safe_dump(_answers(), allow_unicode=True), "utf-8")
    child = _terminal(tmp_path, "--answers", "answers.yaml", "-o", "made", "--lang", "en")
    child.expect_exact("Wrote made")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert load_scheme(tmp_path / "made").scheme.id == "try-out"


def test_a_file_without_answers_is_named(tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text("", "utf-8")
    with pytest.raises(InputError) as caught:
        read_answers(tmp_path / "answers.yaml")
    assert [problem.code for problem in caught.value.problems] == ["cli.answers_empty"]
