"""`python -m bench.pay_chaos`: orders are paid while notifies, answers and job workers are lost.

The whole shop with its sandbox, three providers: of the notifies 10 % are lost, 10 % come twice, 5 % come after
the order's time; 5 % of the orders meet an answer that times out after it was executed; 3 % are paid after
their time; some are cancelled (a refund), for some the provider's console gives a yuan back. A process of the
job worker is killed every five seconds: one of those at work, every fifth time the one that watches them. When
all has settled, ``flask payments reconcile`` must find no difference at any provider, and ``flask doctor`` must
find nothing. Writes JSON to bench/results.
"""

import argparse
import contextlib
import json
import os
import platform
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.load import report, staff
from bench.load.__main__ import RESULTS, chosen
from bench.load.crowd import Notes
from bench.load.house import House, opened
from bench.paying import EXPIRY_MINUTES, WAYS, Payers, control
from shop.core import clock
from shop.payment.bills.base import bounds, day_of
from tests.browser.running import ROOT
from tests.support import postgres

SETTINGS = {
    "MAIL_SENDER": "file",
    "ORDER_EXPIRES_MINUTES": str(EXPIRY_MINUTES),
    "TRUSTED_PROXIES": "1",
}
_OPEN = {
    "events": "SELECT count(*) FROM outbox WHERE drained_at IS NULL",
    "deliveries": "SELECT count(*) FROM delivery WHERE state NOT IN ('done', 'failed')",
    "refunds": "SELECT count(*) FROM refund WHERE state IN "
    "('created', 'submitted', 'unknown', 'processing')",
}


def main() -> int:
    """Pay at each database's shop in turn."""
    parser = argparse.ArgumentParser(prog="bench.pay_chaos", description=__doc__)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--orders", type=int, default=500)
    parser.add_argument("--shoppers", type=int, default=8)
    parser.add_argument("--kill-every", type=float, default=5, help="seconds")
    asked = parser.parse_args()
    runs = []
    with tempfile.TemporaryDirectory(prefix="pay-chaos-") as folder:
        run = Path(folder)
        try:
            for database in asked.databases:
                with opened(run, database, SETTINGS) as house:
                    found = strike(house, asked.orders, asked.shoppers, asked.kill_every)
                runs.append({"database": database, **found})
                show(runs[-1])
        finally:
            postgres.stop(run)
    name = RESULTS / f"pay-chaos-{time.strftime('%Y-%m-%d-%H%M')}.json"
    name.write_text(json.dumps({"machine": platform.machine(), "runs": runs}, indent=1) + "\n")
    return 0 if all(one["good"] for one in runs) else 1


def strike(house: House, orders: int, shoppers: int, every: float) -> dict[str, Any]:
    """Let them pay, kill, wait until all has settled, and compare the books."""
    _set_the_demo_apart(house)
    products, skus = chosen(house)
    began, days = time.monotonic(), {day_of(clock.now())}
    payers, notes, kills = Payers(house, products, orders), Notes(), [0]
    calm = threading.Event()
    fillers = staff.threads(house.address, skus, began + 3600, notes, patient=True, until=calm)
    crowd = [threading.Thread(target=payers.work, args=(seed,)) for seed in range(shoppers)]
    killer = threading.Thread(target=_kill, args=(house, every, calm, kills))
    for thread in (*fillers[1::2], *crowd, killer):
        thread.start()
    for thread in crowd:
        thread.join()
    payers.pay_late()
    calm.set()
    killer.join()
    paid_in = time.monotonic() - began
    left = _settle(house)
    days.add(day_of(clock.now()))
    first, last = (_reconcile(house, days, round_) for round_ in (1, 2))
    doctor = house.shop.flask("doctor", "--quiet")
    wrong = report.errors(notes)
    found = {
        "orders": payers.many,
        "ends": dict(sorted(payers.ends.items())),
        "seconds": round(paid_in, 1),
        "workers_killed": kills[0],
        "still_open_after_settling": left,
        "mended_by_the_bills": first["mended"],
        "differences": last["differences"],
        "books": _books(house, payers.since),
        "doctor": doctor.returncode,
        "doctor_said": doctor.stdout.splitlines()[:20] if doctor.returncode else [],
        "server_errors": payers.errors[:20],
        "staff_errors": wrong,
        "troubles": payers.troubles[:20],
    }
    good = not doctor.returncode and not any(last["differences"].values()) and not payers.errors
    return {**found, "good": bool(good and not any(left.values()))}


def show(found: dict[str, Any]) -> None:
    """A table for people."""
    for name, value in found.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key} {one}" for key, one in value.items())
        print(f"{name.replace('_', ' '):28} {value}", flush=True)


def _set_the_demo_apart(house: House) -> None:
    """What the demo was paid today stands in no sandbox: it was yesterday."""
    start, _ = bounds(day_of(clock.now()))
    for table, column in (("payment", "paid_at"), ("refund", "done_at")):
        house.write(
            f"UPDATE {table} SET {column} = :before WHERE {column} >= :start",
            before=(start - timedelta(seconds=1)).replace(tzinfo=None),
            start=start.replace(tzinfo=None),
        )


def _kill(house: House, every: float, calm: threading.Event, kills: list[int]) -> None:
    """Every so often kill a process at work: who kills only what is still starting proves nothing."""
    chance = random.Random(5)
    while not calm.wait(every):
        while not calm.is_set() and len(workers := house.processes("flask jobs worker")) < 2:
            calm.wait(0.1)
        if calm.is_set():
            return
        keeper, *at_work = workers
        victim = keeper if kills[0] % 5 == 4 else chance.choice(at_work)
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim.pid, signal.SIGKILL)
            kills[0] += 1


def _settle(house: House, patience: float = 240) -> dict[str, int]:
    """Wait until nothing is on its way; what still is then."""
    control(house, "POST", "/release")
    limit = time.monotonic() + patience
    while True:
        left = {name: int(house.rows(asked)[0][0]) for name, asked in _OPEN.items()}
        if not any(left.values()) or time.monotonic() > limit:
            return left
        time.sleep(1)


def _reconcile(house: House, days: set[Any], number: int) -> dict[str, Any]:
    """Read the bills on a clock that is a day ahead; the first time may mend what notifies had lost."""
    mended, differences = [], {}
    for way in WAYS:
        many = 0
        for day in sorted(days):
            said = _tomorrow(house, "payments", "reconcile", f"--date={day}", f"--gateway={way}")
            mended += [line.strip() for line in said.stdout.splitlines() if "after asking" in line]
            mended += [line.strip() for line in said.stdout.splitlines() if "taken over" in line]
            many += sum(line.strip().startswith(KINDS) for line in said.stdout.splitlines())
            many += bool(said.returncode) and not many
            if said.returncode and number > 1:
                print(said.stdout, said.stderr[-500:], flush=True)
        differences[way] = many
    if number == 1:  # what was found too late goes back
        for _ in range(2):
            _tomorrow(house, "jobs", "run-once", "submit-refunds")
            time.sleep(3)
    return {"mended": mended, "differences": differences}


_LEDGERS = {
    "trade": "total_fen - refunded_fen",
    "wechat_order": "total_fen - refunded_fen",
    "stripe_session": "total - refunded",
}
_COMMAND = '. "$INSTANCE/run.env"; exec "$0" -m bench.tomorrow "$@"'
KINDS = ("missing here", "missing there", "another")


def _tomorrow(house: House, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", _COMMAND, sys.executable, *arguments],
        cwd=ROOT,
        env=dict(os.environ) | {"INSTANCE": str(house.shop.folder), "XIAOPU_ENV": "development"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _books(house: House, since: int) -> dict[str, int]:
    """Payments of the crowd in figures: how many paid, their fen, and what went back."""
    ((many, paid),) = house.rows(
        "SELECT count(*), coalesce(sum(amount_minor), 0) FROM payment "
        f"WHERE state = 'paid' AND gateway <> 'cod' AND id > {since}"
    )
    ((back, given),) = house.rows(
        "SELECT count(*), coalesce(sum(amount_minor), 0) FROM refund "
        f"WHERE state = 'done' AND payment_id > {since}"
    )
    return {
        "payments": int(many),
        "paid_minor": int(paid),
        "refunds": int(back),
        "refunded_minor": int(given),
        "surplus": int(
            house.rows(f"SELECT count(*) FROM payment WHERE flag = 'surplus' AND id > {since}")[0][
                0
            ]
        ),
        "at_the_providers_minor": _kept_there(house),
    }


def _kept_there(house: House) -> int:
    """What the sandbox's own ledger says was paid, less what went back."""
    with sqlite3.connect(house.shop.folder / "sandbox" / "sandbox.sqlite3") as ledger:
        sums = [
            ledger.execute(
                f"SELECT coalesce(sum({kept}), 0) FROM {table} WHERE paid_at IS NOT NULL"
            ).fetchone()[0]
            for table, kept in _LEDGERS.items()
        ]
    return int(sum(sums))


if __name__ == "__main__":
    sys.exit(main())
