"""Help: whether it helped, what would help, and how far up help is sought (docs/method/coaching.md).

In: estimates of workers in two rounds and who had a plan; scores by dimension; quarters behind or ahead. Out:
verdicts against like workers without a plan, gaps that are real with the training that fits, a step of the
ladder, each with its reasons. Knows rows and ids, no names; who gets what is a person's decision.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.coaching.effects import (
        Difference,
        PlanEffect,
        PlanEffects,
        Verdict,
        judge_plans,
    )
    from minping_engine.coaching.expectation import (
        Expectation,
        comparison_needed,
        expect_second,
    )
    from minping_engine.coaching.ladder import (
        LadderReason,
        LadderReasonKind,
        LadderRule,
        LadderStep,
        Quarter,
        QuarterSide,
        ladder_step,
    )
    from minping_engine.coaching.profiles import (
        DimensionScores,
        GapRule,
        LineState,
        ProfileLine,
        SkillProfile,
        skill_profiles,
    )
    from minping_engine.coaching.rounds import (
        Plan,
        PlanState,
        PlanWindow,
        TwoRounds,
    )
    from minping_engine.coaching.training import (
        Course,
        CourseLevel,
        SuggestedCourse,
        SuggestionReason,
        Suggestions,
        suggest_training,
        teachers_by_dimension,
    )
    from minping_engine.coaching.words import (
        course_in_words,
        difference_in_words,
        effect_in_words,
        ladder_in_words,
        line_in_words,
    )

__all__ = [
    "Course",
    "CourseLevel",
    "Difference",
    "DimensionScores",
    "Expectation",
    "GapRule",
    "LadderReason",
    "LadderReasonKind",
    "LadderRule",
    "LadderStep",
    "LineState",
    "Plan",
    "PlanEffect",
    "PlanEffects",
    "PlanState",
    "PlanWindow",
    "ProfileLine",
    "Quarter",
    "QuarterSide",
    "SkillProfile",
    "SuggestedCourse",
    "SuggestionReason",
    "Suggestions",
    "TwoRounds",
    "Verdict",
    "comparison_needed",
    "course_in_words",
    "difference_in_words",
    "effect_in_words",
    "expect_second",
    "judge_plans",
    "ladder_in_words",
    "ladder_step",
    "line_in_words",
    "skill_profiles",
    "suggest_training",
    "teachers_by_dimension",
]

__getattr__ = lazy_front(
    __name__,
    {
        "Course": "training",
        "CourseLevel": "training",
        "Difference": "effects",
        "DimensionScores": "profiles",
        "Expectation": "expectation",
        "GapRule": "profiles",
        "LadderReason": "ladder",
        "LadderReasonKind": "ladder",
        "LadderRule": "ladder",
        "LadderStep": "ladder",
        "LineState": "profiles",
        "Plan": "rounds",
        "PlanEffect": "effects",
        "PlanEffects": "effects",
        "PlanState": "rounds",
        "PlanWindow": "rounds",
        "ProfileLine": "profiles",
        "Quarter": "ladder",
        "QuarterSide": "ladder",
        "SkillProfile": "profiles",
        "SuggestedCourse": "training",
        "SuggestionReason": "training",
        "Suggestions": "training",
        "TwoRounds": "rounds",
        "Verdict": "effects",
        "comparison_needed": "expectation",
        "course_in_words": "words",
        "difference_in_words": "words",
        "effect_in_words": "words",
        "expect_second": "expectation",
        "judge_plans": "effects",
        "ladder_in_words": "words",
        "ladder_step": "ladder",
        "line_in_words": "words",
        "skill_profiles": "profiles",
        "suggest_training": "training",
        "teachers_by_dimension": "training",
    },
)
