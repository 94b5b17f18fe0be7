"""Every deployment begins with a provider that needs nobody: files in the outbox folder."""

from typing import Any

from django.db import migrations


def make(apps: Any, _editor: Any) -> None:
    """The row; demonstrations and offices without a carrier use it."""
    apps.get_model("channels", "Provider").objects.get_or_create(
        name="outbox",
        defaults={
            "title": "文件（发件箱）",
            "kind": "file",
            "price_li": 45,
            "per_second": 1000,
            "idempotent": True,
        },
    )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("channels", "0001_initial")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
