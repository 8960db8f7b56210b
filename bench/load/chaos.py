"""`python -m bench.load.chaos`: the crowd of `bench.load` while parts of the shop are killed.

Web workers and the job worker are killed with -9 in turns, Redis is wiped once, PostgreSQL is stopped and
started once. Afterwards the doctor must find nothing, every order that a shopper was told of must exist with
its mail, and nobody may have met an error of the server later than ten seconds after a blow.
"""

import argparse
import json
import os
import random
import re
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import redis

from bench.load import checking, report, staff
from bench.load.__main__ import SETTINGS, chosen
from bench.load.crowd import Notes, shop_for
from bench.load.house import House, opened
from tests.support import postgres

GRACE = 10.0
"""Seconds after a blow in which the shop may say that it is not there."""


def main() -> int:
    """Strike each database's shop in turn."""
    parser = argparse.ArgumentParser(prog="bench.load.chaos", description=__doc__)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--shoppers", type=int, default=16)
    parser.add_argument("--kills", type=int, default=20)
    asked = parser.parse_args()
    bad = False
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        run = Path(folder)
        try:
            for database in asked.databases:
                with opened(run, database, SETTINGS) as house:
                    found = strike(house, run, database, asked.seconds, asked.shoppers, asked.kills)
                print(json.dumps({"database": database, **found}, indent=1), flush=True)
                bad = bad or bool(found["late_errors"] or report.wrong(found["found"]))
        finally:
            postgres.stop(run)
    return 1 if bad else 0


def strike(
    house: House, run: Path, database: str, seconds: float, shoppers: int, kills: int
) -> dict[str, Any]:
    """Let the crowd in and strike; then see."""
    products, skus = chosen(house)
    last = house.rows('SELECT max(id) FROM "order"')[0][0]
    notes, blows = Notes(), []
    ends = time.monotonic() + seconds
    crowd = [
        threading.Thread(target=shop_for, args=(house.address, products, ends, notes, seed, True))
        for seed in range(shoppers)
    ] + staff.threads(house.address, skus, ends, notes, patient=True)
    for thread in crowd:
        thread.start()
    chance = random.Random(11)
    for number in range(kills):
        time.sleep(seconds / (kills + 1))
        blows.append((time.monotonic(), blow(house, number, chance)))
        if number == kills // 3:
            blows.append((time.monotonic(), wipe(house)))
        if number == 2 * kills // 3 and database == "postgresql":
            blows.append((time.monotonic(), "PostgreSQL stopped"))
            server = postgres._server(run / "postgres", start=False)
            server.stop()
            time.sleep(3)
            server.start()
            blows.append((time.monotonic(), "PostgreSQL started"))
    for thread in crowd:
        thread.join()
    house.engine.dispose()
    settling = checking.settled(house, last, patience=180)
    late = [
        f"{status} for {name}"
        for name, status, took, at in notes.pages
        if status >= 500 and not any(0 <= at + took - when <= GRACE for when, _ in blows)
    ]
    return {
        "seconds": seconds,
        "orders": len(notes.told),
        "ends": dict(notes.ends),
        "blows": [what for _, what in blows],
        "errors_within_grace": sum(page[1] >= 500 for page in notes.pages) - len(late),
        "late_errors": late[:20],
        "seconds_to_settle": settling,
        "found": checking.found(house, notes),
    }


def blow(house: House, number: int, chance: random.Random) -> str:
    """Kill a web worker or the job worker, as a power cut would."""
    if number % 2:
        workers = house.processes("flask jobs worker")
        what = "job worker"
    else:
        workers = house.processes("wsgi:app")[1:]  # the first one is their master
        what = "web worker"
    if not workers:
        return f"{what}: not there"
    os.kill(chance.choice(workers).pid, signal.SIGKILL)
    return what


def wipe(house: House) -> str:
    """Empty Redis."""
    noted = (house.shop.folder / "run.env").read_text()
    found = re.search(r"^export REDIS_URL=(\S+)$", noted, re.MULTILINE)
    if found is None:
        raise LookupError("the queue's address is not noted")
    link = redis.Redis.from_url(found[1].strip("'\""))
    link.flushall()
    link.close()
    return "Redis wiped"


if __name__ == "__main__":
    sys.exit(main())
