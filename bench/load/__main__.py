"""`python -m bench.load`: 64 guests over 20 products for a minute, while staff ship and count.

Through gunicorn with two workers, the worker, the scheduler and the cashier as `make run` starts them. The
crowd and the databases share the machine. What is measured: orders a second, the pages' times as shoppers
saw them, and the processor that the web server used for each order. A second, quiet part lets one guest
buy alone: what a whole order costs when nothing waits. Writes JSON to bench/results; exit 1 when anything
was oversold, lost or broken.
"""

import argparse
import json
import platform
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.load import checking
from bench.load.browser import Browser
from bench.load.crowd import Notes, journey, shop_for
from bench.load.house import House, opened
from bench.load.staff import Staff
from tests.support import postgres

RESULTS = Path(__file__).parents[1] / "results"
SETTINGS = {"MAIL_SENDER": "file", "ORDER_EXPIRES_MINUTES": "0.3"}
ALONE = 30


def main() -> int:
    """Load each database in turn."""
    parser = argparse.ArgumentParser(prog="bench.load", description=__doc__)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--shoppers", type=int, default=64)
    asked = parser.parse_args()
    found, bad = [], False
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        run = Path(folder)
        try:
            for database in asked.databases:
                with opened(run, database, SETTINGS) as house:
                    result = load(house, asked.seconds, asked.shoppers)
                found.append({"database": database, **result})
                bad = bad or bool(result["wrong"] or result["errors"])
                print(json.dumps(found[-1], indent=1), flush=True)
        finally:
            postgres.stop(run)
    name = RESULTS / f"load-{time.strftime('%Y-%m-%d-%H%M')}.json"
    name.write_text(json.dumps({"machine": platform.machine(), "runs": found}, indent=1) + "\n")
    return 1 if bad else 0


def load(house: House, seconds: float, shoppers: int) -> dict[str, Any]:
    """Let the crowd in, and see."""
    products, skus = chosen(house)
    last = house.rows('SELECT max(id) FROM "order"')[0][0]
    quiet = alone(house, products)
    notes = Notes()
    stores = {"songjian": "Songjian", "harrow-pine": "Harrow &amp; Pine"}
    staff = {slug: Staff(house.address, "linwei", name) for slug, name in stores.items()}
    before, began = house.cpu("wsgi:app"), time.monotonic()
    ends = began + seconds
    crowd = [
        threading.Thread(target=shop_for, args=(house.address, products, ends, notes, seed))
        for seed in range(shoppers)
    ]
    crowd += [
        threading.Thread(target=one.work, args=(skus[slug], ends, notes))
        for slug, one in staff.items()
        if slug in skus
    ]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    took = time.monotonic() - began
    used = house.cpu("wsgi:app") - before
    orders = len(notes.told)
    settle(house, last)
    return {
        "seconds": round(took, 1),
        "shoppers": shoppers,
        "orders": orders,
        "orders_per_second": round(orders / took, 2),
        "cpu_ms_per_order_in_the_crowd": round(1000 * used / max(1, orders), 1),
        "cpu_ms_per_order_alone": quiet,
        "ends": dict(notes.ends),
        "pages": paged(notes),
        "errors": notes.troubles[:20] + server_errors(notes) + house.shop.troubles()[:20],
        "expired": house.rows("SELECT count(*) FROM \"order\" WHERE cancel_reason = 'expired'")[0][
            0
        ],
        "wrong": checking.wrongs(house, notes),
        "without_mail": len(checking.unmailed(house, notes)),
    }


def chosen(house: House) -> tuple[list[str], dict[str, list[str]]]:
    """Twenty products that are counted and on sale, and by store a SKU of each."""
    rows = house.rows(
        "SELECT p.slug, min(v.sku), s.slug FROM product p JOIN variant v ON v.product_id = p.id "
        "JOIN store s ON s.id = p.store_id "
        "JOIN stock_level l ON l.variant_id = v.id WHERE p.status = 'published' "
        "AND p.kind = 'physical' AND v.archived_at IS NULL AND l.on_hand > l.reserved "
        "GROUP BY p.slug, s.slug ORDER BY p.slug LIMIT 20"
    )
    skus: dict[str, list[str]] = defaultdict(list)
    for _, sku, store in rows:
        skus[str(store)].append(str(sku))
    return [str(row[0]) for row in rows], skus


def alone(house: House, products: list[str]) -> float:
    """Milliseconds of processor for a whole order when one guest buys at a time."""
    notes, chance = Notes(), random.Random(7)
    for warm in (True, False):
        before, orders = house.cpu("wsgi:app"), len(notes.told)
        while len(notes.told) - orders < (10 if warm else ALONE):
            guest = Browser(house.address)
            journey(guest, chance, products, notes, ends=("cash",))
            guest.close()
    return round(1000 * (house.cpu("wsgi:app") - before) / (len(notes.told) - orders), 1)


def settle(house: House, since: int, patience: float = 90.0) -> None:
    """Until nothing waits to be done any more: mails, expiries of orders after the id ``since``."""
    limit = time.monotonic() + patience
    waiting = (
        "SELECT (SELECT count(*) FROM outbox WHERE drained_at IS NULL) + "
        "(SELECT count(*) FROM delivery WHERE state NOT IN ('done', 'failed')) + "
        "(SELECT count(*) FROM \"order\" WHERE state = 'open' AND payment_state = 'unpaid' "
        f"AND expires_at IS NOT NULL AND id > {since})"
    )
    while time.monotonic() < limit and house.rows(waiting)[0][0]:
        time.sleep(1)


def paged(notes: Notes) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of each kind of page, in milliseconds."""
    times: dict[str, list[float]] = defaultdict(list)
    for name, _, seconds, _ in notes.pages:
        times[name].append(seconds * 1000)
    return {
        name: {
            "times": len(all_),
            "p50": round(statistics.median(all_), 1),
            "p95": round(statistics.quantiles(all_, n=20)[18] if len(all_) > 1 else all_[0], 1),
        }
        for name, all_ in sorted(times.items())
    }


def server_errors(notes: Notes) -> list[str]:
    """Answers that nobody may get."""
    return [f"{status} for {name}" for name, status, *_ in notes.pages if status >= 500][:20]


if __name__ == "__main__":
    sys.exit(main())
