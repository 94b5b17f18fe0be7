"""Things for the matrix: one of each kind in the own and in the foreign street, and of each user.

Whatever is foreign carries a mark that nothing else carries, so that a page, an export or an answer that
shows it is found by reading the bytes. What is the district's (a frame, a position) has no side.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile

from minping_web.access.models import ApiKey
from minping_web.accounts.models import User
from minping_web.appraisals.models import CalledRater, EvidenceValue, Finding, RaterCall
from minping_web.assessments.models import AssessedResult, AssessmentRun
from minping_web.assessments.rules.words import RunState
from minping_web.ballots.models import Custodian, RoundKey
from minping_web.ballots.rules.words import Body
from minping_web.channels.models import (
    MessageBatch,
    MessageText,
    PrintRun,
    Signature,
    TextVersion,
)
from minping_web.channels.services.letters import standard_wording
from minping_web.choices.models import TwoWayChoice
from minping_web.coaching.models import CoachingPlan, Course, ServiceStory
from minping_web.common.clock import now, today
from minping_web.common.crypto import keyring
from minping_web.common.import_flow import keep_draft
from minping_web.common.models import ChangePlace, ChangeSet
from minping_web.common.scope import Scope, entered, system_scope
from minping_web.frames.models import ContactExport, Frame, FrameImport, LegalHold, ResidentRequest, Unit
from minping_web.frames.services.loading import NewUnit, load_frame
from minping_web.instruments.services import from_scheme
from minping_web.jobs.models import Job
from minping_web.ledger.models import Witness
from minping_web.objections.models import Exclusion, ExclusionAppeal, Objection, Preview
from minping_web.organisations.models import Contract, ContractPlace, Organisation, OrganisationContact
from minping_web.people.models import (
    Certificate,
    CorrectionRequest,
    Handover,
    Person,
    Position,
    Posting,
    Rank,
    Skill,
)
from minping_web.places.models import Area, AreaCovariate, AreaOutline
from minping_web.publications.models import Publication
from minping_web.rewards.models import Line, Sheet
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.design import Design
from minping_web.schemes.models import SchemeVersion
from minping_web.schemes.services import freeze_version
from minping_web.snapshots.models import SealedSnapshot
from tests.web.channels.factory import outbox

if TYPE_CHECKING:
    from tests.web.access.policy import Side
    from tests.web.access.world import World

MARKS = ("西密", "XIMI", "ximi")
"""In names, in codes and in sign-in names of what is foreign; nowhere else."""

BEGIN = date(2024, 1, 1)
WITNESS = "one.example.cn/witness+c525e621+BDtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
FAR = date(2099, 12, 31)


def marked(side: Side) -> tuple[str, str]:
    """What begins names and codes of this side."""
    return ("西密", "XIMI") if side == "foreign" else ("东显", "DONG")


def mark_foreign_areas(top: Area) -> None:
    """Names and codes of a street and all below it tell that they are foreign."""
    for area in Area.objects.filter(path__startswith=top.path):
        Area.objects.filter(pk=area.pk).update(name=f"西密{area.name}", code=f"XIMI{area.pk}")


def furnish(world: World) -> None:
    """One of everything."""
    _of_the_district(world)
    for side in ("own", "foreign"):
        _of_a_side(world, side)
    _handovers(world)
    _units(world)
    _evidence(world)
    _choices(world)
    for who in (*world.users.values(), world.stranger):
        _of_a_user(world, who)


def _of_the_district(world: World) -> None:
    keeper = world.users.get("administrator", world.stranger)
    frame = Frame.objects.create(
        name="秋季抽样框", as_of=BEGIN, needed_until=FAR, made_at=now(), state="draft"
    )
    made: dict[str, Any] = {
        "frame": frame,
        "position": Position.objects.create(code="P1", name="网格员"),
        "skill": Skill.objects.create(code="S1", name="调解"),
        "rank": Rank.objects.create(ladder=Rank.Ladder.values[0], step=1, code="R1", name="一级"),
        "hold": LegalHold.objects.create(
            frame=frame, reason="核查", until=FAR, made_by=keeper, made_at=now()
        ),
        "import": FrameImport.objects.create(
            name="导入", as_of=BEGIN, needed_until=FAR, file_name="名单.csv", made_by=keeper, made_at=now(),
            state=FrameImport.State.REFUSED,
        ),
        "request": ResidentRequest.objects.create(
            kind="access", channel="counter", identity_check="document_seen", phone_blind=bytes(32),
            received_on=BEGIN, due_on=FAR, made_by=keeper,
        ),
        "key": ApiKey.objects.create(
            name="接口", owner=keeper, permissions=["places.view"], prefix="mp_test", digest=bytes(32),
            made_at=now(), expires_on=FAR,
        ),
    }  # fmt: skip
    world.things |= {(kind, "", ""): row.pk for kind, row in made.items()}
    _rules_and_questions(world)
    _messages(world)


def _rules_and_questions(world: World) -> None:
    """A frozen scheme and a draft of its questionnaire."""
    world.things["scheme", "", ""] = "gulou-worker"
    frozen = freeze_version(system_scope(), "gulou-worker", "2019.1")
    world.things["scheme_version", "", ""] = frozen.pk
    draft = from_scheme(system_scope(), frozen, "gulou-worker")
    world.things["questionnaire", "", ""] = draft.pk


def _messages(world: World) -> None:
    """A batch, its text, a run of letters."""
    signature = Signature.objects.create(name="民评办", filed_as="区社会工作部", made_at=now())
    text = MessageText.objects.create(title="邀请", purpose="invite", made_at=now())
    version = TextVersion.objects.create(
        text=text, number=1, signature=signature, zh="请评价：{link}", en="Please rate: {link}", made_at=now()
    )
    provider = outbox()
    batch = MessageBatch.objects.create(
        owner="round-1", purpose="invite", title="邀请", text_version=version, provider=provider,
        budget_fen=100, key_name="none", made_at=now(),
    )  # fmt: skip
    wording = standard_wording(office="区社会工作部", until="月底", telephone="000", site="example.cn")
    run = PrintRun.objects.create(
        owner="round-1", title="信件", wording=wording.as_data(), key_name="none", made_at=now()
    )
    made = {"message_batch": batch, "message_text": text, "message_version": version,
            "message_signature": signature, "print_run": run}  # fmt: skip
    world.things |= {(kind, "", ""): row.pk for kind, row in made.items()}
    world.things["message_provider", "", ""] = provider.name


def _of_a_side(world: World, side: Side) -> None:
    name, code = marked(side)
    place, person, body = world.fields[side], world.people[side], world.bodies[side]
    made: dict[str, Any] = {
        "posting": Posting.objects.create(person=person, area=place, starts_on=BEGIN),
        "certificate": Certificate.objects.create(
            person=person, kind=Certificate.Kind.values[-1], title=f"{name}证书", number_tail="1234",
            issued_on=BEGIN,
        ),
        "correction": CorrectionRequest.objects.create(
            person=person, about=CorrectionRequest.About.values[0], text=f"{name}请更正", asked_at=now()
        ),
        "figure": AreaCovariate.objects.create(
            area=world.grid(side), name="aged_60", value=812, as_of=BEGIN, source=f"{name}年报"
        ),
        "outline": AreaOutline.objects.create(
            area=world.grid(side), geometry=[[[[118.7, 32.0], [118.8, 32.0], [118.8, 32.1], [118.7, 32.0]]]],
            datum="wgs84", source=f"{name}局", approval_number="", vertices=4,
        ),
        "body_contact": _contact(body, name),
        "contract": _contract(f"{code}-1", f"{name}服务", body, place),
        **_coaching(person, place, name, code),
    }  # fmt: skip
    world.things |= {(kind, side, ""): row.pk for kind, row in made.items()}


def _coaching(person: Person, place: Area, name: str, code: str) -> dict[str, Any]:
    """A plan, a course for the place, a story."""
    return {
        "coaching_plan": CoachingPlan.objects.create(
            assessee_id=f"P{person.pk:06d}", name=person.name, person=person, area=place, opened_at=now()
        ),
        "coaching_course": Course.objects.create(
            code=f"{code}-PX", title=f"{name}课程", level="foundation", scheme_id="gulou-worker",
            dimensions="q4", starts_on=BEGIN, ends_on=FAR, seats=5, area=place,
        ),
        "coaching_story": ServiceStory.objects.create(
            person=person, area=place, happened_on=BEGIN, title=f"{name}故事", text="路灯亮了",
            written_at=now(),
        ),
    }  # fmt: skip


def _contact(body: Organisation, name: str) -> OrganisationContact:
    contact = OrganisationContact(organisation=body, purpose=f"{name}联络")
    told = json.dumps({"name": f"{name}联系人", "phone": "10000000001", "email": ""})
    contact.sealed = keyring().seal(told, contact.about)
    contact.save()
    return contact


def _contract(code: str, subject: str, contractor: Organisation, place: Area | None) -> Contract:
    bureau, _ = Organisation.objects.get_or_create(code="BUREAU", kind="bureau", name="试验区民政局")
    made = Contract.objects.create(
        code=code, subject=subject, principal=bureau, contractor=contractor,
        starts_on=BEGIN, ends_on=FAR, amount_fen=1_000_000,
    )  # fmt: skip
    if place:
        ContractPlace.objects.create(contract=made, area=place)
    return made


def _handovers(world: World) -> None:
    """The own one is given by the worker of the matrix, who may confirm it."""
    for side in ("own", "foreign"):
        giver = world.people[side]
        if side == "own" and "worker" in world.users:
            giver = Person.objects.create(
                code="DONG-W", name="东显社工", user=world.users["worker"], employer=world.bodies["own"]
            )
        taker = Person.objects.create(
            code=f"{side}-taker", name=f"{marked(side)[0]}接手", employer=world.bodies[side]
        )  # fmt: skip
        area = world.fields[side]
        row = Handover.objects.create(giver=giver, taker=taker, area=area, day=today())
        world.things["handover", side, ""] = row.pk


def _units(world: World) -> None:
    """Two households on each side, in a frame of their own kind: the one that pages show."""
    rows = [
        NewUnit(
            world.fields[side].code, f"{marked(side)[1]}-{number}", building=f"{marked(side)[0]}楼",
            phone=f"1000000000{number}", address=f"{marked(side)[0]}路",
        )
        for side in ("own", "foreign") for number in range(2)
    ]  # fmt: skip
    frame = load_frame(system_scope(), "冬季抽样框", rows, as_of=BEGIN)
    world.things["unit_frame", "", ""] = frame.pk
    _round(world, frame)
    with entered(system_scope()):
        for side in ("own", "foreign"):
            found = Unit.objects.filter(frame=frame, area=world.fields[side])
            world.things["unit", side, ""] = found.order_by("house_code").first().pk


def _round(world: World, frame: Frame) -> None:
    """A draft, so that every page of preparing shows."""
    made = SurveyRound.objects.create(
        name="冬季轮次", period="2026Q4", scheme_id_wanted="gulou-worker", frame=frame, level="grid",
        subject="community_worker", design=Design().as_json(), opens_at=now(), closes_at=now(), made_at=now(),
    )  # fmt: skip
    world.things["survey_round", "", ""] = made.pk
    RoundKey.objects.create(round=made, public_key=bytes(32), key_id="0" * 16)
    holder = User.objects.create_user("keeper-of-the-bureau", password=None)
    custodian = Custodian.objects.create(user=holder, body=Body.BUREAU, public_key=bytes(32), made_at=now())
    snapshot = SealedSnapshot.objects.create(
        round=made, sha256="0" * 64, folder="absent", period="2026Q4", ballots=0, made_at=now()
    )
    world.things["custodian", "", ""] = custodian.pk
    witness = Witness.objects.create(name="one.example.cn/witness", verifier=WITNESS, added_at=now())
    world.things["witness", "", ""] = witness.pk
    world.things["sealed_snapshot", "", ""] = snapshot.pk
    _assessment(world, snapshot)


def _assessment(world: World, snapshot: SealedSnapshot) -> None:
    """A run that was not possible, with a row: its pages show without the engine's files."""
    scheme = SchemeVersion.objects.get(pk=world.things["scheme_version", "", ""])
    run = AssessmentRun.objects.create(
        round=snapshot.round, snapshot=snapshot, scheme=scheme, state=RunState.FAILED, asked_at=now()
    )
    row = AssessedResult.objects.create(
        run=run, assessee_id="P000001", kind="community_worker", name="某人", status="not_assessed"
    )
    world.things["assessment_run", "", ""] = run.pk
    world.things["assessed_result", "", ""] = row.pk
    _rewards(world, run)
    _objections(world, run)


def _objections(world: World, run: AssessmentRun) -> None:
    """One of a place on each side, an exclusion with an appeal."""
    preview = Preview.objects.create(run=run, opened_at=now(), ends_on=FAR)
    for side in ("own", "foreign"):
        row = Objection.objects.create(
            preview=preview, area=world.grid(side), subject="place_data", text=f"{marked(side)[0]}数据有误",
            filed_by=world.stranger, filed_at=now(), due_on=FAR,
        )  # fmt: skip
        world.things["objection", side, ""] = row.pk
    excluded = Exclusion.objects.create(
        run=run, leaves_out="batches", batches=[7], cause="fabricated", reason="代答",
        proposed_by=world.stranger, proposed_at=now(),
    )  # fmt: skip
    appeal = ExclusionAppeal.objects.create(
        exclusion=excluded, side="concerned", text="属实", noted_by=world.stranger, noted_at=now()
    )
    world.things |= {("exclusion", "", ""): excluded.pk, ("exclusion_appeal", "", ""): appeal.pk}


def _evidence(world: World) -> None:
    """A round that reads marks and facts, with a call, a value and a finding."""
    scheme = freeze_version(system_scope(), "xiaoshi-organisation", "2018.1")
    frame = Frame.objects.get(pk=world.things["unit_frame", "", ""])
    found = SurveyRound.objects.create(
        name="购买服务考评", period="2026Q3", scheme=scheme, scheme_id_wanted=scheme.scheme_id, frame=frame,
        level="district", subject="organisation", state=SurveyRound.State.CLOSED,
        design=Design().as_json(), opens_at=now(), closes_at=now(), made_at=now(),
    )  # fmt: skip
    call = RaterCall.objects.create(round=found, group="experts", opens_on=BEGIN, ends_on=FAR, made_at=now())
    value = EvidenceValue.objects.create(
        round=found, table="facts", name="contract_fen", assessee_id="O000001", value_milli=1,
        document="台账", on=BEGIN,
    )  # fmt: skip
    finding = Finding.objects.create(
        round=found, assessee_id="O000001", fact="overdue_findings", amount_milli=1000, happened_on=BEGIN,
        document="巡查单", heard="declined", heard_on=BEGIN, made_at=now(),
    )  # fmt: skip
    made = {"evidence_round": found, "evidence_call": call, "evidence_value": value,
            "evidence_finding": finding}  # fmt: skip
    world.things |= {(kind, "", ""): row.pk for kind, row in made.items()}
    for who in (*world.users.values(), world.stranger):
        rater = CalledRater.objects.create(call=call, user=who, number=100_000 + who.pk)
        world.things["called_rater", "", who.username] = rater.pk


def _rewards(world: World, before: AssessmentRun) -> None:
    """A sheet with a line, of a publication of its own."""
    run = AssessmentRun.objects.create(
        round=before.round, snapshot=before.snapshot, scheme=before.scheme, state=RunState.FAILED,
        asked_at=now(),
    )  # fmt: skip
    published = Publication.objects.create(
        run=run, round=run.round, published_at=now(), superseded_at=now(), folder="absent-rewards",
        manifest_sha256="f" * 64, code="REWARDS",
    )  # fmt: skip
    world.things["publication", "", ""] = published.pk
    for side, home in (("own", 0), ("foreign", 2)):
        world.things["community", side, ""] = world.district.communities[home].pk
    sheet = Sheet.objects.create(
        publication=published, scheme_id="gulou-worker", use="performance_pay", kind="performance_pay",
        family="pay", period="2026Q4", text_zh="绩效", text_en="Pay", rule_zh="", rule_en="", rule="",
        has_money=True, made_at=now(),
    )  # fmt: skip
    line = Line.objects.create(sheet=sheet, assessee_id="P000001", name="某人", fen=100)
    world.things["reward_sheet", "", ""] = sheet.pk
    world.things["reward_line", "", ""] = line.pk


def _choices(world: World) -> None:
    """One of each street; the worker of the matrix takes part in the own one."""
    for side, street in (("own", world.district.streets[0]), ("foreign", world.district.streets[1])):
        made = TwoWayChoice.objects.create(
            name=f"{marked(side)[0]}双向选择", area=street, state="posted", choose_from=now(),
            choose_until=now() + timedelta(days=1), choose_back_until=now() + timedelta(days=2),
            takes_effect_on=FAR, made_at=now(),
        )  # fmt: skip
        who = Person.objects.filter(user=world.users.get("worker")).first() if side == "own" else None
        candidate = made.candidates.create(person=who or world.people[side])
        grid = made.grids.create(area=world.fields[side])
        rows = {"two_way_choice": made, "choice_candidate": candidate, "posted_grid": grid}
        world.things |= {(kind, side, ""): row.pk for kind, row in rows.items()}


def _of_a_user(world: World, who: User) -> None:
    side: Side = "foreign" if who == world.stranger else "own"
    name, code = marked(side)
    frame = Frame.objects.get(pk=world.things["unit_frame", "", ""])
    grant = who.grants.get()
    made: dict[str, Any] = {
        "job": Job.objects.create(
            task="people.check_postings", title=f"{name}作业", state=Job.State.QUEUED, actor=who,
            run_at=now(), queued_at=now(),
        ),
        "change": change_of(who, f"{name}修改", world.grid(side)),
        "export": ContactExport.objects.create(
            frame=frame, rows=1, reason=f"{name}理由", asked_by=who, made_at=now(),
            filters={"instrument": ""}, expires_at=now() + timedelta(days=1),
        ),
    }  # fmt: skip
    if grant.organisation:
        made["contract"] = _contract(f"{code}-{who.pk}", f"{name}调查", grant.organisation, None)
    world.things |= {(kind, "", who.username): row.pk for kind, row in made.items()}


def change_of(who: User, title: str, *areas: Area) -> ChangeSet:
    """An act of editing areas, done at these."""
    made = ChangeSet.objects.create(
        kind="places.areas", title=title, actor=who, actor_label=str(who), made_at=now()
    )
    for area in areas:
        ChangePlace.objects.create(change_set=made, area_id=area.pk, path=area.path)
    return made


def draft_of(who: User, route: str) -> int:
    """A waiting import of this user, of the kind that the route shows."""
    kind = route.replace(":", ".").removesuffix("_draft")
    importer: Any = SimpleNamespace(kind=kind, permission="")
    return keep_draft(Scope(user_id=who.pk), importer, SimpleUploadedFile("表.csv", "编号\n".encode())).pk
