"""Any order of forms, repeats, stale forms, second slips and revocations, beside a very small model.

The model of a household: the token that voted first, how often its answer was replaced, the form that the
answer came from. `cast` is called as the page calls it; races of many processes are `test_race` and
`test_kill`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from minping_web.ballots.models import BallotSlot
from minping_web.ballots.rules.sealing import Opener
from minping_web.ballots.selectors.keys import revision_of
from minping_web.ballots.selectors.slips import find
from minping_web.ballots.services.casting import CastForm, Kind, Outcome, cast
from minping_web.instruments.rules.questionnaire import Given
from minping_web.rounds.models import Invitation, InvitationToken
from minping_web.rounds.rules.words import Channel, TokenState
from minping_web.rounds.services.secrets import RoundSecrets, secrets_of
from tests.web.factories import SmallDistrict
from tests.web.rounds.factory import OpenRound, open_round

HOUSEHOLDS = st.integers(0, 1)
SLIPS = st.integers(0, 1)
CODES = st.integers(1, 5)


@dataclass
class Form:
    """An opened form: its slip, its number, the revision that it would replace."""

    token: str
    number: int
    rev: int


@dataclass
class Household:
    """What must be true of one household."""

    slips: list[str]
    voted_with: str = ""
    rev: int = 0
    form: int = -1
    code: int = 0
    revoked: set[str] = field(default_factory=set)

    def expects(self, form: Form, code: int) -> Kind:
        """What must become of a form, and what stands afterwards."""
        if form.token in self.revoked:
            return Kind.UNKNOWN
        if self.voted_with not in ("", form.token):
            return Kind.ALREADY_VOTED
        if self.voted_with and form.number == self.form:
            return Kind.REPEATED
        if form.rev != self.rev and self.voted_with:
            return Kind.CONFLICT
        kind = Kind.REPLACED if self.voted_with else Kind.ACCEPTED
        self.voted_with, self.rev, self.form, self.code = form.token, self.rev + 1, form.number, code
        return kind


def sent(form: Form, code: int) -> Outcome:
    """Cast an answer of five equal ticks."""
    found = find(form.token)
    assert found is not None
    given = Given({f"q{item}": code for item in range(1, 6)}, {})
    asked = CastForm(f"form-{form.number}", form.rev, given, "test-worker@1", found.slip.channel)
    return cast(found.slip, found.keys, asked)


def voting(ready: OpenRound, keys: RoundSecrets) -> type[RuleBasedStateMachine]:
    """The machine over two households of this round."""
    slips = list(ready.by_invitation.values())[:2]
    opener = Opener(ready.private_key)

    class Voting(RuleBasedStateMachine):
        """Each run begins with nobody having voted."""

        def __init__(self) -> None:
            super().__init__()
            BallotSlot.objects.all().delete()
            Invitation.objects.update(spent_token=None, spent_mode=None, spent_day=None)
            InvitationToken.objects.update(state=TokenState.LIVE)
            self.households = [Household(list(some)) for some in slips]
            self.forms: list[tuple[Household, Form]] = []

        @rule(household=HOUSEHOLDS, slip=SLIPS)
        def open_form(self, household: int, slip: int) -> None:
            """A link is opened, on any device."""
            home = self.households[household]
            token = home.slips[slip]
            self.forms.append((home, Form(token, len(self.forms), revision_of(keys.h2(token)))))

        @rule(data=st.data(), code=CODES)
        def send_form(self, data: st.DataObject, code: int) -> None:
            """Any form that was ever opened is sent: for the first time, again, far too late."""
            if not self.forms:
                return
            home, form = data.draw(st.sampled_from(self.forms))
            wanted = home.expects(form, code)
            outcome = sent(form, code)
            assert outcome.kind is wanted
            if outcome.kind.is_counted:
                assert outcome.receipt == keys.receipt(keys.h2(home.voted_with))

        @rule(household=HOUSEHOLDS, slip=SLIPS)
        def revoke(self, household: int, slip: int) -> None:
            """A batch leaked; what was already used stays used."""
            home = self.households[household]
            token = home.slips[slip]
            live = InvitationToken.objects.filter(h1=keys.h1(token), state=TokenState.LIVE)
            if live.update(state=TokenState.REVOKED):
                home.revoked.add(token)

        @invariant()
        def tables_and_model_agree(self) -> None:
            """One slot for each household that voted, with its latest answer."""
            voted = {keys.h2(home.voted_with): home for home in self.households if home.voted_with}
            stored = {bytes(slot.pk): slot for slot in BallotSlot.objects.all()}
            assert stored.keys() == voted.keys()
            for h2, slot in stored.items():
                payload = opener.open(ready.round.pk, h2, bytes(slot.sealed))
                assert (slot.rev, payload["answers"]["q1"]) == (voted[h2].rev, voted[h2].code)
            assert Invitation.objects.filter(spent_token__isnull=False).count() == len(voted)

    return Voting


def check(district: SmallDistrict, runs: int) -> None:
    """Run the machine."""
    ready = open_round(
        district, n=1, areas=district.responsibility_areas[:2], channels=(Channel.SMS, Channel.QR)
    )
    keys = secrets_of(ready.round.pk)
    assert keys
    run_state_machine_as_test(
        voting(ready, keys),
        settings=settings(
            max_examples=runs, stateful_step_count=25, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


@pytest.mark.sqlite
@pytest.mark.django_db
def test_no_order_of_forms_breaks_one_household_one_vote(district: SmallDistrict) -> None:
    check(district, runs=15)


@pytest.mark.deep
@pytest.mark.sqlite
@pytest.mark.django_db
def test_no_order_of_forms_breaks_it_in_many_runs(district: SmallDistrict) -> None:
    check(district, runs=300)
