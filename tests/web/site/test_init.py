"""`minping init`: a real district is set up once, from answers or by a dialogue, and says what comes next."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from minping_web.common.problems import RefusedError
from minping_web.site.setting_up import EXAMPLE, Answers, FirstUser, answers_from, check_answers
from tests.web.site.conftest import NewDistrict
from tests.web.site.running import Deployment

LOOK = """
import json
from minping_web.accounts.models import User
from minping_web.places.models import Area
print(json.dumps({
    "areas": list(Area.objects.order_by("path").values_list("level", "code", "name")),
    "must_change": list(User.objects.values_list("must_change_password", flat=True)),
    "invented": User.objects.filter(is_invented=True).count(),
}))
"""
PASSWORD = re.compile(r"\b(?:[a-z0-9]{4}-){3}[a-z0-9]{4}\b")
TYPED = "试验区\n110105\n试验市\na.example，b.example\nzhang.san\n张三\nli.si\n李四\n"


@pytest.fixture(scope="module")
def made(
    new_district: NewDistrict, told_by_init: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Deployment, str]:
    """A real district from the example of the answers, and what the command said."""
    return new_district(tmp_path_factory.mktemp("init") / "data"), told_by_init


@pytest.fixture
def copy(new_district: NewDistrict, tmp_path: Path) -> Deployment:
    """A copy that a test may spoil."""
    return new_district(tmp_path / "data")


def test_it_makes_two_administrators_who_must_choose_a_password_and_the_district_with_its_city(
    made: tuple[Deployment, str],
) -> None:
    found = json.loads(made[0].program(LOOK))
    assert found["areas"] == [["city", "990100", "示例市"], ["district", "990101", "示例区"]]
    assert found["must_change"] == [True, True]
    assert found["invented"] == 0
    listed = made[0].minping("users", "list", "--lang", "en").stdout.splitlines()
    assert listed == [f"{name}\topen\tno factor\tAdministrator" for name in ("li.si", "zhang.san")]


def test_passwords_are_shown_once_and_kept_nowhere(made: tuple[Deployment, str]) -> None:
    shown = PASSWORD.findall(made[1])
    assert len(set(shown)) == 2
    kept = b"".join(path.read_bytes() for path in made[0].data.rglob("*") if path.is_file())
    assert b"zhang.san" in kept
    assert not any(password.encode() in kept for password in shown)


def test_it_says_that_keys_must_be_saved_and_what_comes_next(made: tuple[Deployment, str]) -> None:
    steps = ["minping keys export", "minping check", "minping serve"]
    assert [word for word in steps if word in made[1]] == steps


def test_what_it_makes_is_nobody_elses(made: tuple[Deployment, str]) -> None:
    paths = [made[0].data, *made[0].data.rglob("*")]
    assert [path for path in paths if path.stat().st_mode & 0o077] == []


def test_it_refuses_a_second_time_and_changes_nothing(copy: Deployment) -> None:
    database = copy.data / "minping.sqlite3"
    before = database.read_bytes()
    again = copy.minping("init", typed=TYPED)
    assert again.returncode == 2
    assert "set up already: 示例区 (real)" in again.stderr
    assert database.read_bytes() == before


@pytest.mark.deep
def test_a_real_district_never_becomes_a_demonstration(copy: Deployment) -> None:
    done = copy.minping("serve", "--demo", "--port", "0")
    assert done.returncode == 2
    assert "belongs to a real district" in done.stderr


@pytest.mark.deep
def test_wrong_answers_of_the_dialogue_are_named_and_nothing_is_made(tmp_path: Path) -> None:
    typed = TYPED.replace("li.si", "Li Si").replace("110105", "110100")
    wrong = Deployment(tmp_path).minping("init", typed=typed)
    assert wrong.returncode == 2
    assert "“Li Si” cannot be a user name" in wrong.stderr
    assert "“110100” is no code of a district" in wrong.stderr
    assert not (tmp_path / "minping.env").exists()


@pytest.mark.deep
def test_the_dialogue_asks_for_what_the_file_holds(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path)
    done = deployment.minping("init", typed=TYPED)
    assert done.returncode == 0, done.stderr
    assert json.loads(deployment.program(LOOK))["areas"][1] == ["district", "110105", "试验区"]
    assert "MINPING_HOSTS=a.example,b.example" in (tmp_path / "minping.env").read_text("utf-8")


@pytest.mark.deep
def test_a_dangerous_set_up_is_told_in_chinese(copy: Deployment) -> None:
    """Keys inside the data folder and users without a factor are warnings, readable keys are an error."""
    (copy.data / "keys").chmod(0o755)
    told = copy.minping("check", "--lang", "zh")
    assert told.returncode == 1
    assert "警告 [site.W001] 有 2 个可登录账号尚未设置二次验证" in told.stdout
    assert "警告 [site.W002] 密钥位于数据文件夹内" in told.stdout
    assert "错误 [site.E003]" in told.stdout


def _codes(answers: Answers) -> set[str]:
    with pytest.raises(RefusedError) as refused:
        check_answers(answers)
    return {problem.code for problem in refused.value.problems}


def test_every_wrong_answer_is_named_at_once() -> None:
    users = (FirstUser("A", ""), FirstUser("A", "李四"))
    assert _codes(Answers("", "32010", "试验市", (), users)) == {
        "site.value_empty", "site.district_code", "site.two_administrators", "site.user_name_bad",
    }  # fmt: skip


def test_the_example_is_accepted(tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(EXAMPLE, "utf-8")
    told = answers_from(file)
    check_answers(told)
    assert told.city_code == "990100"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("district: [", {"site.answers_unreadable"}),
        ("- a list", {"site.answers_unreadable"}),
        (EXAMPLE.replace("city:", "town:"), {"site.answers_missing", "site.answers_unknown"}),
    ],
)
def test_an_answers_file_that_cannot_be_read_is_refused(text: str, codes: set[str], tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(RefusedError) as refused:
        answers_from(file)
    assert {problem.code for problem in refused.value.problems} == codes
