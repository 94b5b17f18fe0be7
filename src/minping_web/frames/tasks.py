"""Background jobs of frames: check and load a file, seal, run the clocks, move to new keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from minping_web.common.scope import entered, system_scope
from minping_web.frames.imports import CheckContext, Checked, check_file, rows_of
from minping_web.frames.models import FrameImport
from minping_web.frames.selectors.areas import areas_for_units, known_codes
from minping_web.frames.selectors.staff import staff_phones
from minping_web.frames.services.importing import load, note_report
from minping_web.frames.services.moving import mend_communities
from minping_web.frames.services.retention import erase_what_is_due
from minping_web.frames.services.rotation import move_to_newest
from minping_web.frames.services.sealing import reopen_failed, seal_frame
from minping_web.frames.services.uploads import opened
from minping_web.jobs.rules import Mode, Periodic, Progress, repeat, task


@task("frames.check", title=_("Check a file of units"), mode=Mode.PIECES)
def check(progress: Progress, *, import_id: int) -> dict[str, Any]:
    """Read and check, write nothing but the report."""
    found = FrameImport.objects.get(pk=import_id)
    if found.state != FrameImport.State.CHECKING:
        return {}
    progress(0, 2)
    report = _checked(progress, found).report()
    progress(1, 2)
    note_report(import_id, report)
    progress(2, 2)
    return {"rows": report["rows"], "refused": report["refused"]}


@task("frames.load", title=_("Load a file of units"), mode=Mode.PIECES)
def load_file(progress: Progress, *, import_id: int) -> dict[str, Any]:
    """Check once more, since areas may have changed, and load."""
    found = FrameImport.objects.select_related("replaces").get(pk=import_id)
    if found.state != FrameImport.State.LOADING:
        return {}
    checked = _checked(progress, found)
    if checked.findings.refused:
        # The areas changed between check and word: the report says what is wrong now.
        FrameImport.objects.filter(pk=import_id).update(state=FrameImport.State.CHECKING)
        note_report(import_id, checked.report())
        return {"refused": True}
    frame = load(progress.scope, found, rows_of(checked), progress)
    return {"frame": frame.pk, "units": frame.units}


def _checked(progress: Progress, found: FrameImport) -> Checked:
    context = CheckContext(
        areas=frozenset(areas_for_units(progress.scope, "frames.edit")),
        known=known_codes(),
        staff_phones=staff_phones(),
    )
    with opened(found.stored_as, found.file_name) as path:
        return check_file(path, context, name=found.file_name)


@task("frames.seal", title=_("Seal a frame"), mode=Mode.PIECES)
def seal(progress: Progress, *, frame_id: int) -> dict[str, str]:
    """Leaves, root, ledger entry."""
    return {"root": seal_frame(progress.scope, frame_id, progress)}


@task("frames.erase", title=_("Erase what is due"), mode=Mode.PIECES)
def erase(progress: Progress) -> dict[str, int]:
    """The retention clocks."""
    with entered(system_scope()):
        return erase_what_is_due()


@task("frames.mend", title=_("Put frames in order"), mode=Mode.PIECES)
def mend(progress: Progress) -> dict[str, int]:
    """Units follow their areas; frames whose sealing broke off become drafts again."""
    scope = system_scope()
    with entered(scope):
        return {"units": mend_communities(), "reopened": reopen_failed(scope)}


@task(
    "frames.rotate_keys",
    title=_("Move sealed values to the newest keys"),
    mode=Mode.PIECES,
    start="keys.rotate",
)
def rotate(progress: Progress) -> dict[str, int]:
    """After a new key was made."""
    return move_to_newest(progress)


repeat(Periodic("frames.erase", every=timedelta(days=1), offset=timedelta(hours=2)))
repeat(Periodic("frames.mend", every=timedelta(days=1), offset=timedelta(hours=1)))
