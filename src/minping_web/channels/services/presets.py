"""Texts to begin with: for the demonstration, and as a model for a district's own."""

from __future__ import annotations

from minping_web.channels.models import MessageText, Signature, TextVersion
from minping_web.channels.services.wording import new_signature, new_text, new_version, propose_wording
from minping_web.common.approval import approve
from minping_web.common.scope import Scope

SIGNATURE = ("民评办", "区社会工作部民评办公室")
WORDINGS = {
    "invite": (
        "邀请短信",
        "请您评价{place}的社区工作者，约2分钟，{until}前有效：{link}",
        "Please rate the community workers of {place}; about 2 minutes, until {until}: {link}",
    ),
    "remind": (
        "提醒短信",
        "您尚未评价{place}的社区工作者，{until}截止：{link} 已评请忽略。",
        "You have not rated the community workers of {place} yet; until {until}: {link}",
    ),
    "notice": (
        "通知短信",
        "{place}的居民评价安排有调整，详情请致电社区或查看公示。",
        "The residents' survey in {place} has changed. Please ask your community office.",
    ),
}


def make_preset_texts(writer: Scope, second: Scope) -> dict[str, TextVersion]:
    """One approved text per purpose; what is there already stays. `second` needs a fresh second factor."""
    found = {text.purpose: text.versions.first() for text in MessageText.objects.all()}
    signature = Signature.objects.filter(name=SIGNATURE[0]).first()
    if signature is None:
        signature = new_signature(writer, *SIGNATURE)
        _approved(writer, second, "signature", signature.pk)
    for purpose, (title, zh, en) in WORDINGS.items():
        if found.get(purpose) is None:
            text = new_text(writer, title, purpose)
            version = new_version(writer, text.pk, signature_id=signature.pk, zh=zh, en=en)
            _approved(writer, second, "version", version.pk)
    rows = TextVersion.objects.filter(state="approved").select_related("text", "signature")
    return {version.text.purpose: version for version in rows.order_by("number")}


def _approved(writer: Scope, second: Scope, kind: str, row_id: int) -> None:
    proposal = propose_wording(writer, kind, row_id, reason="首批文本")
    approve(second, proposal.pk)
