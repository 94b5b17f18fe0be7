"""Pages: plain WSGI. Loading it is the start of every server, so a mixed-up deployment stops here."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minping_web.site.settings")
application = get_wsgi_application()

from minping_web.site.guard import check_at_start  # noqa: E402  (needs Django set up)

check_at_start()
