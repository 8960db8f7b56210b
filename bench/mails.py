"""`python -m bench.mails`: how many mails a second one job worker makes, and what each costs.

Orders are placed through the services with nobody at work; then `flask jobs worker` is let at them, on each
database, and its process tree's use of the processor is read when the first mail and when the last one is
out. Two mails an order (to the shopper and to the store), sent into nothing (`MAIL_SENDER=file`).
`--busy`: beside two processes that do nothing but reckon, as a web server in a crowd does.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psutil
from flask_migrate import upgrade
from sqlalchemy import func, select

from bench.servers import ROOT, used
from shop.app import create_app
from shop.core import clock
from shop.core.db import db
from shop.jobs import outbox, queue
from shop.notifications.models import Message
from tests.factories.orders import place_order, store_with_goods
from tests.support import databases, postgres
from tests.support.valkey import RedisServer

SECRET = "bench-only-" + "x" * 40


def main() -> int:
    """Measure each database in turn."""
    parser = argparse.ArgumentParser(prog="bench.mails", description=__doc__)
    parser.add_argument("--databases", nargs="+", default=list(databases.BACKENDS))
    parser.add_argument("--orders", type=int, default=200)
    parser.add_argument("--busy", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        run = Path(folder)
        try:
            for backend in asked.databases:
                with _reckoning(2 if asked.busy else 0):
                    print(f"{backend}: {_measure(run, backend, asked.orders)}", flush=True)
        finally:
            postgres.stop(run)
    return 0


def _measure(run: Path, backend: str, orders: int) -> str:
    folder = run / backend
    folder.mkdir()
    url = f"sqlite:///{folder / 'shop.db'}"
    if backend == "postgresql":
        url = databases.driver(postgres.create_from(postgres.address(run), "bench_mails"))
    settings = {"TESTING": True, "SECRET_KEY": SECRET, "SQLALCHEMY_DATABASE_URI": url}
    app = create_app(settings | {"INSTANCE": str(folder), "RATELIMIT_ENABLED": False})
    redis = RedisServer()
    redis.start()
    try:
        with app.app_context():
            upgrade()
            goods = store_with_goods(stock=orders, contact_email="desk@store.example")
            for _ in range(orders):
                place_order(goods.variant, method="cod")
            app.config["REDIS_URL"] = redis.url
            queue.init_queue(app)
            with clock.at(clock.now() + timedelta(minutes=1)):
                outbox.sweep()
            with _worker(folder, url, redis.url) as worker:
                return _watched(worker, 2 * orders)
    finally:
        redis.close()


def _watched(worker: psutil.Process, mails: int) -> str:
    first = None
    while True:
        db.session.rollback()
        sent = db.session.scalar(select(func.count(Message.id)).where(Message.state == "sent")) or 0
        if sent and first is None:
            first = (sent, time.monotonic(), used(worker))
        if sent >= mails and first is not None:
            break
        if not worker.is_running():
            raise RuntimeError("the worker has ended")
        time.sleep(0.05)
    count, took, cost = sent - first[0], time.monotonic() - first[1], used(worker) - first[2]
    return f"{count / took:.1f} mails/s, {1000 * cost / count:.1f} ms of processor a mail"


@contextmanager
def _worker(folder: Path, url: str, redis: str) -> Iterator[psutil.Process]:
    ours = {"DATABASE_URL": url, "REDIS_URL": redis, "SECRET_KEY": SECRET, "INSTANCE": str(folder)}
    with _started(["-m", "flask", "jobs", "worker"], folder / "worker.log", ours) as process:
        yield process


@contextmanager
def _started(
    arguments: list[str], log: Path, environ: Mapping[str, str]
) -> Iterator[psutil.Process]:
    with log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, "MAIL_SENDER": "file", "XIAOPU_ENV": "testing", **environ},
            stdout=file,
            stderr=file,
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def _reckoning(count: int) -> Iterator[None]:
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
