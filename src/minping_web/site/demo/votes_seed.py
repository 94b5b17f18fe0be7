"""Votes of the demonstration: the drawn households answer as they do in the engine's last quarter.

Who answers by a message uses the link that the file of messages holds; for a visit or a call a token is made
on the spot, as the interviewer's device does. Each vote is cast by the product's own service and durable
before the next; who voted already is passed over, so the work may be broken off and taken up.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from minping_engine.demo import District, answers_of_households
from minping_engine.terms import Disposition
from minping_web.ballots.selectors.slips import find
from minping_web.ballots.services.casting import CastForm, cast
from minping_web.channels.services.carriers import outbox_folder
from minping_web.common.scope import entered
from minping_web.frames.models import Unit
from minping_web.instruments.rules.questionnaire import Given, questionnaire_of
from minping_web.rounds.models import Invitation, InvitationToken, SurveyRound
from minping_web.rounds.rules.words import Channel, Found
from minping_web.rounds.services.fieldwork import Line, enter_dispositions
from minping_web.rounds.services.issuing import issue_tokens, make_batch
from minping_web.site.demo.round_plan import FIRM, QUARTER, RoundPlan, acting
from minping_web.site.demo.round_seed import messages_of, seed_questionnaire

COMMENTING, HELPED_ONE_IN, ELDERLY_BAND = 0.04, 11, 3
FIELDS = {
    "环境": "property_cleaning",
    "养老": "elderly_disabled",
    "出行": "public_order",
    "服务": "government_service",
}
TITLES = {Channel.VISIT: "入户自填（演示）", Channel.PHONE: "电话访问（演示）"}
SOMEBODY = "[姓名]"
Tell = Callable[[int, int], object]

FIELD_REASON = "演示：现场执行名单"


@dataclass(frozen=True)
class Household:
    """An invited household that did not vote yet."""

    invitation: UUID
    number: int
    house_code: str
    assigned: int
    randomised: bool


class Answering:
    """What households of the engine's demonstration say."""

    def __init__(self, district: District) -> None:
        self.district = district
        self.told = answers_of_households(district, QUARTER, commenting=COMMENTING)
        places, frame = district.places, district.frame
        starts = (int(frame.offset[at]) for at in range(places.n))
        self._starts = dict(zip(places.area_ids, starts, strict=True))

    def number_of(self, house_code: str) -> int | None:
        """Place of a household in the engine's frame; None for what is no household."""
        area, _dash, inside = house_code.rpartition("-")
        return self._starts[area] + int(inside) - 1 if inside.isdigit() and area in self._starts else None

    @cached_property
    def _worker_of(self) -> dict[int, str]:
        staff = self.district.staff
        return {row.target: staff.names[row.person] for row in staff.postings[-1] if row.to_day is None}

    def given(self, number: int) -> Given:
        """A filled-in questionnaire; a worker's name in a comment is written out, as residents do."""
        frame, told = self.district.frame, self.told
        codes = zip(told.items, told.codes[number].tolist(), strict=True)
        theme, text = told.comments.get(number, ("", ""))
        name = self._worker_of.get(int(frame.target[number]), "社工")
        old = int(frame.age_band[number]) == ELDERLY_BAND
        return Given(
            items={item: None if code < 0 else code for item, code in codes},
            about={"age_band": int(frame.age_band[number]), "sex": int(frame.sex[number])},
            help=int(old and number % HELPED_ONE_IN == 0),
            comment=text.replace(SOMEBODY, name),
            fields=(FIELDS[theme],) if theme in FIELDS else (),
        )


@dataclass(frozen=True)
class Voting:
    """One round's votes."""

    plan: RoundPlan
    round: SurveyRound
    answering: Answering

    def cast_all(self, tell: Tell) -> int:
        """Cast what is not cast yet; gives how many were."""
        waiting = {one.invitation: one for one in self._silent() if self._votes(one)}
        count = 0
        for token, household in self._tokens(waiting):
            self._cast(token, household)
            count += 1
            tell(count, len(waiting))
        return count

    def enter_found(self) -> int:
        """What fieldwork found of those who did not vote; of a running round about as much as was asked."""
        lines = [
            Line(0, one.house_code, found)
            for one in self._silent()
            if not self._votes(one) and (found := self._found(one)) is not None
        ]
        return enter_dispositions(acting(FIRM), self.round.pk, lines, reason=FIELD_REASON)

    def _silent(self) -> list[Household]:
        rows = Invitation.objects.filter(round=self.round, spent_token=None)
        invited = {row.unit_id: row for row in rows}
        with entered(acting(FIRM)):
            units = Unit.objects.filter(frame_id=self.round.frame_id, pk__in=list(invited))
            houses = dict(units.values_list("pk", "house_code"))
        numbers = {pk: self.answering.number_of(code) for pk, code in houses.items()}
        found = [
            Household(row.pk, number, houses[pk], row.mode_assigned, row.randomised)
            for pk, row in invited.items()
            if (number := numbers.get(pk)) is not None
        ]
        return sorted(found, key=lambda one: self._chance(one.number))

    def _votes(self, one: Household) -> bool:
        told = self.answering.told
        by_chance = one.randomised and int(told.mode[one.number]) != one.assigned
        return bool(told.usable[one.number]) and not by_chance and self._chance(one.number) < self.plan.voted

    def _chance(self, number: int) -> float:
        """Between 0 and 1, the same at every start; also the order in which households vote."""
        told = f"{self.answering.district.seed}|{self.plan.period}|{number}".encode()
        return int.from_bytes(hashlib.sha256(told).digest()[:8]) / 2**64

    def _found(self, one: Household) -> Found | None:
        disposition = int(self.answering.told.disposition[one.number])
        if self._chance(one.number) >= self.plan.voted:
            return None
        silent = disposition in (Disposition.COMPLETE, Disposition.PARTIAL)
        return Found.NON_CONTACT if silent and one.randomised else Found(disposition) if not silent else None

    def _tokens(self, waiting: dict[UUID, Household]) -> Iterator[tuple[str, Household]]:
        """Tokens in the order of their ways; each household's own way only."""
        mode = self.answering.told.mode
        ways: dict[int, list[UUID]] = {int(way): [] for way in (Channel.SMS, *TITLES)}
        for invitation, one in waiting.items():
            ways[int(mode[one.number])].append(invitation)
        yield from self._by_message({one: waiting[one] for one in ways[Channel.SMS]})
        for channel, title in TITLES.items():
            if ways[channel]:
                batch = make_batch(self.round.pk, channel, title, by=acting(FIRM).user_id)
                for issued in issue_tokens(batch, ways[channel]):
                    yield issued.token, waiting[issued.invitation_id]

    def _by_message(self, waiting: dict[UUID, Household]) -> Iterator[tuple[str, Household]]:
        rows = InvitationToken.objects.filter(invitation__round=self.round, channel=Channel.SMS)
        invitation_of = dict(rows.values_list("pk", "invitation_id"))
        for token in links_of(self.round):
            slip = find(token)
            one = waiting.get(invitation_of.get(slip.slip.token_id, UUID(int=0))) if slip else None
            if one is not None:
                yield token, one

    @cached_property
    def _asked(self) -> str:
        return questionnaire_of(seed_questionnaire().content).key

    def _cast(self, token: str, household: Household) -> None:
        slip = find(token)
        assert slip is not None
        given = self.answering.given(household.number)
        form = CastForm(f"demo-{household.number}", 0, given, self._asked, slip.slip.channel)
        outcome = cast(slip.slip, slip.keys, form)
        if not outcome.kind.is_counted:
            raise RuntimeError(f"a vote of the demonstration was not taken: {outcome.kind}")


def links_of(found: SurveyRound) -> Iterator[str]:
    """Tokens of the links in the file of messages: what the invited households have on their telephones."""
    file = outbox_folder() / f"batch-{messages_of(found).pk}.jsonl"
    if not file.exists():
        return
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            after = json.loads(line)["text"].partition("/v/")[2]
            yield after[: next((at for at, sign in enumerate(after) if not sign.isalnum()), len(after))]
