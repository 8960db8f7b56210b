"""Jobs that crash, overrun or hang take nothing along: their process ends, and the next one works."""

import os
import signal

from rq import Queue
from rq.job import Job

from shop.jobs import queue
from shop.jobs.lanes import Lane
from tests.jobs.conftest import eventually, in_time, is_gone
from tests.jobs.test_worker import any_database, ask_to_confirm, states


@any_database
def test_a_process_that_misbehaves_is_replaced(queued, start, mail_server, redis_server):
    jobs = Queue(Lane.SOON, connection=redis_server.client())
    worker = start("worker")
    for number, (name, arguments) in enumerate(
        (("os.abort", ()), ("time.sleep", (60,)), ("tests.jobs.misbehaving.hang", ())), start=1
    ):
        # A call for a worker that a sweep repeated would make the mail before its turn.
        eventually(lambda: not calls(jobs))
        jobs.enqueue_call(name, arguments, timeout=1)
        ask_to_confirm(queued)
        in_time(lambda number=number: states() == ["sent"] * number)
    assert len(mail_server.messages) == 3
    assert "a job hangs beyond its time" in worker.said()
    assert worker.stop() == 0


def calls(jobs: Queue) -> list[Job]:
    """Calls for a worker that were not heard yet, or are being answered."""
    ids = [*jobs.job_ids, *jobs.started_job_registry.get_job_ids()]
    found = [jobs.fetch_job(one) for one in ids]
    return [job for job in found if job is not None and job.func_name == queue.WORK]


@any_database
def test_whoever_is_left_without_a_keeper_ends(queued, start):
    """A process that was forked later holds nothing that would keep its sisters waiting for the keeper."""
    worker = start("worker")
    first = eventually(lambda: len(worker.children) == len(Lane) and worker.children)
    os.kill(first[0], signal.SIGKILL)
    eventually(lambda: len(worker.children) == len(Lane) and first[0] not in worker.children)
    left = worker.children
    worker.kill_alone()
    eventually(lambda: all(map(is_gone, left)))
