"""Tables of coaching: plans with goals and steps, standings, courses, stories, pledges."""

from minping_web.coaching.models.courses import Course, Enrolment
from minping_web.coaching.models.plans import CoachingPlan, Goal, OtherCause, PlanEvent, Step
from minping_web.coaching.models.standings import Standing
from minping_web.coaching.models.stories import Pledge, ServiceStory

__all__ = [
    "CoachingPlan",
    "Course",
    "Enrolment",
    "Goal",
    "OtherCause",
    "PlanEvent",
    "Pledge",
    "ServiceStory",
    "Standing",
    "Step",
]
