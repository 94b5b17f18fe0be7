"""Findings that cost somebody something: proposed by one with the hearing, decided by another (D11, S94).

What happened and what the person said lie sealed; the proposal carries only the finding's number. A finding
that counted is taken back the same way.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_engine.errors import Place, Problem
from minping_web.appraisals.models import Finding
from minping_web.appraisals.rules.asked import Asked
from minping_web.appraisals.rules.numbers import MILLI, written
from minping_web.appraisals.rules.sources import source_problem
from minping_web.appraisals.rules.words import Heard
from minping_web.appraisals.selectors.evidence import DECIDE, EDIT, asked_of, assessees_of
from minping_web.appraisals.services.calls import refuse_while_closing, require_everywhere
from minping_web.common import approval
from minping_web.common.clock import now, today
from minping_web.common.crypto import keyring
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.rounds.models import SurveyRound
from minping_web.snapshots.selectors.tables import person_id

ACT = "appraisals.finding"
ENTRY = "evidence.finding"
SHORTEST = 10
MOST_AT_ONCE = 1_000


@dataclass(frozen=True)
class FindingDraft:
    """What the form asks. `statement` is empty only where nothing was said."""

    assessee_id: str
    fact: str
    amount: int
    happened_on: date
    what: str
    document: str
    heard: str
    heard_on: date
    statement: str = ""
    link: str = ""


def about_finding(finding: object) -> str:
    """What a sealed text belongs to (`common.crypto`)."""
    return f"appraisals_finding.sealed|{finding}"


def told_of(finding: Finding) -> dict[str, str]:
    """What happened, and what the person said about it."""
    if not finding.sealed:
        return {}
    found: dict[str, str] = json.loads(keyring().open(finding.sealed, about_finding(finding.pk)))
    return found


@transaction.atomic
def propose_finding(scope: Scope, found: SurveyRound, draft: FindingDraft) -> Finding:
    """Write it down and ask a second person. Raises `RefusedError` with all that is missing."""
    require_everywhere(scope, EDIT)
    refuse_while_closing(found.pk)
    problems = _faults(draft, asked_of(found), set(assessees_of(found)))
    if problems:
        raise RefusedError(problems)
    made = Finding.objects.create(
        round=found, assessee_id=draft.assessee_id, fact=draft.fact, amount_milli=draft.amount * MILLI,
        happened_on=draft.happened_on, document=draft.document.strip(), link=draft.link.strip(),
        heard=draft.heard, heard_on=draft.heard_on, made_at=now(),
    )  # fmt: skip
    told = json.dumps({"what": draft.what.strip(), "statement": draft.statement.strip()}, ensure_ascii=False)
    made.sealed = keyring().seal(told, about_finding(made.pk))
    made.proposal = _proposed(scope, found, made, title=_("Finding: %(fact)s"), take_back=False,
                              reason=_("Verified, and the person was heard."))  # fmt: skip
    made.save(update_fields=["sealed", "proposal"])
    return made


@transaction.atomic
def propose_taking_back(scope: Scope, finding: Finding, *, reason: str) -> Finding:
    """Ask a second person to take back a finding that counts."""
    require_everywhere(scope, EDIT)
    refuse_while_closing(finding.round_id)
    before = finding.taken_back
    if not finding.counts or (before is not None and before.state == Proposal.State.OPEN):
        raise RefusedError.of("appraisal.does_not_count")
    finding.taken_back = _proposed(
        scope, finding.round, finding, title=_("Take back a finding: %(fact)s"), take_back=True, reason=reason
    )
    finding.save(update_fields=["taken_back"])
    return finding


def _proposed(
    scope: Scope, found: SurveyRound, finding: Finding, *, title: str, take_back: bool, reason: str
) -> Proposal:
    fact = asked_of(found).fact(finding.fact)
    payload = {"round": found.pk, "finding": finding.pk, "take_back": take_back}
    words = title % {"fact": fact.title if fact else finding.fact}
    return approval.propose(scope, ACT, title=words[:200], reason=reason, payload=payload)


def _faults(draft: FindingDraft, asked: Asked, people: set[str]) -> list[Problem]:
    fact, problems = asked.fact(draft.fact), list[Problem]()
    if fact is None or not fact.is_costly:
        problems.append(Problem("appraisal.not_asked", Place(key="fact"), {"what": draft.fact}))
    if draft.assessee_id not in people:
        problems.append(Problem("appraisal.unknown_assessee", Place(key="assessee"), {"found": ""}))
    most = 1 if fact is not None and fact.unit == "truth" else MOST_AT_ONCE
    if not 1 <= draft.amount <= most:
        problems.append(Problem("appraisal.not_a_number", Place(key="amount"), {"found": draft.amount}))
    if not draft.document.strip():
        problems.append(Problem("appraisal.source_missing", Place(key="document")))
    sources = (source_problem(draft.document, Place(key="document")),
               source_problem(draft.link, Place(key="link"), is_link=True))  # fmt: skip
    problems += [one for one in sources if one is not None]
    if len(draft.what.strip()) < SHORTEST:
        problems.append(Problem("appraisal.too_short", Place(key="what"), {"least": SHORTEST}))
    if draft.heard == Heard.STATEMENT and len(draft.statement.strip()) < SHORTEST:
        problems.append(Problem("appraisal.too_short", Place(key="statement"), {"least": SHORTEST}))
    if not draft.happened_on <= draft.heard_on <= today():
        problems.append(Problem("appraisal.heard_before", Place(key="heard_on")))
    return problems


def carry(scope: Scope, payload: dict[str, Any]) -> Finding:
    """What the second person sets going: it counts, or counts no more."""
    require_everywhere(scope, DECIDE)
    finding = Finding.objects.select_for_update().get(pk=payload["finding"])
    refuse_while_closing(finding.round_id)
    if scope.person_id is not None and finding.assessee_id == person_id(scope.person_id):
        raise RefusedError.of("appraisal.own_case")
    finding.counts = not payload["take_back"]
    finding.save(update_fields=["counts"])
    record = {"round": finding.round_id, "finding": finding.pk, "fact": finding.fact,
              "counts": finding.counts, "heard": finding.heard}  # fmt: skip
    verb = "taken-back" if payload["take_back"] else "counts"
    number = finding.taken_back_id if payload["take_back"] else finding.proposal_id
    stage(ENTRY, f"finding-{finding.pk}-{verb}-{number}", record)
    return finding


def describe(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What the second person reads before deciding."""
    finding = Finding.objects.select_related("round__scheme").filter(pk=payload["finding"]).first()
    if finding is None:
        return []
    fact = asked_of(finding.round).fact(finding.fact)
    one = assessees_of(finding.round).get(finding.assessee_id)
    told = told_of(finding)
    return [
        (_("Round"), finding.round.name),
        (_("Who is assessed"), one.name if one else finding.assessee_id),
        (_("What"), f"{fact.title if fact else finding.fact}: {written(finding.amount_milli)}"),
        (_("Day of the matter"), finding.happened_on.isoformat()),
        (_("What happened"), told.get("what", "")),
        (_("Source document"), f"{finding.document} {finding.link}".strip()),
        (_("Hearing"), f"{finding.get_heard_display()} · {finding.heard_on.isoformat()}"),
        (_("What the person says"), told.get("statement", "") or "–"),
        (_("Effect"), _("counts no more") if payload["take_back"] else _("counts in the assessment")),
    ]


def act() -> approval.Act:
    """The two-person act."""
    return approval.Act(
        ACT, gettext_lazy("Finding that costs somebody something"), EDIT, carry, describe=describe,
        decided_by=DECIDE,
    )  # fmt: skip
