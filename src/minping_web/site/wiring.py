"""The one table of what reacts to what: the menu, implementations of protocols, later event -> handlers.

Apps register what is their own (tasks, two-person acts) when they are loaded; what joins two apps that do
not know each other stands here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.access.selectors import identity_lines
from minping_web.appraisals.rules.waiting import set_unfinished
from minping_web.ballots.services.codes import GivenCodes
from minping_web.channels.events import MessagesFailed
from minping_web.channels.rules.codes import provide_codes
from minping_web.channels.rules.owners import Owner, set_owner_source
from minping_web.channels.services.letters import day_on_letters
from minping_web.coaching.selectors.blocks import help_block, story_block
from minping_web.coaching.selectors.public import plans_since
from minping_web.coaching.services.opening import open_after_publication
from minping_web.common.events import Handler, react
from minping_web.common.navigation import Entry, Menu
from minping_web.frames.services.moving import follow_moved_areas
from minping_web.objections.selectors.standing import unfinished_in
from minping_web.people.selectors.postings import responsible_for
from minping_web.places.events import AreasMoved
from minping_web.places.rules.responsible import set_responsible_source
from minping_web.publications.events import Published
from minping_web.publications.rules.facts import register_since
from minping_web.results.rules.blocks import BlockSource, set_blocks
from minping_web.rewards.selectors.mine import result_block as follows_from
from minping_web.rewards.services.drafting import prepare_consequences
from minping_web.rounds.selectors.rounds import round_owning
from minping_web.rounds.services.fieldwork import note_failed_messages

MINE = _("For myself")
PREPARE, ASK, COUNT, PUBLISH, HELP = (
    _("1 Prepare a round"),
    _("2 Ask residents"),
    _("3 Count and assess"),
    _("4 Preview and publish"),
    _("5 Help and reward"),
)
"""A quarter from its beginning to its end."""

DISTRICT, SERVICE, HONESTY, OFFICE = (
    pgettext_lazy("menu", "District"),
    _("Who serves"),
    _("Honesty"),
    _("Office"),
)
"""What every quarter rests on."""

MENU = (
    Entry("home", _("Overview"), icon="home"),
    Entry("people:mine", _("My page"), "people.own", "person", MINE,
          _("What the office keeps about you, and how to have it corrected.")),
    Entry("results:mine", _("My results"), "results.own", "chart", MINE,
          _("Your own card: score with its range, questions, advice, what follows, how to object.")),
    Entry("objections:mine", _("My preview and objections"), "results.own", "eye", MINE,
          _("Your result before it holds, and your objections with their deadlines.")),
    Entry("coaching:mine", _("My coaching"), "results.own", "people", MINE,
          _("Help for you, colleagues whom you help, courses, stories, your pledge.")),
    Entry("rewards:mine", _("What follows for me"), "results.own", "contract", MINE,
          _("Amounts and other consequences of your own results, with their rules.")),
    Entry("choices:mine", _("Choose a grid"), "choices.own", "tiles", MINE,
          _("Your list of posted grids in a two-way choice, and what came out for you.")),
    Entry("appraisals:mine", _("My marks"), "appraisals.rate", "form", MINE,
          _("Rater groups that you were called to, and your own sheet.")),
    Entry("organisations:own", _("My organisation"), "organisations.own", "organisations", MINE,
          _("Your organisation with its contracts.")),
    Entry("schemes:list", _("Schemes"), "schemes.view", "contract", PREPARE,
          _("Rules of assessment in plain words, and the versions that were frozen.")),
    Entry("instruments:list", _("Questionnaires"), "instruments.view", "form", PREPARE,
          _("What residents are asked: drafts, preview, frozen versions.")),
    Entry("frames:list", _("Frames"), "frames.view", "household", PREPARE,
          _("Households and units that may be asked, and how well they cover each area.")),
    Entry("rounds:list", _("Survey rounds"), "rounds.view", "postings", ASK,
          _("From the draw to the closing: sample, invitations, progress.")),
    Entry("channels:list", _("Text messages"), "channels.view", "phone", ASK,
          _("Invitations and reminders: texts, approval, sending, receipts, cost.")),
    Entry("channels:runs", _("Printed letters"), "channels.view", "print", ASK,
          _("Letters with codes: sealed print runs, downloaded, printed, destroyed.")),
    Entry("ballots:paper", _("Paper forms"), "paper.view", "form", ASK,
          _("Sheets that came back, keyed twice by two persons, counted as every vote.")),
    Entry("ballots:open_links", _("Open links"), "rounds.view", "household", ASK,
          _("Anybody may answer there; counted apart, never for the households that were drawn.")),
    Entry("ballots:problem_list", _("Reported problems"), "reports.problems", "warning", ASK,
          _("What residents could not leave to the end of the survey. The dangerous stand first.")),
    Entry("snapshots:list", _("Closed rounds"), "snapshots.view", "lock", COUNT,
          _("Close a round, see what was counted, download the sealed snapshot.")),
    Entry("ballots:custodians", _("Key custodians"), "closing.custodian", "key", COUNT,
          _("Three bodies keep the keys that open a closed round; any two are needed.")),
    Entry("appraisals:list", _("Marks and facts"), "appraisals.view", "form", COUNT,
          _("What schemes read beside ballots: rater groups, facts with source, costs, findings.")),
    Entry("assessments:list", _("Assessments"), "assessments.view", "chart", COUNT,
          _("Scores with their uncertainty from a closed round, each with the way back to its sums.")),
    Entry("objections:previews", _("Previews"), "objections.view", "eye", PUBLISH,
          _("Results that the assessed see first, and what still hinders their publication.")),
    Entry("objections:to_check", _("Objections to check"), "objections.check", "two-persons", PUBLISH,
          _("What waits for a look at its evidence, the most urgent first.")),
    Entry("objections:place", _("Objections of my place"), "objections.file", "form", PUBLISH,
          _("Object for your street, community or organisation while a preview is open.")),
    Entry("objections:list", _("Objections"), "objections.view", "form", PUBLISH,
          _("Who says that a result is wrong, where it stands, how it was decided.")),
    Entry("publications:list", _("Publication"), "publications.view", "eye", PUBLISH,
          _("Publish results and corrections by two persons; what was published, with every hash.")),
    Entry("results:list", _("Results"), "results.view", "chart", PUBLISH,
          _("What was published for your place: means, questions, progress, people, reports.")),
    Entry("coaching:list", _("Coaching plans"), "coaching.view", "people", HELP,
          _("Help first: who is helped, by whom, with what, and whether it helped.")),
    Entry("rewards:list", _("Consequences"), "rewards.view", "contract", HELP,
          _("Pay, funds, honours, cards, renewal: drafted from published results, signed by persons.")),
    Entry("places:list", _("Places"), "places.view", "places", DISTRICT,
          _("Streets, communities, grids and responsibility areas, with classes and difficulties.")),
    Entry("places:map", _("Grid map"), "places.view", "tiles", DISTRICT,
          _("The whole district as tiles or outlines, coloured by what you choose.")),
    Entry("places:household_rule", _("Size of grids"), "places.view", "household", DISTRICT,
          _("Grids outside 300 to 500 households, with proposals that explain themselves.")),
    Entry("places:figures", _("Difficulties"), "places.view", "chart", DISTRICT,
          _("Figures that say how hard a place is; scores are levelled for them.")),
    Entry("people:list", _("People"), "people.view", "people", SERVICE,
          _("Community workers, secretaries, wardens: postings, certificates, skills.")),
    Entry("people:vacancies", _("Vacant areas"), "people.view", "warning", SERVICE,
          _("Responsibility areas that nobody answers for today.")),
    Entry("people:load", _("Load"), "people.view", "chart", SERVICE,
          _("Households per owner, before and after a change of postings.")),
    Entry("people:handovers", _("Handovers"), "people.view", "postings", SERVICE,
          _("What changes hands when somebody moves, confirmed by both.")),
    Entry("people:positions", _("Positions and ranks"), "people.view", "contract", SERVICE,
          _("Job descriptions, ladders, what each position owes.")),
    Entry("people:corrections", _("Requests for correction"), "people.edit", "form", SERVICE,
          _("What workers ask the office to put right.")),
    Entry("choices:list", _("Two-way choice"), "choices.view", "two-persons", SERVICE,
          _("Grids are posted, people and communities choose each other, leaders mediate.")),
    Entry("choices:back_list", _("Choose people for grids"), "choices.choose", "two-persons", SERVICE,
          _("Who chose the grids of your community, and whom you would like.")),
    Entry("organisations:list", _("Organisations"), "organisations.view", "organisations", SERVICE,
          _("Offices, departments, survey firms, contractors.")),
    Entry("organisations:contracts", _("Contracts"), "organisations.view", "contract", SERVICE,
          _("Services bought from organisations, with sub-contracts.")),
    Entry("ledger:overview", _("Ledger"), "ledger.view", "ledger", HONESTY,
          _("The log that outsiders check: what was sealed and when it was published.")),
    Entry("ballots:pressure_list", _("Reports of pressure"), "reports.view", "shield", HONESTY,
          _("Residents say that somebody tells them what to answer. Only area and day are known.")),
    Entry("frames:requests", _("Residents' requests"), "frames.requests", "person", HONESTY,
          _("Residents ask what is kept about them, have it corrected or deleted.")),
    Entry("frames:log", _("Access to contacts"), "frames.log", "eye", HONESTY,
          _("Who looked at which contact, when and why.")),
    Entry("frames:clocks", _("Retention"), "frames.view", "history", HONESTY,
          _("How long what is kept, and what is erased next.")),
    Entry("approvals:inbox", _("Approvals"), None, "two-persons", OFFICE,
          _("Acts that take two persons: what waits for you, and what you proposed.")),
    Entry("changes:list", _("Changes"), None, "undo", OFFICE,
          _("Every edit and import, row by row, with undo.")),
    Entry("jobs:list", _("Background work"), None, "jobs", OFFICE,
          _("Imports, exports and nightly work: how far they are.")),
    Entry("accounts:users", _("Users"), "accounts.view", "people", OFFICE,
          _("Who may enter; second factors, locks, sessions.")),
    Entry("access:grants", _("Roles"), None, "shield", OFFICE,
          _("Which role somebody has, where and until when.")),
    Entry("access:keys", _("Keys for programs"), "api_keys.edit", "key", OFFICE,
          _("Other systems of the district read and write through these.")),
)  # fmt: skip


REACTIONS: Mapping[type, Sequence[Handler]] = {
    AreasMoved: (follow_moved_areas,),
    MessagesFailed: (note_failed_messages,),
    Published: (open_after_publication, prepare_consequences),
}
"""Event -> handlers, in order."""


RESULT_BLOCKS: Sequence[BlockSource] = (help_block, story_block, follows_from)
"""What stands beside a result on its pages, in order."""


def wire() -> None:
    """Called once, when addresses load."""
    react(REACTIONS)
    Menu.set(MENU)
    Menu.describe_with(_identity)
    set_responsible_source(responsible_for)
    set_owner_source(_owner)
    provide_codes(GivenCodes())
    set_blocks(RESULT_BLOCKS)
    set_unfinished((unfinished_in,))
    register_since("coaching", plans_since)


def _owner(owner: str) -> Owner | None:
    """The round that messages and letters belong to."""
    found = round_owning(owner)
    if found is None:
        return None
    asks = found.state in (found.State.DRAWN, found.State.OPEN, found.State.STOPPED)
    until = day_on_letters(found.closes_at) if asks else ""
    return Owner(found.name, reverse("rounds:round", args=[found.pk]), until)


def _identity(request: HttpRequest) -> Sequence[str]:
    """The user's roles with their places, for the menu under the name."""
    return identity_lines(request.user)  # type: ignore[arg-type]
