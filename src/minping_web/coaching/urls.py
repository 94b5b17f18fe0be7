"""Addresses of coaching, all below /coaching/."""

from django.urls import path

from minping_web.coaching.imports import COURSE_IMPORT
from minping_web.coaching.views import courses, effects, mine, plans, stories
from minping_web.common.import_flow import import_urls

app_name = "coaching"
urlpatterns = [
    path("coaching/", plans.plan_list, name="list"),
    path("coaching/board/", plans.board, name="board"),
    path("coaching/plans/new/", plans.plan_new, name="new"),
    path("coaching/plans/<int:plan_id>/", plans.plan_page, name="plan"),
    path("coaching/causes/", plans.cause_list, name="causes"),
    path("coaching/teachers/", plans.teacher_list, name="teachers"),
    path("coaching/effects/", effects.effect_page, name="effects"),
    path("coaching/retention/", effects.retention_page, name="retention"),
    path("coaching/courses/", courses.course_list, name="courses"),
    path("coaching/courses/new/", courses.course_new, name="course_new"),
    *import_urls(COURSE_IMPORT),
    path("coaching/courses/<int:course_id>/", courses.course_page, name="course"),
    path("coaching/courses/<int:course_id>/edit/", courses.course_edit, name="course_edit"),
    path("coaching/stories/", stories.story_list, name="stories"),
    path("coaching/stories/new/", stories.story_new, name="story_new"),
    path("coaching/stories/<int:story_id>/", stories.story_page, name="story"),
    path("coaching/pledges/", stories.pledge_list, name="pledges"),
    path("coaching/mine/", mine.mine, name="mine"),
    path("coaching/mine/plans/<int:plan_id>/", mine.my_plan, name="my_plan"),
    path("coaching/mine/stories/new/", mine.my_story, name="my_story"),
    path("coaching/mine/pledge/", mine.my_pledge, name="my_pledge"),
    path("coaching/mine/pledge/<int:year>/", mine.my_statement, name="my_statement"),
    path("coaching/mine/card/", mine.my_card, name="my_card"),
]
