"""Jobs that crash, overrun or hang take nothing along: their process ends, and the next one works."""

import pytest
from rq import Queue

from shop.jobs.lanes import Lane
from tests.jobs.conftest import in_time
from tests.jobs.test_worker import ask_to_confirm, states


@pytest.mark.parametrize("app", ("sqlite",), indirect=True)
def test_a_process_that_misbehaves_is_replaced(queued, start, mail_server, redis_server):
    jobs = Queue(Lane.SOON, connection=redis_server.client())
    worker = start("worker")
    for number, (name, arguments) in enumerate(
        (("os.abort", ()), ("time.sleep", (60,)), ("tests.jobs.misbehaving.hang", ())), start=1
    ):
        jobs.enqueue_call(name, arguments, timeout=1)
        ask_to_confirm(queued)
        in_time(lambda number=number: states() == ["sent"] * number)
    assert len(mail_server.messages) == 3
    assert "a job hangs beyond its time" in worker.said()
    assert worker.stop() == 0
