"""What each role may do: permissions as names, bound by the grant to an area, an organisation or oneself.

One table, read top to bottom. The tests hold a policy written by hand from the requirements and compare.
Guiding lines: who is assessed (workers, communities, streets) sees neither sample nor contacts of
households; who keeps the accounts opens no household either; the auditor reads everything but contacts
and changes nothing; the survey side reaches households and keeps no accounts.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """The roles of a deployment. What each may do stands in `PERMISSIONS_OF`."""

    ADMINISTRATOR = "administrator", _("Administrator")
    DISTRICT_BUREAU = "district_bureau", _("District bureau")
    STREET_STAFF = "street_staff", _("Street staff")
    COMMUNITY_STAFF = "community_staff", _("Community staff")
    WORKER = "worker", _("Community worker")
    SURVEY_MANAGER = "survey_manager", _("Survey manager")
    SUPERVISOR = "supervisor", _("Field supervisor")
    INTERVIEWER = "interviewer", _("Interviewer")
    PHONE_AGENT = "phone_agent", _("Phone agent")
    AUDITOR = "auditor", _("Auditor")
    DISPATCHER = "dispatcher", _("Dispatcher")
    OFFICE_CLERK = "office_clerk", _("Office clerk")
    OFFICE_LEADER = "office_leader", _("Office leader")
    EXPERT = "expert", _("Appraiser (expert)")
    PEER = "peer", _("Appraiser (peer)")
    REPRESENTATIVE = "representative", _("Appraiser (representative)")
    ORGANISATION_USER = "organisation_user", _("Organisation user")
    RESIDENT_REPRESENTATIVE = "resident_representative", _("Resident representative")


Binding = Literal["district", "area", "organisation", "self"]
"""Where a grant of the role holds: everywhere, below its area, in its organisation, for the user alone."""

BINDING_OF: dict[Role, Binding] = {
    Role.ADMINISTRATOR: "district",
    Role.DISTRICT_BUREAU: "district",
    Role.STREET_STAFF: "area",
    Role.COMMUNITY_STAFF: "area",
    Role.WORKER: "self",
    Role.SURVEY_MANAGER: "district",
    Role.SUPERVISOR: "area",
    Role.INTERVIEWER: "area",
    Role.PHONE_AGENT: "area",
    Role.AUDITOR: "district",
    Role.DISPATCHER: "area",
    Role.OFFICE_CLERK: "organisation",
    Role.OFFICE_LEADER: "organisation",
    Role.EXPERT: "self",
    Role.PEER: "self",
    Role.REPRESENTATIVE: "area",
    Role.ORGANISATION_USER: "organisation",
    Role.RESIDENT_REPRESENTATIVE: "area",
}

ANY_LEVEL = frozenset({"district", "street", "community", "grid", "responsibility_area"})
LEVELS_OF: dict[Role, frozenset[str]] = {
    Role.STREET_STAFF: frozenset({"street"}),
    Role.COMMUNITY_STAFF: frozenset({"community"}),
    Role.SUPERVISOR: ANY_LEVEL,
    Role.INTERVIEWER: ANY_LEVEL,
    Role.PHONE_AGENT: ANY_LEVEL,
    Role.DISPATCHER: frozenset({"district", "street", "community"}),
    Role.REPRESENTATIVE: frozenset({"district", "street", "community"}),
    Role.RESIDENT_REPRESENTATIVE: frozenset({"community", "grid"}),
}
"""At which levels an area-bound role may be granted: street staff of the whole district do not exist."""

PERMISSIONS_OF: dict[Role, frozenset[str]] = {
    Role.ADMINISTRATOR: frozenset(
        {
            "places.view", "places.edit", "people.view", "organisations.view", "organisations.edit",
            "access.view", "access.grant", "access.grant_guardians", "accounts.view", "accounts.edit",
            "frames.approve_seal",
            "jobs.view", "jobs.manage", "ledger.view", "keys.rotate", "api_keys.edit", "approval.view",
         "ledger.witness"}
    ),
    Role.DISTRICT_BUREAU: frozenset(
        {
            "rounds.view", "rounds.edit", "rounds.fix", "rounds.draw", "rounds.invite", "rounds.accident",
            "reports.view", "reports.problems", "reports.handle", "open_link.edit", "paper.view",
            "closing.custodian", "closing.start", "snapshots.view", "assessments.view", "assessments.run",
            "schemes.view", "schemes.freeze", "instruments.view", "instruments.edit",
            "places.view", "places.edit", "people.view", "people.edit", "people.contact",
            "organisations.view", "organisations.edit", "access.view", "access.grant", "accounts.view",
            "frames.view", "frames.edit", "frames.seal", "frames.approve_seal", "frames.approve_export",
            "frames.requests", "jobs.view", "ledger.view", "api_keys.edit", "approval.view",
            "channels.view", "channels.edit", "channels.approve",
         "appraisals.view", "appraisals.edit", "appraisals.decide", "appraisals.rate", "results.view",
         "objections.view", "objections.decide", "publications.view", "publications.publish",
         "coaching.view", "coaching.edit", "rewards.view", "rewards.edit", "rewards.sign",
         "rewards.export", "choices.view", "choices.edit", "choices.mediate"}
    ),
    Role.STREET_STAFF: frozenset(
        {"schemes.view", "instruments.view",
         "places.view", "places.edit", "people.view", "people.edit", "people.contact", "organisations.view",
         "frames.view",
         "appraisals.rate", "results.view", "objections.file", "objections.check",
         "coaching.view", "coaching.edit", "choices.view", "choices.edit", "choices.mediate"}
    ),
    Role.COMMUNITY_STAFF: frozenset(
        {"schemes.view", "instruments.view",
         "places.view", "people.view", "people.contact", "organisations.view", "frames.view",
         "appraisals.rate", "results.view", "objections.file", "objections.check",
         "coaching.view", "coaching.edit", "choices.view", "choices.choose"}
    ),
    Role.WORKER: frozenset({"people.own",
         "results.own", "choices.own"}),
    Role.SURVEY_MANAGER: frozenset(
        {"paper.view", "paper.key", "paper.decide", "paper.shred",
         "rounds.view", "rounds.invite",
         "closing.custodian", "snapshots.view",
         "schemes.view", "instruments.view",
         "places.view", "people.view", "organisations.view", "frames.view", "frames.contacts",
         "frames.export", "frames.approve_export", "frames.edit", "jobs.view",
            "channels.view", "channels.edit", "channels.send",
        }
    ),
    Role.SUPERVISOR: frozenset(
        {"paper.view", "paper.key", "paper.decide", "places.view", "frames.view", "frames.contacts"}
    ),
    Role.INTERVIEWER: frozenset({"places.view"}),
    Role.PHONE_AGENT: frozenset({"paper.view", "paper.key", "places.view"}),
    Role.AUDITOR: frozenset(
        {"reports.view", "paper.view",
         "rounds.view", "rounds.audit",
         "closing.custodian", "snapshots.view", "snapshots.download", "assessments.view",
         "schemes.view", "instruments.view",
         "places.view", "people.view", "organisations.view", "access.view", "accounts.view", "frames.view",
         "frames.log", "jobs.view", "ledger.view", "ledger.export", "approval.view",
            "channels.view",
         "appraisals.view", "results.view", "objections.view", "publications.view",
         "coaching.view", "rewards.view", "choices.view"}
    ),
    Role.DISPATCHER: frozenset({"places.view", "organisations.view"}),
    Role.OFFICE_CLERK: frozenset({"organisations.own"}),
    Role.OFFICE_LEADER: frozenset({"organisations.own"}),
    Role.EXPERT: frozenset({"people.own",
         "appraisals.rate"}),
    Role.PEER: frozenset({"people.own",
         "appraisals.rate"}),
    Role.REPRESENTATIVE: frozenset({"places.view",
         "appraisals.rate"}),
    Role.ORGANISATION_USER: frozenset({"organisations.own",
         "objections.file"}),
    Role.RESIDENT_REPRESENTATIVE: frozenset({"places.view",
         "appraisals.rate"}),
}  # fmt: skip

MEANING_OF: dict[str, str | Promise] = {
    "places.view": _("See areas and their maps"),
    "places.edit": _("Change areas, import, merge, divide"),
    "people.view": _("See people, positions, postings"),
    "people.edit": _("Change people and postings"),
    "people.contact": _("See work telephones of staff"),
    "people.own": _("See and have corrected one's own record"),
    "organisations.view": _("See organisations and contracts"),
    "organisations.edit": _("Change organisations and contracts"),
    "organisations.own": _("See the own organisation and its contracts"),
    "frames.view": _("See households by code, without telephone or address"),
    "frames.edit": _("Load frames, correct and exclude units"),
    "frames.seal": _("Seal a frame (two persons)"),
    "frames.contacts": _("Open a household's contact, with a reason and logged"),
    "frames.approve_seal": _("Approve the sealing of a frame that somebody else proposed"),
    "frames.approve_export": _("Approve an export of contacts that somebody else asked for"),
    "frames.export": _("Export units, with a reason and logged"),
    "frames.requests": _("Answer residents' requests about their data"),
    "frames.log": _("Read who opened which contact"),
    "schemes.view": _("Read schemes and the register of frozen versions"),
    "schemes.freeze": _("Freeze versions of schemes, end pilots"),
    "instruments.view": _("Read questionnaires and their versions"),
    "instruments.edit": _("Write questionnaires, freeze versions"),
    "rounds.view": _("See survey rounds, their progress, never an answer"),
    "rounds.edit": _("Prepare rounds: design, questionnaires, dates"),
    "rounds.fix": _("Fix a round and name its seed (two persons)"),
    "rounds.draw": _("Enter the drawn value, draw, open a round"),
    "rounds.invite": _("Send invitations, print letters, enter what fieldwork found"),
    "rounds.accident": _("Postpone, stop, revoke, ask again; some of it takes two persons"),
    "rounds.audit": _("Approve a drawn value, download the draw and check it"),
    "closing.custodian": _("Keep one of the three keys that open closed rounds"),
    "closing.start": _("End the voting of a round, retire custodians"),
    "snapshots.view": _("See closed rounds and their sealed snapshots, counts only"),
    "snapshots.download": _("Download sealed snapshots with a reason, logged"),
    "assessments.view": _("See scores before they are published, and why they are what they are"),
    "assessments.run": _("Start an assessment of a closed round"),
    "appraisals.view": _("See evidence beside ballots: rater groups, marks, facts, costs"),
    "appraisals.edit": _("Open calls for marks, enter and import facts and costs"),
    "appraisals.decide": _("Approve evidence that costs somebody money, proposed by somebody else"),
    "appraisals.rate": _("Give marks in a rater group one was called to"),
    "results.own": _("See one's own card, what follows from it, and object"),
    "results.view": _("See cards and comparison of the own place"),
    "objections.file": _("Object for the own place or organisation"),
    "objections.check": _("Check the evidence of objections in the own place"),
    "objections.view": _("See every objection and how it was decided"),
    "objections.decide": _("Open previews, decide objections, exclude areas and batches (two persons)"),
    "publications.view": _("See what is ready to be published and what was published"),
    "publications.publish": _("Publish results and corrections (two persons)"),
    "coaching.view": _("See coaching plans and whether they helped"),
    "coaching.edit": _("Open, change and end coaching plans and courses"),
    "rewards.view": _("See what follows from results, with its rule"),
    "rewards.edit": _("Prepare pay sheets, funds, honours and proposals"),
    "rewards.sign": _("Sign what follows from results (second factor)"),
    "rewards.export": _("Export signed pay for payroll, with a reason and logged"),
    "choices.view": _("See postings of grids, choices and protocols of two-way choice"),
    "choices.edit": _("Post grids, open and end a two-way choice"),
    "choices.own": _("Choose among posted grids"),
    "choices.choose": _("Choose back for the grids of the own community"),
    "choices.mediate": _("Mediate changes in the own place"),
    "ledger.witness": _("Enter witnesses and timestamp authorities, print the root"),
    "channels.view": _("See batches of messages, texts, print runs"),
    "channels.edit": _("Write texts, open batches, propose what they cost"),
    "channels.approve": _("Approve texts, providers and batches that somebody else proposed"),
    "channels.send": _("Send approved messages, download letters with their links"),
    "reports.view": _("Read what residents report of pressure; every reading is written down"),
    "reports.problems": _("Read problems that residents report, with their contact"),
    "reports.handle": _("Mark reports of residents as looked at and passed on"),
    "paper.view": _("See how far paper forms are, never an answer"),
    "paper.key": _("Key paper forms"),
    "paper.decide": _("Decide where two keyings of a paper form differ"),
    "paper.shred": _("Note that a bundle of paper forms was shredded"),
    "open_link.edit": _("Open and close the open link of a round"),
    "access.view": _("See who holds which role"),
    "access.grant": _("Grant and revoke roles"),
    "access.grant_guardians": _("Grant and revoke administrators and auditors"),
    "accounts.view": _("See accounts"),
    "accounts.edit": _("Make, close, unlock accounts"),
    "api_keys.edit": _("Make and revoke keys of the interface"),
    "approval.view": _("Read every proposal for two persons"),
    "jobs.view": _("See background jobs"),
    "jobs.manage": _("Retry and cancel anybody's background jobs"),
    "ledger.view": _("See the transparency log"),
    "ledger.export": _("Open records of the log with a reason"),
    "keys.rotate": _("Renew the keys of sealed fields"),
}
"""Every permission there is, in words; a page that asks for another one fails a test."""

CONTACT_PERMISSIONS = frozenset(
    {"frames.contacts", "frames.export", "frames.requests", "frames.edit", "frames.view"}
)
"""Permissions whose reach opens rows of households; the database's backstop follows their union."""

API_PERMISSIONS = frozenset(
    {
        "places.view", "places.edit", "people.view", "people.edit", "organisations.view",
        "organisations.edit", "frames.view", "schemes.view", "instruments.view", "rounds.view",
    }
)  # fmt: skip
"""What a key of the interface may carry at most: registers, and no contact passes through it."""

OPENING = frozenset({"frames.contacts", "frames.export", "frames.requests"})
"""What opens households: telephone, address, lists."""

POWERFUL = frozenset({Role.ADMINISTRATOR, Role.DISTRICT_BUREAU, Role.AUDITOR}) | frozenset(
    role for role in Role if PERMISSIONS_OF[role] & OPENING
)
"""Granted, delegated and handed over by two persons only: who rules, who audits, who opens households.
Otherwise one administrator could make an account, know its way in, and open the whole district."""

GUARDIANS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
"""Appointed by administrators alone: the bureau does not choose who audits it."""

ASSESSED = frozenset({Role.STREET_STAFF, Role.COMMUNITY_STAFF, Role.WORKER})
SURVEYING = frozenset({Role.SURVEY_MANAGER, Role.SUPERVISOR, Role.INTERVIEWER, Role.PHONE_AGENT})
"""Nobody is on both sides, whatever the areas: the assessed must not reach the asked (D3)."""

WITHOUT_FACTOR = frozenset(
    {Role.WORKER, Role.EXPERT, Role.PEER, Role.REPRESENTATIVE, Role.RESIDENT_REPRESENTATIVE}
)
"""Roles that see public things and one's own record only: for a thousand workers a duty to enrol would be
a burden without a gain (G2). They may set up a second factor all the same."""

NOT_DELEGABLE = WITHOUT_FACTOR
"""What is bound to a person, or to an election, has no deputy."""

DELEGATION_LASTS = timedelta(days=90)
"""A deputy for longer is a new grant."""

FEWEST_ADMINISTRATORS = 2
"""Below two, nothing that takes two persons could ever be done again."""


def conflict_of(held: frozenset[Role], wanted: Role) -> Role | None:
    """A role already held that must not meet the wanted one."""
    for role in sorted(held):
        both = {role, wanted}
        sides = bool(both & ASSESSED) and bool(both & SURVEYING)
        audits = Role.AUDITOR in both and len(both) > 1
        if sides or audits:
            return role
    return None


def needs_factor(roles: frozenset[Role]) -> bool:
    """Whether somebody with these roles must give a second factor."""
    return bool(roles - WITHOUT_FACTOR)
