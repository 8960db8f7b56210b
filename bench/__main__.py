"""`make bench`: what the pages of the shop window cost, beside a bare view, in one run.

For each size and database: SQL statements, milliseconds of processor a request (the server's process
tree; PostgreSQL's beside it), median and 95th percentile of the answer, requests a second, and how many
times a bare Flask view that is. Each page is asked for as it is made, and again as it is kept (for a visitor
of whom nothing is known). Shop and bare view take turns, so that a busy machine is busy for both. Writes
JSON to bench/results.
"""

import argparse
import json
import platform
import re
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import sqlalchemy
from flask_migrate import upgrade

from bench import catalogue, importing
from bench.servers import Server, used
from shop.app import create_app
from shop.core import clock
from shop.core.db import db
from tests.support import databases, postgres
from tests.support.client import ShopClient
from tests.support.statements import recorded

RESULTS = Path(__file__).parent / "results"
PAGES = {
    "home": "/en/",
    "category": "/en/c/leaf-0-0",
    "category, 50 pages deep": "",
    "category, three facets": "/en/c/top-0?o.colour=celadon&o.colour=white&brand=river&stock=1",
    "everything, one facet": "/en/c/all?o.colour=celadon&o.colour=white",
    "everything, three facets": "/en/c/all?o.colour=celadon&o.size=s&price-max=600&sort=price-asc",
    "search, common word": "/en/search?q=celadon",
    "search, two words": "/en/search?q=celadon+teapot",
    "search, rare word": "/en/search?q=ember+123",
    "search, Chinese": "/zh/search?q=青瓷茶壶",
    "search, code": "/en/search?q=XP-000123",
    "suggestion": "/en/search/suggestions?q=cela",
    "suggestion, Chinese": "/zh/search/suggestions?q=茶",
    "product": "/en/p/goods-77",
}
# The box asks for the list alone, as htmx does.
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
# A cookie that the shop does not know keeps a page from being kept.
ANEW = {"Cookie": "bench=1"}
SECRET = "bench-only-" + "x" * 40


def main() -> int:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--databases", nargs="+", default=list(databases.BACKENDS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=20, help="of each page in a round")
    parser.add_argument(
        "--import", type=int, nargs="+", dest="imports", help="import files of so many rows instead"
    )
    asked = parser.parse_args()
    if asked.imports:
        return _imports(asked.imports, asked.databases)
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        run = Path(folder)
        try:
            for size in asked.sizes:
                for backend in asked.databases:
                    rows += _measure(run, backend, size, asked.rounds, asked.requests)
        finally:
            postgres.stop(run)
    _write("pages", rows, vars(asked))
    return 0


def _imports(sizes: list[int], backends: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        run = Path(folder)
        try:
            rows = [importing.measure(run, backend, size) for backend in backends for size in sizes]
        finally:
            postgres.stop(run)
    _write("imports", rows, {"imports": sizes, "databases": backends})
    return 0


def _measure(
    run: Path, backend: str, size: int, rounds: int, requests: int
) -> list[dict[str, Any]]:
    folder = run / f"{backend}-{size}"
    folder.mkdir()
    if backend == "sqlite":
        url, cluster = f"sqlite:///{folder / 'shop.db'}", None
    else:
        url = databases.driver(postgres.create_from(postgres.address(run), f"bench_{size}"))
        cluster = _cluster(url)
    pages, statements = _prepare(url, folder, size)
    with _servers(url, folder) as (shop, bare):
        return _take_turns(
            shop, bare, cluster, pages, statements, (backend, size, rounds, requests)
        )


def _prepare(url: str, folder: Path, size: int) -> tuple[dict[str, str], dict[str, int]]:
    """Fill the database; the pages with their addresses, and how many statements each runs."""
    settings = {
        "TESTING": True,
        "SECRET_KEY": SECRET,
        "SQLALCHEMY_DATABASE_URI": url,
        "INSTANCE": str(folder),
    }
    app = create_app(settings | {"RATELIMIT_ENABLED": False})
    app.test_client_class = ShopClient
    with app.app_context():
        upgrade()
        catalogue.make(size)
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
        client = app.test_client()
        pages = PAGES | {"category, 50 pages deep": _deep(client)}
        found = {}
        for name, path in pages.items():
            client.set_cookie("bench", "1")
            client.get(path, headers=_headers(name))
            with recorded(db.engine) as statements:
                client.get(path, headers=_headers(name))
            found[name] = len(statements)
        db.session.remove()
        db.engine.dispose()
    return pages, found


def _deep(client: Any) -> str:
    """The address of the fiftieth page of everything, or of the last one there is."""
    path = "/en/c/all?sort=newest"
    for _ in range(49):
        page = client.get(path).get_data(as_text=True)
        more = re.search(r'id="load-more" href="([^"]+)"', page)
        if more is None:
            break
        path = more[1].replace("&amp;", "&")
    return path


@contextmanager
def _servers(url: str, folder: Path) -> Iterator[tuple[Server, Server]]:
    environ = {
        "XIAOPU_ENV": "development",
        "DATABASE_URL": url,
        "INSTANCE": str(folder),
        "SECRET_KEY": SECRET,
        "REDIS_URL": "",
    }
    shop = Server("wsgi:app", environ, folder / "shop.log")
    bare = Server("bench.bare:create_app()", {}, folder / "bare.log")
    try:
        yield shop, bare
    finally:
        shop.stop()
        bare.stop()


@dataclass
class Cost:
    """What the requests for one page have cost so far, in seconds."""

    made: float = 0.0
    kept: float = 0.0
    database: float = 0.0
    answers: list[float] = field(default_factory=list)
    again: int = 0


def _take_turns(
    shop: Server,
    bare: Server,
    cluster: psutil.Process | None,
    pages: dict[str, str],
    statements: dict[str, int],
    about: tuple[str, int, int, int],
) -> list[dict[str, Any]]:
    backend, size, rounds, requests = about
    costs = {name: Cost() for name in pages}
    bare_spent, bare_requests = 0.0, 0
    for name, path in pages.items():
        shop.get(_quoted(path), 6, _headers(name) | ANEW)
        shop.get(_quoted(path), 6, _headers(name))
    bare.get("/", 50)
    for _ in range(rounds):
        for name, path in pages.items():
            cost = costs[name]
            before, below = shop.cpu(), used(cluster) if cluster else 0.0
            cost.answers += shop.get(_quoted(path), requests, _headers(name) | ANEW)
            cost.made += shop.cpu() - before
            cost.database += used(cluster) - below if cluster else 0.0
            before = bare.cpu()
            bare.get("/", requests * 4)
            bare_spent += bare.cpu() - before
            bare_requests += requests * 4
            before = shop.cpu()
            cost.again += len(shop.get(_quoted(path), requests * 4, _headers(name)))
            cost.kept += shop.cpu() - before
    unit = 1000 * bare_spent / bare_requests
    print(f"\n{backend}, {size:,} products (bare view {unit:.2f} ms)")
    print(
        f"{'page':<26}{'SQL':>4}{'CPU ms':>8}{'PG ms':>7}{'x bare':>8}{'median':>8}{'p95 ms':>8}"
        f"{'req/s':>7}{'kept ms':>9}{'x bare':>8}"
    )
    rows = []
    for name, path in pages.items():
        cost = costs[name]
        times = sorted(cost.answers)
        row = {
            "database": backend,
            "products": size,
            "page": name,
            "statements": statements[name],
            "cpu_ms": 1000 * cost.made / len(times),
            "database_ms": 1000 * cost.database / len(times),
            "bare_ms": unit,
            "median_ms": 1000 * statistics.median(times),
            "p95_ms": 1000 * times[int(0.95 * len(times))],
            "requests_per_second": shop.rate(_quoted(path), requests, _headers(name) | ANEW),
            "kept_cpu_ms": 1000 * cost.kept / cost.again,
        }
        rows.append(
            {
                key: round(value, 2) if isinstance(value, float) else value
                for key, value in row.items()
            }
        )
        print(
            f"{name:<26}{row['statements']:>4}{row['cpu_ms']:>8.1f}{row['database_ms']:>7.1f}"
            f"{row['cpu_ms'] / unit:>8.1f}{row['median_ms']:>8.1f}{row['p95_ms']:>8.1f}"
            f"{row['requests_per_second']:>7.0f}{row['kept_cpu_ms']:>9.2f}"
            f"{row['kept_cpu_ms'] / unit:>8.1f}",
            flush=True,
        )
    return rows


def _headers(name: str) -> dict[str, str]:
    return PARTIAL if name.startswith("suggestion") else {}


def _quoted(path: str) -> str:
    return quote(path, safe="/?=&%+-._~")


def _cluster(url: str) -> psutil.Process:
    """The server that answers at ``url``."""
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        backend = psutil.Process(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
        found = backend.parent()
    engine.dispose()
    assert found is not None
    return found


def _write(kind: str, rows: list[dict[str, Any]], asked: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{kind}-{clock.now():%Y-%m-%d-%H%M}.json"
    about = {"asked": asked, "python": platform.python_version(), "cores": psutil.cpu_count()}
    path.write_text(
        json.dumps(about | {"rows": rows}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    print(f"\nWritten to {path.relative_to(Path.cwd())}")


if __name__ == "__main__":
    sys.exit(main())
