"""Addresses of snapshots. Below `/counted/` lies what everybody may check of a closed round."""

from django.urls import path

from minping_web.snapshots.views import public, staff, taking_over

app_name = "snapshots"
urlpatterns = [
    path("snapshots/", staff.snapshot_list, name="list"),
    path("snapshots/taking-over/", taking_over.bring, name="taking_over"),
    path("snapshots/taking-over/<str:sha256>/", taking_over.plan, name="taking_over_plan"),
    path("snapshots/<int:snapshot_id>/", staff.snapshot_page, name="snapshot"),
    path("snapshots/<int:snapshot_id>/download/", staff.snapshot_download, name="download"),
    path("counted/", public.check, name="check"),
    path("counted/<int:round_id>/", public.counted, name="counted"),
    path("counted/<int:round_id>/counted.txt", public.counted_list, name="counted_list"),
    path("counted/<int:round_id>/record.jsonl", public.counted_record, name="counted_record"),
]
