"""Background jobs of the site: in a demonstration, the one that makes its rounds."""

from django.conf import settings

if settings.DEMO:
    from minping_web.site.demo import tasks  # noqa: F401  (registers itself)
