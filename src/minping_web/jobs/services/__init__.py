"""The queue's writes: queue a job, claim, renew and end it in a worker, cancel and retry it by hand."""

from minping_web.jobs.services.by_hand import cancel, retry, start
from minping_web.jobs.services.queue import claim, enqueue, release
from minping_web.jobs.services.schedule import prune, queue_periodic
from minping_web.jobs.services.worker import WorkerSettings, run_worker

__all__ = [
    "WorkerSettings",
    "cancel",
    "claim",
    "enqueue",
    "prune",
    "queue_periodic",
    "release",
    "retry",
    "run_worker",
    "start",
]
