"""Settings of a second process in a test: the same data folder and kind of database as the first."""

from minping_web.site.settings import *  # noqa: F403
