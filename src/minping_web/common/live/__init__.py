"""Live updates by server-sent events, without a broker: one pump per process reads what is watched.

In: topics that apps register (`register`), a page's request. Out: `stream(request, topic, key)`, the response
that the asynchronous half of the site sends. The pump asks the database a few times a second for all
watched keys at once, so updates cross processes and both databases alike.
"""

from minping_web.common.live.streams import stream
from minping_web.common.live.topics import Reading, Topic, register

__all__ = ["Reading", "Topic", "register", "stream"]
