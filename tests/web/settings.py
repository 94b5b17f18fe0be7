"""Settings of the tests: a throw-away data folder, cheap passwords, static files found in the source.

The database is a PostgreSQL cluster that the first test which needs one starts (`postgres.py`), or
SQLite when MINPING_TEST_DATABASE=sqlite. No part of the product is replaced.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

SQLITE = os.environ.get("MINPING_TEST_DATABASE") == "sqlite"

_data = tempfile.mkdtemp(prefix="minping-test-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
os.makedirs(f"{_data}/static")  # WhiteNoise warns about a missing folder
os.environ["MINPING_DATA"] = _data
os.environ["MINPING_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ["MINPING_HTTPS"] = "0"
os.environ.pop("MINPING_DEMO", None)
os.environ["DATABASE_URL"] = f"sqlite:///{_data}/tests.sqlite3" if SQLITE else "postgresql://minping@/minping"

from minping_web.site.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if SQLITE:
    DATABASES["default"]["TEST"] = {"NAME": f"{_data}/test.sqlite3"}  # noqa: F405
