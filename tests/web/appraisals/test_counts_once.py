"""A rater counts once: by account, by link or on paper, in whichever order marks come (S47, S103)."""

from __future__ import annotations

import io

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from minping_engine.snapshot import open_snapshot
from minping_web.appraisals.models import CalledRater
from minping_web.appraisals.selectors.missing import state_of
from minping_web.appraisals.services.books import ACT, propose_book
from minping_web.appraisals.services.calls import CallDraft, make_call, remove_rater
from minping_web.appraisals.services.marking import save_marks
from minping_web.appraisals.services.reading import Upload, template_of
from minping_web.appraisals.services.sealing import ask_for_seal, carry_out
from minping_web.common import approval
from minping_web.common.clock import today
from minping_web.common.problems import RefusedError
from minping_web.snapshots.selectors.register import folder_of
from tests.web.appraisals import factory
from tests.web.appraisals.factory import Quarter
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict
from tests.web.snapshots.factory import Quiet

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


@pytest.fixture
def made(district: SmallDistrict) -> object:
    """A quarter of two contractors; three experts are needed."""
    with override_settings(DEMO=True):
        yield factory.quarter(district)


def second() -> object:
    """Another person of the bureau."""
    return factory.fresh(factory.of_role("district_bureau")[0])


def paper(made: Quarter, numbers: list[int], mark: int = 40, *, why: str = "") -> Upload:
    """A workbook with marks of experts under these numbers."""
    book = load_workbook(io.BytesIO(template_of(made.round)))
    sheet = next(page for page in book.worksheets[1:] if "quality" in [cell.value for cell in page[2]])
    for number in numbers:
        for who in made.ids:
            sheet.append([number, who, mark])
    out = io.BytesIO()
    book.save(out)
    return Upload("纸质评分.xlsx", out.getvalue(), why)


def experts(made: Quarter) -> int:
    """How many experts count for the first contractor."""
    found = next(one for one in state_of(made.round).groups if one.group.id == "experts")
    return found.handed + found.from_book


def test_a_row_that_repeats_a_rater_is_named_and_replaces_only_by_two_persons(made: Quarter) -> None:
    """Two by account, the third on paper; the first one's paper sheet comes as well."""
    raters = factory.call(made, "experts", factory.of_role("expert", 3))
    for rater in raters[:2]:
        factory.mark(made, rater, "quality", ("80", "60"))
    numbers = [raters[0].number, raters[2].number]
    with pytest.raises(RefusedError) as refused:
        propose_book(made.scope, made.round, paper(made, numbers))
    (problem,) = refused.value.problems
    assert (problem.code, problem.place.file, problem.place.row, problem.place.column) == (
        "appraisal.rater_repeats", "纸质评分.xlsx", 3, "rater",
    )  # fmt: skip
    assert str(raters[0].user) in str(problem.params["who"])
    book = propose_book(made.scope, made.round, paper(made, numbers, why="本人签字的纸质表为准"))
    told = str(approval.act_of(ACT).describe(book.proposal.payload))  # type: ignore[union-attr]
    assert str(raters[0].user) in told
    assert str(raters[2].user) not in told
    assert experts(made) == 2, "a proposal counts for nothing"
    approval.approve(second(), book.proposal_id)  # type: ignore[arg-type]
    assert experts(made) == 3
    assert _sealed_marks(made) == [40_000, 40_000, 80_000]
    with pytest.raises(RefusedError) as refused:
        save_marks(
            factory.fresh(raters[2].user), raters[2].pk, {(made.ids[0], "quality"): "100"}, hand_in=True
        )
    assert [one.code for one in refused.value.problems] == ["appraisal.came_on_paper"]


def _sealed_marks(made: Quarter) -> list[int]:
    seal = ask_for_seal(made.scope, made.round, reason="材料到此为止")
    carry_out(seal.pk, Quiet())
    seal.refresh_from_db()
    assert seal.snapshot is not None, seal.problems
    rows = open_snapshot(folder_of(seal.snapshot)).table("appraisals").to_pylist()
    return sorted(row["marks_milli"] for row in rows if row["assessee_id"] == made.ids[0])


def test_who_hands_in_after_the_proposal_is_not_replaced_unseen(made: Quarter) -> None:
    """The second person decided on nobody; the approval is refused and names the row."""
    raters = factory.call(made, "experts", factory.of_role("expert", 1))
    book = propose_book(made.scope, made.round, paper(made, [raters[0].number]))
    factory.mark(made, raters[0], "quality", ("80", "60"))
    with pytest.raises(RefusedError) as refused:
        approval.approve(second(), book.proposal_id)  # type: ignore[arg-type]
    assert [one.code for one in refused.value.problems] == ["appraisal.rater_repeats"]
    assert experts(made) == 1


def test_a_call_is_the_list_of_its_raters_and_none_follows_a_workbook(made: Quarter) -> None:
    """A number of nobody is refused; where marks came without a call, no call adds to them."""
    factory.call(made, "experts", factory.of_role("expert", 1))
    with pytest.raises(RefusedError) as refused:
        propose_book(made.scope, made.round, paper(made, [7]))
    assert [(one.code, one.place.row) for one in refused.value.problems] == [
        ("appraisal.rater_not_called", 3)
    ]
    CalledRater.objects.all().delete()
    made.round.refresh_from_db()
    factory.RaterCall.objects.all().delete()
    book = propose_book(made.scope, made.round, paper(made, [7]))
    approval.approve(second(), book.proposal_id)  # type: ignore[arg-type]
    with pytest.raises(RefusedError) as refused:
        make_call(made.scope, made.round, CallDraft("experts", today(), today()))
    assert [one.code for one in refused.value.problems] == ["appraisal.came_by_workbook"]


def test_who_came_on_paper_is_not_taken_off_and_called_anew(made: Quarter) -> None:
    """Under another number the same person would count twice."""
    (rater,) = factory.call(made, "experts", factory.of_role("expert", 1))
    book = propose_book(made.scope, made.round, paper(made, [rater.number]))
    approval.approve(second(), book.proposal_id)  # type: ignore[arg-type]
    with pytest.raises(RefusedError) as refused:
        remove_rater(made.scope, rater.call, rater.pk)
    assert [one.code for one in refused.value.problems] == ["appraisal.has_marked"]
    assert f"/raters/{rater.pk}/remove/" not in str(
        sign_in(Client(), made.bureau).get(f"/appraisals/calls/{rater.call_id}/").content
    )


def test_nobody_hands_in_while_the_second_person_decides(made: Quarter) -> None:
    """Rows of the round's raters are locked before they are compared."""
    raters = factory.call(made, "experts", factory.of_role("expert", 2))
    book = propose_book(made.scope, made.round, paper(made, [raters[0].number]))
    with CaptureQueriesContext(connection) as asked:
        approval.approve(second(), book.proposal_id)  # type: ignore[arg-type]
    told = [query["sql"] for query in asked if "appraisals_calledrater" in query["sql"]]
    assert "FOR UPDATE" in told[0] or connection.vendor == "sqlite"
