"""The start page of staff: what waits for this person, the next dates, the last result."""

from minping_web.site.desk.coming import Coming, coming
from minping_web.site.desk.last import LastResult, last_results
from minping_web.site.desk.waiting import Waiting, waiting

__all__ = ["Coming", "LastResult", "Waiting", "coming", "last_results", "waiting"]
