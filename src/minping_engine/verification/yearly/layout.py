"""Where things lie in the folder of a year, and which kinds of entries are opened in it.

Parts are named after the hash that the log knows them by, or after the step of their entry, so that a missing
part has a name.
"""

from __future__ import annotations

INDEX, LOG, OPENED, POLICY = "year.json", "log", "opened.jsonl", "policy"
DRAWS, SNAPSHOTS, SCHEMES, INSTRUMENTS = "draws", "snapshots", "schemes", "instruments"
RESULTS, RECEIPTS, PUBLICATIONS, STAMPS = "results", "receipts", "publications", "stamps"
PACKAGE, VALUES, DISCLOSURE = "package", "values.json", "package/common/disclosure.yaml"
MANIFEST = "publication.json"

SCHEME_FROZEN, INSTRUMENT_FROZEN = "scheme.frozen", "instrument.frozen"
ROUND_OPENED, COUNTED, VERSION = "round.opened", "round.counted", "snapshot.version"
TAKEN_OVER, WITHOUT_SURVEY = "round.taken_over", "round.without_survey"
SNAPSHOT_KINDS = (COUNTED, TAKEN_OVER, WITHOUT_SURVEY, VERSION)
"""Entries that promise a snapshot: of our own count, held elsewhere, without ballots, corrected."""
RESULT, PUBLISHED, POLICY_SET = "assessment.result", "publication.made", "ledger.policy"

OPENED_KINDS = frozenset(
    {
        "assessment.result",
        "correction.made",
        "draw.made",
        "draw.seed_named",
        "evidence.sealed",
        "exclusion.signed",
        "frame.sealed",
        "instrument.frozen",
        "ledger.policy",
        "objection.decided",
        "preview.opened",
        "publication.made",
        "round.closing",
        "round.counted",
        "round.fixed",
        "round.opened",
        "round.taken_over",
        "round.value",
        "round.without_survey",
        "scheme.frozen",
        "scheme.pilot_ended",
        "snapshot.version",
    }
)
"""Kinds that a year opens: what leads from a frame to a publication. Who held which right, who took which
list stays closed; auditors ask for it apart."""


def is_opened(kind: str) -> bool:
    """Whether a year's folder opens entries of this kind."""
    return kind in OPENED_KINDS


def part_name(step_id: str) -> str:
    """A step's name as a file's name."""
    return step_id.replace("/", "_").replace(":", "_")
