"""Set up a real district, once: keys, tables, what this database is, city and district, two administrators.

Two, because roles with power take two persons: with one administrator nobody could ever be made the
second. Both get one-time passwords, must choose their own and set up a second factor at the first sign-in.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from minping_engine.errors import Place, Problem
from minping_web.access.services import grant_first_administrators
from minping_web.accounts.services import create_user
from minping_web.common.clock import now
from minping_web.common.crypto import make_keys
from minping_web.common.models import Deployment
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, system_scope
from minping_web.places.services.areas import create_area
from minping_web.site.environment import ENV_FILE
from minping_web.site.guard import kind_of_database
from minping_web.site.key_files import unreadable
from minping_web.site.statics import collect_static

USER_NAME = re.compile(r"[a-z][a-z0-9.-]{2,39}")
DISTRICT_CODE = re.compile(r"[1-9][0-9]{5}")
"""Of the administrative division (GB/T 2260); its city has the first four digits and 00."""
KEYS = ("district", "code", "city", "hosts", "administrators")
EXAMPLE = """\
# Answers for `minping init --answers FILE`: all keys are needed.
district: 示例区
code: "990101"          # administrative division code of the district, six digits
city: 示例市
hosts: [minping.example.gov.cn]
administrators:
  - {user: zhang.san, name: 张三}
  - {user: li.si, name: 李四}
"""


@dataclass(frozen=True)
class FirstUser:
    """One of the two first administrators."""

    user: str
    name: str


@dataclass(frozen=True)
class Answers:
    """What a new deployment needs to know."""

    district: str
    code: str
    city: str
    hosts: tuple[str, ...]
    administrators: tuple[FirstUser, ...]

    @property
    def city_code(self) -> str:
        """Of the city above the district."""
        return f"{self.code[:4]}00"


def answers_from(file: Path) -> Answers:
    """Read an answers file; raises `RefusedError` with everything that is wrong."""
    try:
        told = yaml.safe_load(file.read_text("utf-8"))
    except OSError as error:
        raise unreadable(file, error) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        told = None
    if not isinstance(told, dict):
        raise RefusedError(Problem("site.answers_unreadable", Place(file=str(file))))
    problems = list(_wrong_keys(file, told))
    if problems:
        raise RefusedError(problems)
    return Answers(
        _word(told["district"]),
        _word(told["code"]),
        _word(told["city"]),
        tuple(str(host).strip() for host in told["hosts"] or ()),
        tuple(_first_user(row) for row in told["administrators"] or ()),
    )


def _word(value: object) -> str:
    return "" if value is None else str(value).strip()


def _wrong_keys(file: Path, told: dict[str, Any]) -> Iterable[Problem]:
    missing = [key for key in KEYS if key not in told]
    unknown = [str(key) for key in told if key not in KEYS]
    if missing:
        yield Problem("site.answers_missing", Place(file=str(file)), {"names": ", ".join(missing)})
    if unknown:
        yield Problem("site.answers_unknown", Place(file=str(file)), {"names": ", ".join(unknown)})


def _first_user(row: object) -> FirstUser:
    told = row if isinstance(row, dict) else {}
    return FirstUser(_word(told.get("user")), _word(told.get("name")))


def check_answers(answers: Answers) -> None:
    """Raise `RefusedError` with everything that is wrong."""
    problems = [*_wrong_place(answers), *_wrong_users(answers.administrators)]
    if problems:
        raise RefusedError(problems)


def _wrong_place(answers: Answers) -> Iterator[Problem]:
    hosts = answers.hosts if all(answers.hosts) else ()
    for key, value in (("district", answers.district), ("city", answers.city), ("hosts", hosts)):
        if not value:
            yield Problem("site.value_empty", Place(key=key), {"name": key})
    if not DISTRICT_CODE.fullmatch(answers.code) or answers.code == answers.city_code:
        yield Problem("site.district_code", Place(key="code"), {"code": answers.code})


def _wrong_users(users: Sequence[FirstUser]) -> Iterator[Problem]:
    names = [one.user for one in users]
    if len(set(names)) != 2 or len(names) != 2:
        yield Problem("site.two_administrators", Place(key="administrators"))
    for name in names:
        if not USER_NAME.fullmatch(name):
            yield Problem("site.user_name_bad", Place(key="administrators"), {"name": name})
    if not all(one.name for one in users):
        yield Problem("site.value_empty", Place(key="administrators"), {"name": "name"})


def refuse_second_time() -> None:
    """Raise `RefusedError` where something was set up already."""
    kind = kind_of_database()
    if kind is not None:
        name = Deployment.objects.values_list("name", flat=True).get()
        raise RefusedError.of("site.already_set_up", name=f"{name} ({kind})")


def set_up(answers: Answers) -> list[tuple[FirstUser, str]]:
    """Make the deployment; each administrator with the one-time password, which is stored nowhere."""
    refuse_second_time()
    check_answers(answers)
    make_keys(settings.KEY_FOLDER)
    call_command("migrate", interactive=False, verbosity=0)
    made = _store(answers)
    _write_environment(answers)
    collect_static()
    return made


@transaction.atomic
def _store(answers: Answers) -> list[tuple[FirstUser, str]]:
    Deployment.objects.create(pk=1, kind=Deployment.Kind.REAL, name=answers.district, created_at=now())
    scope, made, users = system_scope(), [], []
    _make_areas(scope, answers)
    for one in answers.administrators:
        user, shown = create_user(scope, one.user, display_name=one.name, by_link=False)
        users.append(user)
        made.append((one, shown.text))
    grant_first_administrators(users)
    return made


def _make_areas(scope: Scope, answers: Answers) -> None:
    """City and district: roles and imports need a place to hold on to."""
    city = create_area(
        scope, parent=None, values={"level": "city", "code": answers.city_code, "name": answers.city}
    )
    create_area(
        scope, parent=city, values={"level": "district", "code": answers.code, "name": answers.district}
    )


def _write_environment(answers: Answers) -> None:
    """Answers that settings need, and the database's address if it was told, for the next start."""
    lines = [f"MINPING_HOSTS={','.join(answers.hosts)}"]
    if os.environ.get("DATABASE_URL"):
        lines.append(f"DATABASE_URL={os.environ['DATABASE_URL']}")
    file = Path(settings.DATA_FOLDER) / ENV_FILE
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
