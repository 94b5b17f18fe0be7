"""One API of the operations that the apps offer; errors in one shape, keys from `access`."""

from __future__ import annotations

from ninja import NinjaAPI

from minping_web.common.rest import provide_keys
from minping_web.common.rest.answers import install
from minping_web.frames.api import frames
from minping_web.instruments.api import instruments
from minping_web.organisations.api import organisations
from minping_web.people.api import people
from minping_web.places.api import places
from minping_web.rounds.api import rounds
from minping_web.schemes.api import schemes
from minping_web.site.api.keys import AccessKeys

DESCRIPTION = """\
Places, people, organisations and frames of one district, for its other systems.

**Keys.** Each request carries `Authorization: Bearer mp_…`. A key can do at most what its owner can do at
that moment, and only what it was made for. Sessions of the browser do not count here.
**Places.** A key sees rows below its areas; others are not found (404), as if they did not exist.
**Lists** come by cursor: send `next` back as `cursor` until it is null. Unknown parameters are refused.
**Errors** have one shape, with every problem at once, in Chinese or English (`Accept-Language`).
**Writes** go into the record of changes and can be undone there. Codes identify: the same create twice
makes one row and one refusal.
**Reads** carry an `ETag`; with `If-None-Match` the answer is 304 while nothing changed.
**Limits.** 600 requests per key and minute, 5 MB per request.
"""

api = NinjaAPI(
    title="Minping API",
    version="1",
    description=DESCRIPTION,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)
install(api)
provide_keys(AccessKeys())
for operations in (places, people, organisations, frames, schemes, instruments, rounds):
    api.add_router("", operations.router)
