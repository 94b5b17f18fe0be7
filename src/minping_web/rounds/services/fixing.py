"""Fix a round: two persons; scheme and questionnaires are frozen, the list and the seed's draw are named.

From here on nothing that could choose the sample can be chosen any more: the ledger holds the digest of the
frame's list with strata and rest (`draw.seed_named`) before the public draw takes place, and what else the
round promises (`round.fixed`). Approval freezes and queues; the job lists the frame, for a large one takes
seconds, and fixes in one transaction. Where it finds that the round cannot be drawn it becomes a draft again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import Http404
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_engine.errors import MinpingError, Place, Problem, Severity
from minping_engine.sampling import SEED_NAMED, DrawPlan, FrameList, NamedSeed, plan_draw
from minping_engine.snapshot import json_sha256
from minping_web.common import approval
from minping_web.common.clock import now, today
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, entered
from minping_web.frames.models import Frame
from minping_web.frames.rules import Instrument as Audience
from minping_web.instruments.models import InstrumentVersion
from minping_web.instruments.rules.lint import lint
from minping_web.instruments.selectors.sources import unfit_for
from minping_web.instruments.services import freeze_instrument
from minping_web.jobs.rules import Progress
from minping_web.jobs.services import enqueue
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import committed
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.design import design_problems
from minping_web.rounds.rules.words import Channel
from minping_web.rounds.selectors.listing import frame_units
from minping_web.rounds.selectors.rounds import locked_round, questionnaires_of
from minping_web.rounds.selectors.serving import serving_problems
from minping_web.rounds.services.drafting import design_of, draft, require_everywhere
from minping_web.rounds.services.folders import write_list
from minping_web.schemes.selectors import entry_of, frozen_last, scheme_called
from minping_web.schemes.services import freeze_version

ACT, TASK = "rounds.fix", "rounds.list_frame"


def fix_problems(scope: Scope, survey_round: SurveyRound) -> list[Problem]:
    """Everything that keeps a draft from being fixed, all at once; empty when it may be proposed."""
    questionnaires = questionnaires_of(survey_round)
    return [
        *design_problems(design_of(survey_round), list(questionnaires)),
        *_questionnaire_problems(survey_round),
        *_frame_problems(survey_round),
        *_seed_problems(survey_round),
        *_scheme_problems(scope, survey_round),
        *_scoring_problems(scope, survey_round),
        *serving_problems(scope, survey_round),
        *([] if survey_round.closes_at > now() else [Problem("round.over_already", Place(key="closes_at"))]),
    ]


def _asked(survey_round: SurveyRound) -> list[InstrumentVersion]:
    """Questionnaires of those who are asked; a shared one once."""
    audiences = design_of(survey_round).audiences
    rows = [row for audience, row in questionnaires_of(survey_round).items() if audience in audiences]
    return list({row.version_id: row.version for row in rows}.values())


def _questionnaire_problems(survey_round: SurveyRound) -> list[Problem]:
    """What would keep drafts of questionnaires from being frozen."""
    return [
        problem
        for version in _asked(survey_round)
        if version.is_draft
        for problem in lint(version.content)
        if problem.severity is Severity.ERROR
    ]


def _frame_problems(survey_round: SurveyRound) -> list[Problem]:
    frame = survey_round.frame
    if frame.state != Frame.State.SEALED:
        return [Problem("round.frame_not_sealed", Place(key="frame"), {"frame": frame.name})]
    if frame.contacts_erased_at or frame.needed_until < survey_round.closes_at.date():
        until = frame.needed_until.isoformat()
        return [Problem("round.contacts_too_short", Place(key="frame"), {"until": until})]
    return []


def _seed_problems(survey_round: SurveyRound) -> list[Problem]:
    needed = ("seed_source", "seed_on", "seed_form", "seed_fallback", "seed_fallback_form")
    found = [Problem("round.seed_missing", Place(key=name)) for name in needed
             if not getattr(survey_round, name)]  # fmt: skip
    if survey_round.seed_on is not None and not _lies_ahead(survey_round):
        found.append(Problem("round.seed_day_past", Place(key="seed_on")))
    return found


def _lies_ahead(survey_round: SurveyRound) -> bool:
    """After today: the naming must be published before the value is known. A demonstration does not wait."""
    day = survey_round.seed_on
    return day is not None and (day > today() or (settings.DEMO and day == today()))


def _scheme_problems(scope: Scope, survey_round: SurveyRound) -> list[Problem]:
    try:
        entry = entry_of(scope, survey_round.scheme_id_wanted)
    except Http404:
        return [Problem("round.scheme_unknown", Place(key="scheme"))]
    return list(entry.problems) if entry.loaded is None else []


def _scoring_problems(scope: Scope, survey_round: SurveyRound) -> list[Problem]:
    """What would make answers worthless: questionnaires that the scheme does not read, a scheme on trial."""
    try:
        found = entry_of(scope, survey_round.scheme_id_wanted).loaded
    except Http404:
        return []
    if found is None:
        return []
    place = Place(key="questionnaires")
    problems = [
        Problem(one.code, place, one.params)
        for version in _asked(survey_round)
        for one in unfit_for(version, found.scheme)
    ]
    frozen = frozen_last(survey_round.scheme_id_wanted, found.scheme.version)
    if frozen is not None and frozen.pilot and not survey_round.is_pilot:
        problems.append(Problem("round.scheme_is_pilot", Place(key="scheme"), {"name": frozen.key}))
    return problems


def propose_fix(scope: Scope, round_id: int, *, reason: str) -> Proposal:
    """Ask a second person to fix the draft as it is now. Raises `RefusedError` with all problems."""
    with entered(scope):
        found = draft(scope, round_id)
        problems = fix_problems(scope, found)
        if problems:
            raise RefusedError(problems)
        title = _("Fix the round “%(name)s”") % {"name": found.name}
        return approval.propose(scope, ACT, title=title, reason=reason, payload=_as_it_is(found))


def _as_it_is(found: SurveyRound) -> dict[str, Any]:
    return {"round": found.pk, "version": found.version, "name": found.name,
            "questionnaires": _contents(found)}  # fmt: skip


def _contents(found: SurveyRound) -> dict[str, str]:
    """Hashes of what will be asked: a questionnaire that is still a draft may move without its round."""
    rows = questionnaires_of(found)
    return {audience: json_sha256(row.version.content) for audience, row in sorted(rows.items())}


def what_is_fixed(found: SurveyRound) -> list[tuple[str, str]]:
    """What the first person proposes, as the second one will read it."""
    return describe(_as_it_is(found))


def _has_moved(found: SurveyRound, payload: dict[str, Any]) -> bool:
    return (found.version, _contents(found)) != (payload["version"], payload["questionnaires"])


def describe(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """Everything the second person should look at; a round that moved since says so."""
    found = SurveyRound.objects.filter(pk=payload["round"]).select_related("frame").first()
    if found is None or _has_moved(found, payload):
        moved = _("The round is not as it was proposed: it cannot be fixed this way.")
        return [(_("Round"), payload["name"]), (_("Changed since"), moved)]
    design = design_of(found)
    asked = _("all units") if design.per_area is None else str(design.per_area)
    told = [
        (_("Round"), found.name),
        (_("Assessment period"), found.period),
        (_("Scheme"), scheme_called(found.scheme_id_wanted)),
        (_("Frame"), f"{found.frame.name} ({found.frame.units})"),
        (_("Units drawn in each area"), asked),
        (_("Answers wanted in each area"), str(design.wanted)),
        (_("Ordinary families to one special"), str(design.special_ratio)),
        (_("Rest after being drawn, in rounds"), str(design.rest_rounds)),
        (_("Ways of asking"), " → ".join(str(Channel(mode).label) for mode in design.modes)),
        (_("First way of asking by chance, per cent"), str(design.randomised_percent)),
        (_("Open"), f"{_moment(found.opens_at)} – {_moment(found.closes_at)}"),
        (_("Public draw that gives the seed"), f"{found.seed_source}, {found.seed_on}, {found.seed_form}"),
        (_("If that draw does not take place"), f"{found.seed_fallback}, {found.seed_fallback_form}"),
    ]
    versions = questionnaires_of(found)
    words = dict(Audience.choices)
    return told + [
        (str(_("Questionnaire")), f"{words.get(audience, audience)}: {row.version}")
        for audience, row in versions.items()
    ]


def _moment(moment: datetime) -> str:
    return date_format(localtime(moment), "Y-m-d H:i")


def carry_fix(scope: Scope, payload: dict[str, Any]) -> int:
    """What the second person sets going, in one transaction. Raises `RefusedError` when anything moved."""
    found = locked_round(payload["round"])
    if found.state != SurveyRound.State.DRAFT or _has_moved(found, payload):
        raise RefusedError.of("round.moved_since")
    problems = fix_problems(scope, found)
    if problems:
        raise RefusedError(problems)
    _freeze(scope, found)
    found.state = SurveyRound.State.FIXING
    _queue(scope, found)
    return found.pk


def _queue(scope: Scope, found: SurveyRound) -> None:
    found.job = enqueue(scope, TASK, title=found.name, round_id=found.pk)
    found.save()


@transaction.atomic
def fix_again(scope: Scope, round_id: int) -> SurveyRound:
    """Queue the job once more after it failed for good; what was approved stays what it is."""
    require_everywhere(scope, ACT)
    found = locked_round(round_id)
    if found.state != SurveyRound.State.FIXING or (found.job and found.job.is_open):
        raise RefusedError.of("round.not_fixing")
    _queue(scope, found)
    return found


def fix_round(scope: Scope, round_id: int, progress: Progress) -> dict[str, int]:
    """The job: list the frame, plan the draw, name the seed. Gives how many units are listed."""
    try:
        with entered(scope):
            return _listed(round_id, progress)
    except RefusedError:
        _back_to_draft(round_id)
        raise


def _listed(round_id: int, progress: Progress) -> dict[str, int]:
    found = SurveyRound.objects.select_related("frame", "scheme").get(pk=round_id)
    if found.state != SurveyRound.State.FIXING:
        return {}
    progress(0, 3)
    plan, listed = _planned(found)
    progress(2, 3)
    with transaction.atomic():
        _name_seed(locked_round(round_id), plan)
        write_list(found.pk, listed)
    return {"listed": len(listed)}


def _name_seed(found: SurveyRound, plan: DrawPlan) -> None:
    """Raises `RefusedError` when it is not being fixed any more, or the day of the draw has come."""
    if found.state != SurveyRound.State.FIXING:
        raise RefusedError.of("round.moved_since")
    if not _lies_ahead(found):
        raise RefusedError.of("round.seed_day_past", Place(key="seed_on"))
    found.plan, found.state, found.fixed_at = plan.record(), SurveyRound.State.FIXED, now()
    found.job = None
    found.save()
    stage(SEED_NAMED, f"{found.step_id}-seed-named", found.plan)
    stage("round.fixed", f"{found.step_id}-fixed", _record(found))


def _back_to_draft(round_id: int) -> None:
    rows = SurveyRound.objects.filter(pk=round_id, state=SurveyRound.State.FIXING)
    rows.update(state=SurveyRound.State.DRAFT, version=F("version") + 1)


def _freeze(scope: Scope, found: SurveyRound) -> None:
    loaded = entry_of(scope, found.scheme_id_wanted).loaded
    if loaded is None:
        raise RefusedError.of("round.scheme_unknown", Place(key="scheme"))
    found.scheme = freeze_version(scope, found.scheme_id_wanted, loaded.scheme.version, pilot=found.is_pilot)
    audiences = design_of(found).audiences
    for audience, row in questionnaires_of(found).items():
        if audience in audiences:
            freeze_instrument(scope, row.version_id)


def _planned(found: SurveyRound) -> tuple[DrawPlan, FrameList]:
    """The plan of the draw. Raises `RefusedError` for a design that asks nobody."""
    design = design_of(found)
    listed = FrameList.of(frame_units(found, design))
    named = NamedSeed(
        source=found.seed_source, drawn_on=found.seed_on, form=found.seed_form,
        fallback=found.seed_fallback, fallback_form=found.seed_fallback_form, is_demo=settings.DEMO,
    )  # fmt: skip
    try:
        plan = plan_draw(listed, design.for_draw(), named)
    except MinpingError as error:
        raise RefusedError(error.problems) from error
    if plan.frame_root != bytes(found.frame.root or b"").hex():
        raise RefusedError.of("round.frame_root_differs", Place(key="frame"))
    return plan, listed


def _record(found: SurveyRound) -> dict[str, Any]:
    """What the round promises. The step is public by name only; the record is committed to."""
    questionnaires = {
        audience: {
            "instrument": row.version.instrument.code,
            "version": row.version.version,
            "sha256": row.version.sha256,
        }
        for audience, row in questionnaires_of(found).items()
    }
    return {
        "round": found.pk, "period": found.period, "pilot": found.is_pilot,
        **committed("name", found.name, step=f"{found.step_id}-fixed"),
        "level": found.level, "subject": found.subject,
        "scheme": {"id": found.scheme_id_wanted, "sha256": found.scheme.sha256 if found.scheme else ""},
        "questionnaires": questionnaires,
        "design": found.design,
        "frame": found.frame_id,
        "opens_at": found.opens_at.isoformat(), "closes_at": found.closes_at.isoformat(),
    }  # fmt: skip


def act() -> approval.Act:
    """The two-person act."""
    return approval.Act(ACT, gettext_lazy("Fix a survey round"), "rounds.fix", carry_fix, describe=describe)
