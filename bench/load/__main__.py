"""`python -m bench.load`: 64 guests over 20 products for a minute, while staff ship and fill up.

Through gunicorn with two workers, the worker, the scheduler and the cashier as `make run` starts them. The
crowd and the databases share the machine. Every guest comes from an address of their own. What is measured:
orders a second, the pages' times as shoppers saw them, and the processor that web server, job worker and
PostgreSQL used for each order. A quiet part before it lets one guest buy alone: what a whole order costs
when nothing waits. Writes JSON to bench/results; exit 1 when anything was oversold, lost, untrue or broken,
or has no mail when things have settled.
"""

import argparse
import json
import platform
import random
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.load import checking, report, staff
from bench.load.browser import Browser
from bench.load.crowd import Notes, journey, shop_for, somewhere
from bench.load.house import House, opened
from tests.support import postgres

RESULTS = Path(__file__).parents[1] / "results"
SETTINGS = {"MAIL_SENDER": "file", "ORDER_EXPIRES_MINUTES": "0.3", "TRUSTED_PROXIES": "1"}
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
                bad = bad or bool(
                    result["errors"] or result["troubles"] or report.wrong(result["found"])
                )
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
    parts = {"web": "wsgi:app", "worker": "flask jobs worker"}
    before = {name: house.cpu(mark) for name, mark in parts.items()}
    database, began = house.database_cpu(), time.monotonic()
    ends = began + seconds
    crowd = [
        threading.Thread(target=shop_for, args=(house.address, products, ends, notes, seed))
        for seed in range(shoppers)
    ] + staff.threads(house.address, skus, ends, notes)
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    took, orders = time.monotonic() - began, len(notes.told)
    web = house.cpu("wsgi:app") - before["web"]
    settling = checking.settled(house, last)
    used = {
        "web": web,
        "worker": house.cpu("flask jobs worker") - before["worker"],
        "postgresql": house.database_cpu() - database,
    }
    return {
        "seconds": round(took, 1),
        "shoppers": shoppers,
        "orders": orders,
        "orders_per_second": round(orders / took, 2),
        "cpu_ms_per_order_alone": quiet,
        "cpu_ms_per_order_in_the_crowd": {
            name: round(1000 * spent / max(1, orders), 1) for name, spent in used.items() if spent
        },
        "ends": dict(notes.ends),
        "expired": house.rows(
            f"SELECT count(*) FROM \"order\" WHERE cancel_reason = 'expired' AND id > {last}"
        )[0][0],
        "pages": report.pages(notes),
        "refusals": report.refusals(notes),
        "errors": report.errors(notes),
        "troubles": notes.troubles[:20] + house.shop.troubles()[:20],
        "seconds_to_settle": settling,
        "found": checking.found(house, notes),
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
            guest = Browser(house.address, somewhere(chance))
            journey(guest, chance, products, notes, ends=("cash",))
            guest.close()
    return round(1000 * (house.cpu("wsgi:app") - before) / (len(notes.told) - orders), 1)


if __name__ == "__main__":
    sys.exit(main())
