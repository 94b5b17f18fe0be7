"""Tables of people, postings, certificates and skills: their columns, and how read rows become writes.

Staff numbers and area codes identify. A column that the file does not have leaves its field as it is; an
empty cell empties it. All faults of all rows are raised together, and then nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from minping_engine.errors import Problem
from minping_web.common.changes import Recorder
from minping_web.common.import_flow import Importer
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.common.tabular import Column, ReadRow, ReadTable, TableSpec, choice, day, text, whole
from minping_web.people.models import Certificate, Person, Position, Posting, Rank, Skill
from minping_web.people.rules import CERTIFICATE_WORDS, GRADE_WORDS, KIND_WORDS, ROLE_WORDS, PostingRole
from minping_web.people.selectors import EDIT, employers_by_code, people_by_code
from minping_web.people.services import (
    CertificateDraft,
    PersonDraft,
    PostingDraft,
    write_certificate,
    write_grade,
    write_person,
    write_posting,
)
from minping_web.people.services.people import write_work_phone
from minping_web.places.selectors.areas import areas_by_code

STAFF_NUMBER = Column(
    "person", "工号", "Staff number", text(40), required=True, example="S0001",
    help_zh="人员必须已在人员名册中。", help_en="Must be in the list of people already.",
)  # fmt: skip

PEOPLE = TableSpec(
    "people",
    "人员",
    "People",
    (
        Column("code", "工号", "Staff number", text(40), required=True, example="S0001",
               help_zh="在全区唯一；不要使用身份证号。",
               help_en="Unique in the district; no identity numbers."),
        Column("name", "姓名", "Name", text(100), required=True, example="阿不都·热合曼",
               help_zh="可含生僻字和间隔号。", help_en="Rare characters and middle dots are kept."),
        Column("kind", "类别", "Kind", choice(KIND_WORDS), example="社区工作者",
               help_zh="可填：社区工作者、社区书记、网格长、专任网格员-社区、专任网格员-单位、专任网格员-物业、其他。",
               help_en=", ".join(Person.Kind.values)),
        Column("employer", "用人单位编号", "Employer's code", text(40), example="JD-01"),
        Column("position", "岗位编号", "Position's code", text(40), example="grid_worker"),
        Column("profession_rank", "专业职级编号", "Professional rank", text(40), example="social_worker"),
        Column("leadership_rank", "管理职级编号", "Leadership rank", text(40), example="worker"),
        Column("office_phone", "办公电话", "Office phone", text(40), example="025-00000001",
               help_zh="可能对外公布，请勿填写私人号码。", help_en="May be published; no private number."),
        Column("work_phone", "工作手机", "Work phone", text(40), example="",
               help_zh="加密保存，仅有联系方式权限者可见；导出时不含此栏。",
               help_en="Kept encrypted, shown to holders of contact rights; never exported."),
        Column("started_on", "入职日期", "Joined on", day(), example="2024-03-01"),
        Column("left_on", "离岗日期", "Last day", day(), help_zh="在岗时留空。",
               help_en="Empty while in service."),
    ),
)  # fmt: skip

PEOPLE_NAME = "姓名"

POSTINGS = TableSpec(
    "postings",
    "任职",
    "Postings",
    (
        STAFF_NUMBER,
        Column("area", "区域编号", "Area code", text(40), required=True, example="320106001001-01-01",
               aliases=("责任片编号", "责任田编号", "包干区编号")),
        Column("role", "角色", "Role", choice(ROLE_WORDS), required=True, example="责任人",
               help_zh="可填：责任人、B岗、专任网格员、兼职、专职委员。",
               help_en=", ".join(PostingRole.values)),
        Column("starts_on", "开始日期", "From", day(), required=True, example="2026-01-01"),
        Column("ends_on", "结束日期", "Until", day(), help_zh="最后一天；仍在任时留空。",
               help_en="Last day; empty while it holds."),
        Column("share_percent", "占比（%）", "Share in percent", whole(1, 100), example="100",
               help_zh="该区域由多人分担时填写，默认100。",
               help_en="Where several share an area; 100 by default."),
        Column("talents", "专长", "Talents", text(100), example="",
               help_zh="仅专职委员须填，例如法律、心理疏导。",
               help_en="Only for specialists: what they are appointed for."),
    ),
    key=("person", "area", "role", "starts_on"),
)  # fmt: skip

CERTIFICATES = TableSpec(
    "certificates",
    "证书",
    "Certificates",
    (
        STAFF_NUMBER,
        Column("kind", "证书", "Certificate", choice(CERTIFICATE_WORDS), required=True, example="社会工作师"),
        Column("title", "证书名称", "Title", text(80), help_zh="仅“其他”须填。",
               help_en="Only for other ones."),
        Column("number", "证书编号", "Number", text(60), required=True, example="示例0000001234",
               help_zh="只保存末四位。", help_en="Only its last four signs are kept."),
        Column("issued_on", "发证日期", "Issued on", day(), required=True, example="2023-06-30"),
        Column("expires_on", "有效期至", "Valid until", day(), help_zh="长期有效时留空。",
               help_en="Empty when it does not expire."),
    ),
    key=("person", "kind", "title", "issued_on"),
)  # fmt: skip

SKILLS = TableSpec(
    "skills",
    "全科技能",
    "Skills",
    (
        STAFF_NUMBER,
        Column("skill", "技能编号", "Skill", text(40), required=True, example="welfare"),
        Column("grade", "程度", "Grade", choice(GRADE_WORDS), example="能独立办理",
               help_zh="可填：学习中、能独立办理、能带教；留空表示取消。",
               help_en="1 learning, 2 works alone, 3 can teach; empty takes it away."),
    ),
    key=("person", "skill"),
)  # fmt: skip


class Rows:
    """The rows of one table with their problems; `each` writes row by row and collects refusals."""

    def __init__(self, table: ReadTable) -> None:
        self.table, self.problems = table, list[Problem]()

    def codes(self, key: str) -> set[str]:
        """All texts of a column."""
        return {str(row.values[key]) for row in self.table.rows if row.values.get(key)}

    def find(self, known: dict[str, Any], row: ReadRow, key: str, words: tuple[str, str]) -> Any:
        """The object for a cell's code; None for an empty cell, a problem for an unknown code."""
        code = row.values.get(key)
        if code and code not in known:
            params = {"code": code, "what": words[0], "what_en": words[1]}
            self.problems.append(Problem("table.reference_unknown", row.place, params))
        return known.get(str(code)) if code else None

    def each(self, write: Callable[[ReadRow], object]) -> None:
        """Write all rows; raises `RefusedError` with everything that was wrong."""
        for row in self.table.rows:
            before = len(self.problems)
            try:
                write(row)
            except RefusedError as refused:
                self.problems += refused.problems
            except PermissionDenied:
                code = row.values.get("person") or row.values.get("code")
                if len(self.problems) == before:
                    self.problems.append(Problem("person.not_yours", row.place, {"code": code}))
        if self.problems:
            raise RefusedError(self.problems)


PERSON, EMPLOYER, AREA = ("人员", "person"), ("单位", "organisation"), ("区域", "area")
POSITION, RANK, SKILL = ("岗位", "position"), ("职级", "rank"), ("技能", "skill")


def apply_people(scope: Scope, table: ReadTable, recorder: Recorder) -> None:
    """Create and update people; work phones are sealed beside."""
    rows = Rows(table)
    known = people_by_code(scope, rows.codes("code"))
    foreign = set(Person.objects.filter(code__in=rows.codes("code")).values_list("code", flat=True)) - {
        *known
    }
    lists: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
        "employer": (employers_by_code(scope, rows.codes("employer")), EMPLOYER),
        "position": ({position.code: position for position in Position.objects.all()}, POSITION),
        "profession_rank": ({rank.code: rank for rank in Rank.objects.all()}, RANK),
        "leadership_rank": ({rank.code: rank for rank in Rank.objects.all()}, RANK),
    }

    def write(row: ReadRow) -> None:
        new = dict(row.values)
        phone = new.pop("work_phone", None)
        for key, (found, words) in lists.items():
            if key in new:
                new[key] = rows.find(found, row, key, words)
        existing = known.get(str(new["code"]))
        if not new.get("name") and (existing is None or "name" in new):
            raise RefusedError.of("table.cell_empty", replace(row.place, column=PEOPLE_NAME))
        if str(new["code"]) in foreign:
            raise PermissionDenied(EDIT)  # the same answer as for somebody new outside the own places
        draft = _person_draft(new, existing)
        person = write_person(recorder, draft, existing=existing, place=row.place)
        if "work_phone" in row.values:
            write_work_phone(person, str(phone or ""))

    rows.each(write)


def _person_draft(new: dict[str, Any], existing: Person | None) -> PersonDraft:
    old = {name: getattr(existing, name) for name in PersonDraft.__dataclass_fields__} if existing else {}
    if "office_phone" in new:
        new["office_phone"] = new["office_phone"] or ""
    if new.get("kind") is None:
        new.pop("kind", None)
    return PersonDraft(**{**old, **new})


def apply_postings(scope: Scope, table: ReadTable, recorder: Recorder) -> None:
    """Create postings, and end or change those that begin on the same day in the same role."""
    rows = Rows(table)
    people = people_by_code(scope, rows.codes("person"))
    areas = areas_by_code(scope, EDIT, rows.codes("area"))
    postings = Posting.objects.filter(person__in=people.values()).select_related("area", "person")
    known = {(p.person_id, p.area_id, p.role, p.starts_on): p for p in postings}

    def write(row: ReadRow) -> None:
        person, area = rows.find(people, row, "person", PERSON), rows.find(areas, row, "area", AREA)
        if person is None or area is None:
            return
        new: dict[str, Any] = dict(row.values) | {"person": person, "area": area}
        existing = known.get((person.pk, area.pk, new["role"], new["starts_on"]))
        if new.get("share_percent") is None:
            new["share_percent"] = existing.share_percent if existing else 100
        if existing and "ends_on" not in new:
            new["ends_on"] = existing.ends_on
        if new.get("talents") is None:
            new["talents"] = existing.talents if existing else ""
        write_posting(recorder, PostingDraft(**new), existing=existing, place=row.place)

    # What ends comes first, so that a successor may stand in the same file.
    table.rows.sort(key=lambda row: (row.values.get("ends_on") is None, str(row.values.get("starts_on"))))
    rows.each(write)


def apply_certificates(scope: Scope, table: ReadTable, recorder: Recorder) -> None:
    """Create and update certificates."""
    rows = Rows(table)
    people = people_by_code(scope, rows.codes("person"))
    held = Certificate.objects.filter(person__in=people.values())
    known = {(one.person_id, one.kind, one.title, one.issued_on): one for one in held}

    def write(row: ReadRow) -> None:
        person = rows.find(people, row, "person", PERSON)
        if person is None:
            return
        new: dict[str, Any] = {key: value for key, value in row.values.items() if key != "person"}
        new["title"] = new.get("title") or ""
        existing = known.get((person.pk, new["kind"], new["title"], new["issued_on"]))
        write_certificate(recorder, person, CertificateDraft(**new), existing=existing, place=row.place)

    rows.each(write)


def apply_skills(scope: Scope, table: ReadTable, recorder: Recorder) -> None:
    """Set grades; an empty grade takes a skill away."""
    rows = Rows(table)
    people = people_by_code(scope, rows.codes("person"))
    skills = {skill.code: skill for skill in Skill.objects.all()}

    def write(row: ReadRow) -> None:
        person, skill = rows.find(people, row, "person", PERSON), rows.find(skills, row, "skill", SKILL)
        if person is not None and skill is not None:
            write_grade(recorder, person, skill, row.values.get("grade"))  # type: ignore[arg-type]

    rows.each(write)


PEOPLE_IMPORT = Importer("people.people", PEOPLE, EDIT, apply_people, "people:list", _("Import people"))
POSTING_IMPORT = Importer(
    "people.postings", POSTINGS, EDIT, apply_postings, "people:postings", _("Import postings")
)
CERTIFICATE_IMPORT = Importer(
    "people.certificates",
    CERTIFICATES,
    EDIT,
    apply_certificates,
    "people:certificates",
    _("Import certificates"),
)
SKILL_IMPORT = Importer("people.skills", SKILLS, EDIT, apply_skills, "people:skills", _("Import skills"))
