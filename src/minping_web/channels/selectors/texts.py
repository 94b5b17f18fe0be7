"""Texts with their versions, signatures, providers; and what the public may know of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.shortcuts import get_object_or_404

from minping_web.channels.models import (
    ChannelRules,
    MessageText,
    Provider,
    Signature,
    TextVersion,
    UnsubscribedNumber,
)
from minping_web.channels.rules.asking import Known
from minping_web.channels.rules.texts import composed
from minping_web.common.scope import Scope

VIEW = "channels.view"
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def _require(scope: Scope) -> None:
    if not scope.may_everywhere(VIEW):
        raise PermissionDenied(VIEW)


def texts_seen(scope: Scope, *, q: str = "", purpose: str = "", state: str = "") -> QuerySet[MessageText]:
    """Texts with versions, newest first; `state` is that of the newest version, `none` for no wording."""
    _require(scope)
    versions = TextVersion.objects.select_related("signature", "made_by", "approved_by").order_by("-number")
    newest = TextVersion.objects.filter(text=OuterRef("pk")).order_by("-number").values("state")[:1]
    rows = MessageText.objects.annotate(newest_state=Subquery(newest))
    if q:
        words = TextVersion.objects.filter(Q(zh__icontains=q) | Q(en__icontains=q)).values("text")
        rows = rows.filter(Q(title__icontains=q) | Q(pk__in=words))
    if purpose:
        rows = rows.filter(purpose=purpose)
    if state:
        rows = rows.filter(newest_state__isnull=True) if state == "none" else rows.filter(newest_state=state)
    return rows.prefetch_related(Prefetch("versions", versions))


def text_of(scope: Scope, text_id: int) -> MessageText:
    """One text; 404 for none."""
    return get_object_or_404(texts_seen(scope), pk=text_id)


def version_of(scope: Scope, version_id: int) -> TextVersion:
    """One version; 404 for none."""
    _require(scope)
    return get_object_or_404(TextVersion.objects.select_related("text", "signature"), pk=version_id)


def usable_versions(purpose: str) -> list[TextVersion]:
    """Approved wordings of a purpose, newest first: what a round offers."""
    rows = TextVersion.objects.filter(text__purpose=purpose, state="approved", signature__state="approved")
    return list(rows.select_related("text", "signature").order_by("text", "-number"))


def usable_providers() -> list[Provider]:
    """Active providers: what a round offers."""
    return list(Provider.objects.filter(state=Provider.State.ACTIVE))


def signatures_seen(scope: Scope) -> QuerySet[Signature]:
    """All signatures."""
    _require(scope)
    return Signature.objects.all()


def signature_of(scope: Scope, signature_id: int) -> Signature:
    """One signature; 404 for none."""
    return get_object_or_404(signatures_seen(scope), pk=signature_id)


def providers_seen(scope: Scope) -> QuerySet[Provider]:
    """All providers."""
    _require(scope)
    return Provider.objects.all()


def provider_of(scope: Scope, name: str) -> Provider:
    """One provider; 404 for none."""
    return get_object_or_404(providers_seen(scope), name=name)


def unsubscribed_by_way() -> list[tuple[str, int]]:
    """How many numbers want no messages, by the way the wish came."""
    ways = UnsubscribedNumber.Way
    return [(str(way.label), UnsubscribedNumber.objects.filter(way=way).count()) for way in ways]


@dataclass(frozen=True)
class PublicFacts:
    """What everybody may know: how messages of this office look."""

    signatures: list[str]
    numbers: list[str]
    hosts: list[str]
    telephone: str

    @property
    def links(self) -> list[str]:
        """How the addresses in our messages begin."""
        return [f"https://{host}/" for host in self.hosts]


def public_facts() -> PublicFacts:
    """Signatures and numbers in use."""
    rules = ChannelRules.objects.filter(pk=1).first() or ChannelRules(pk=1)
    numbers = Provider.objects.filter(state=Provider.State.ACTIVE).exclude(number="")
    names = Signature.objects.filter(state="approved").values_list("name", flat=True)
    return PublicFacts(list(names), list(numbers.values_list("number", flat=True)), hosts(), rules.telephone)


def hosts() -> list[str]:
    """Names under which this site is reached."""
    named = [host for host in dict.fromkeys(settings.ALLOWED_HOSTS) if host != "*"]
    return [host for host in named if host not in LOOPBACK] or ["localhost"]


def known_wordings() -> list[Known]:
    """Every wording that was ever approved, in both languages, with what is added before sending."""
    rules = ChannelRules.objects.filter(pk=1).first() or ChannelRules(pk=1)
    rows = TextVersion.objects.exclude(state="draft").select_related("signature")
    found = []
    for version in rows:
        for language in ("zh", "en"):
            whole = composed(
                version.signature.name, version.body(language), language=language, stop_word=rules.stop_word
            )
            found.append(Known(version.signature.name, whole.partition("】")[2]))
    return found
