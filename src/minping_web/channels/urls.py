"""Addresses of channels, mounted at `/channels/`; the site puts the public pages at `/real/`."""

from django.urls import path

from minping_web.channels.views import batches, providers, public, runs, texts, trials

app_name = "channels"
urlpatterns = [
    path("", batches.batch_list, name="list"),
    path("<int:batch_id>/", batches.batch_page, name="batch"),
    path("<int:batch_id>/approve/", batches.batch_approve, name="approve"),
    path("<int:batch_id>/trial/", trials.batch_trial, name="trial"),
    path("<int:batch_id>/send/", batches.batch_send, name="send"),
    path("<int:batch_id>/pause/", batches.batch_pause, name="pause"),
    path("<int:batch_id>/give-up/", batches.batch_revoke, name="revoke"),
    path("<int:batch_id>/decide/", batches.batch_decide, name="decide"),
    path("<int:batch_id>/file/", batches.batch_file, name="file"),
    path("<int:batch_id>/file/handed-over/", batches.batch_handed, name="handed"),
    path("texts/", texts.text_list, name="texts"),
    path("texts/new/", texts.text_new, name="text_new"),
    path("texts/<int:text_id>/", texts.text_page, name="text"),
    path("texts/<int:text_id>/new-version/", texts.version_new, name="version_new"),
    path("versions/<int:version_id>/propose/", texts.version_propose, name="version_propose"),
    path("versions/<int:version_id>/drop/", texts.version_drop, name="version_drop"),
    path("versions/<int:version_id>/retire/", texts.version_retire, name="version_retire"),
    path("signatures/new/", texts.signature_new, name="signature_new"),
    path("signatures/<int:signature_id>/propose/", texts.signature_propose, name="signature_propose"),
    path("providers/", providers.provider_list, name="providers"),
    path("providers/new/", providers.provider_new, name="provider_new"),
    path("providers/<slug:name>/", providers.provider_edit, name="provider"),
    path("rules/", providers.rules_page, name="rules"),
    path("rules/edit/", providers.rules_edit, name="rules_edit"),
    path("numbers/", providers.number_wish, name="number"),
    path("runs/", runs.run_list, name="runs"),
    path("runs/<int:run_id>/", runs.run_page, name="run"),
    path("runs/<int:run_id>/download/", runs.run_download, name="run_download"),
    path("runs/<int:run_id>/new-day/", runs.run_day, name="run_day"),
    path("runs/<int:run_id>/printed/", runs.run_printed, name="run_printed"),
    path("runs/<int:run_id>/destroy/", runs.run_cancel, name="run_cancel"),
    path("receipts/<slug:name>/", public.receipts, name="receipts"),
]
