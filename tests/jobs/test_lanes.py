"""What is slow keeps nothing waiting that is quick, and every delivery stands in the lane it belongs to."""

import pytest
from rq import Queue

from shop.core import outbox
from shop.core.transaction import transaction
from shop.jobs import outbox as jobs
from shop.jobs import schedule
from shop.jobs.lanes import Lane
from tests.jobs.conftest import eventually, in_time
from tests.jobs.test_worker import any_database, ask_to_confirm, states


@any_database
def test_a_provider_that_does_not_answer_keeps_no_mail_waiting(queued, start, redis_server):
    worker = start("worker")
    hanging = [
        Queue(lane, connection=redis_server.client()).enqueue_call(
            "tests.jobs.misbehaving.hang", timeout=3600
        )
        for lane in (Lane.PAYMENTS, Lane.LONG)
    ]
    eventually(lambda: all(job.get_status() == "started" for job in hanging))
    ask_to_confirm(queued)
    in_time(lambda: states() == ["sent"])
    assert all(job.get_status() == "started" for job in hanging)
    worker.kill()


@any_database
def test_a_worker_for_one_lane_leaves_the_others_alone(queued, start, redis_server):
    left, done = (
        Queue(lane, connection=redis_server.client()).enqueue_call("os.getpid")
        for lane in (Lane.PAYMENTS, Lane.LONG)
    )
    worker = start("worker", "--lane", "long")
    eventually(lambda: done.get_status() == "finished")
    assert left.get_status() == "queued"
    assert worker.stop() == 0


@any_database
@pytest.mark.parametrize("swept", (False, True))
def test_each_delivery_waits_in_its_lane(queued, redis_server, swept):
    with transaction():
        outbox.record("refund.requested", refund_id=1)
        outbox.record("payment.left", payment_id=1)
        outbox.record("import.check_asked", import_id=1)
        outbox.record("stock.back", variant_id=1)
    client = redis_server.client()
    jobs.work()
    if swept:  # Redis was emptied
        client.flushall()
        jobs.sweep()
    ids = {lane: Queue(lane, connection=client).job_ids for lane in Lane}
    waiting = {lane: sum(one.startswith("deliver-") for one in ids[lane]) for lane in Lane}
    assert waiting == {Lane.SOON: 1, Lane.PAYMENTS: 2, Lane.LONG: 1}


def test_what_asks_providers_runs_in_their_lane_and_what_may_take_long_in_its_own():
    lanes = {periodic.name: periodic.lane for periodic in schedule.PERIODIC}
    assert [name for name, lane in lanes.items() if lane is Lane.PAYMENTS] == [
        "poll-payments",
        "submit-refunds",
        "expire-orders",
    ]
    assert not [
        one.name for one in schedule.PERIODIC if one.timeout > 300 and one.lane is not Lane.LONG
    ]
