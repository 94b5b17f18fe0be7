"""A round of the demonstration up to its opening, through the services that a district uses.

Each function finds what is there already and goes on from it, so that a start that was broken off does not
make anything twice. Where a background job must run first, it is returned.
"""

from __future__ import annotations

from django.db import transaction

from minping_web.channels.models import ChannelRules, MessageBatch, Provider, TextVersion
from minping_web.channels.services.approving import approve_batch
from minping_web.channels.services.batches import send_batch
from minping_web.channels.services.presets import make_preset_texts
from minping_web.channels.services.providing import change_rules
from minping_web.common.approval import approve
from minping_web.common.clock import now, today
from minping_web.common.scope import entered
from minping_web.frames.models import Frame
from minping_web.instruments.models import InstrumentVersion
from minping_web.instruments.services import from_scheme
from minping_web.jobs.models import Job
from minping_web.places.models import Area
from minping_web.rounds.models import SurveyRound, TokenBatch
from minping_web.rounds.rules.design import Design
from minping_web.rounds.rules.words import Channel
from minping_web.rounds.services.drafting import (
    Basics,
    make_round,
    set_design,
    set_questionnaires,
    set_seed,
)
from minping_web.rounds.services.fixing import propose_fix
from minping_web.rounds.services.inviting import Sending, send
from minping_web.rounds.services.printing import Printing, print_letters
from minping_web.rounds.services.valuing import propose_value
from minping_web.schemes.selectors import entry_of
from minping_web.schemes.services import freeze_version
from minping_web.site.demo.accounts import COMMUNITY_CODE
from minping_web.site.demo.round_plan import (
    AUDITOR,
    BUREAU,
    FIRM,
    OPEN_FOR,
    QUESTIONNAIRE,
    SCHEME,
    SECOND,
    RoundPlan,
    RoundSize,
    acting,
)
from minping_web.site.demo.units_seed import QUARTER_FRAME

AUDIENCES = ("elderly", "young_and_middle_aged")
MODES = (Channel.SMS.value, Channel.VISIT.value, Channel.PHONE.value)
RANDOMISED_PERCENT = 10
"""As in the engine's demonstration: some households have their mode assigned by chance."""
SEED_FORM, FALLBACK_FORM = "DEMO-########", "######"
OFFICE, TELEPHONE = "鼓楼区社会工作部（演示）", "025-00000000"
BUDGET_FEN = 1_000_000
REASON = "演示：按计划开展"


def seed_texts() -> None:
    """Approved texts; messages of the demonstration go into a file and may do so at night."""
    writer, second = acting(BUREAU), acting(SECOND)
    if not TextVersion.objects.filter(state="approved", text__purpose="notice").exists():
        make_preset_texts(writer, second)
    if ChannelRules.objects.filter(quiet_from=24).exists():
        return
    rules = {"quiet_until": 0, "quiet_from": 24, "most_per_number": 9, "telephone": TELEPHONE}
    change_rules(writer, rules)


def seed_questionnaire() -> InstrumentVersion:
    """The scheme frozen, its questionnaire imported; fixing the round freezes that as well."""
    found = InstrumentVersion.objects.filter(instrument__code=QUESTIONNAIRE).order_by("pk").first()
    if found is not None:
        return found
    bureau = acting(BUREAU)
    loaded = entry_of(bureau, SCHEME).loaded
    assert loaded is not None
    frozen = freeze_version(bureau, SCHEME, loaded.scheme.version)
    return from_scheme(bureau, frozen, QUESTIONNAIRE)


@transaction.atomic
def seed_draft(plan: RoundPlan, size: RoundSize, seed: int) -> SurveyRound:
    """The round with its questionnaires, its design and what will give the seed."""
    bureau, moment = acting(BUREAU), now()
    made = make_round(bureau, Basics(
        plan.name, plan.period, SCHEME, Frame.objects.filter(name=QUARTER_FRAME).earliest("pk"),
        level="responsibility_area", subject="community_worker",
        opens_at=moment, closes_at=moment + OPEN_FOR,
    ))  # fmt: skip
    set_questionnaires(bureau, made.pk, dict.fromkeys(AUDIENCES, seed_questionnaire().pk))
    set_design(bureau, made.pk, _design(plan, size))
    return set_seed(
        bureau, made.pk, seed_source="演示用的值，不是公开抽签的结果", seed_on=today(), seed_form=SEED_FORM,
        seed_fallback="演示用的掷骰", seed_fallback_form=FALLBACK_FORM,
    )  # fmt: skip


def _design(plan: RoundPlan, size: RoundSize) -> Design:
    path = Area.objects.values_list("path", flat=True).get(code=COMMUNITY_CODE)
    inside = Area.objects.filter(level="responsibility_area", path__startswith=path)
    return Design(
        per_area=plan.per_area(size), wanted=plan.per_area(size) // 2, audiences=AUDIENCES, modes=MODES,
        randomised_percent=RANDOMISED_PERCENT,
        areas=tuple(inside.values_list("pk", flat=True)) if plan.story_only else (),
    )  # fmt: skip


@transaction.atomic
def seed_fixed(found: SurveyRound) -> None:
    """Two persons fix the round."""
    proposal = propose_fix(acting(BUREAU), found.pk, reason=REASON)
    second = acting(SECOND)
    with entered(second):
        approve(second, proposal.pk)


@transaction.atomic
def seed_value(found: SurveyRound, seed: int) -> Job | None:
    """The demonstration's value instead of a public draw, by two persons as ever; the draw is a job."""
    value = SEED_FORM.replace("#" * 8, f"{seed:08d}")
    proposal, auditor = propose_value(acting(BUREAU), found.pk, value), acting(AUDITOR)
    with entered(auditor):
        approve(auditor, proposal.pk)
    found.refresh_from_db()
    return found.job


def seed_messages(found: SurveyRound) -> Job | None:
    """Invitations by message to everybody, filled by a job."""
    batch = TokenBatch.objects.filter(round=found, channel=Channel.SMS).first()
    if batch is None:
        firm = acting(FIRM)
        text = TextVersion.objects.filter(state="approved", text__purpose="invite").latest("number")
        provider = Provider.objects.get(name="outbox")
        with entered(firm):
            batch = send(firm, found.pk, Sending("邀请短信", text, provider, BUDGET_FEN))
    return batch.job


def seed_letters(found: SurveyRound) -> Job | None:
    """Letters for the story's community, sealed until somebody downloads them."""
    batch = TokenBatch.objects.filter(round=found, channel=Channel.QR).first()
    if batch is None:
        firm = acting(FIRM)
        where = {"area": Area.objects.values_list("pk", flat=True).get(code=COMMUNITY_CODE)}
        with entered(firm):
            batch = print_letters(firm, found.pk, Printing("邀请信", OFFICE, TELEPHONE, selection=where))
    return batch.job


def seed_sending(found: SurveyRound) -> Job | None:
    """Approve the messages, by two persons when they are many, and let them go."""
    batch = messages_of(found)
    if batch.state == MessageBatch.State.DRAFT:
        with transaction.atomic():
            proposal = approve_batch(acting(FIRM), batch.pk, reason=REASON)
            if proposal is not None:
                approve(acting(BUREAU), proposal.pk)
        return send_batch(acting(FIRM), batch.pk)
    return batch.job


def messages_of(found: SurveyRound) -> MessageBatch:
    """The invitations by message of a round."""
    owner = TokenBatch.objects.filter(round=found, channel=Channel.SMS).earliest("pk").owner_ref
    return MessageBatch.objects.get(pk=int(owner))
