"""`make bench BENCH="--import 10000 100000"`: how fast a catalogue comes in, and what memory it takes.

Each size is a Shopify file of three variants and three pictures a product, imported by the command that
merchants' operators run, into an empty shop. Memory is the peak of that process: it must not grow with
the file.
"""

import csv
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from flask_migrate import upgrade

from shop.app import create_app
from shop.core.db import db
from shop.core.transaction import transaction
from shop.store import services as stores
from tests.support import databases, postgres

ROOT = Path(__file__).resolve().parents[1]
SIZES = ("S", "M", "L")
HEADINGS = [
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Type",
    "Tags",
    "Published",
    "Option1 Name",
    "Option1 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Tracker",
    "Variant Inventory Qty",
    "Variant Price",
    "Variant Compare At Price",
    "Variant Requires Shipping",
    "Image Src",
    "Image Position",
    "Image Alt Text",
    "Status",
]


def write(path: Path, rows: int) -> None:
    """A product file of so many rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEADINGS)
        for number in range(rows):
            product, place = divmod(number, len(SIZES))
            about = (
                f"Celadon cup {product}",
                f"<p>Thrown in <b>Longquan</b>, number {product}. Keeps tea warm for long.</p>",
                f"House {product % 50}",
                "Teaware",
                "tea, cup, celadon",
                "TRUE",
                "Size",
            )
            size, price = SIZES[place], product % 90 + 10
            table.writerow(
                [
                    f"cup-{product}",
                    *(about if place == 0 else [""] * len(about)),
                    *(size, f"CUP-{product}-{size}", 250, "shopify", 12),
                    *(f"{price}.00", f"{price + 10}.00", "TRUE"),
                    *(f"https://pictures.example/{product}-{place}.jpg", place + 1, "A cup"),
                    "active" if place == 0 else "",
                ]
            )


def measure(run: Path, backend: str, rows: int) -> dict[str, Any]:
    """Import a file of so many rows into an empty shop."""
    folder = run / f"import-{backend}-{rows}"
    folder.mkdir()
    if backend == "sqlite":
        url = f"sqlite:///{folder / 'shop.db'}"
    else:
        url = databases.driver(postgres.create_from(postgres.address(run), f"import_{rows}"))
    environ = {
        "XIAOPU_ENV": "development",
        "SECRET_KEY": "bench-only-" + "x" * 40,
        "DATABASE_URL": url,
        "INSTANCE": str(folder),
        "REDIS_URL": "",
    }
    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "INSTANCE": str(folder)})
    with app.app_context():
        upgrade()
        with transaction():
            stores.create("bench", {"en": "Bench"})
        db.session.remove()
        db.engine.dispose()
    file = folder / "goods.csv"
    write(file, rows)
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "catalog", "import", str(file)]
    began = time.perf_counter()
    with (folder / "import.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--store", "bench"],
            cwd=ROOT,
            env=os.environ | environ,
            stdout=log,
            stderr=log,
        )
        _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    said = (folder / "import.log").read_text(encoding="utf-8")
    if status or "refused 0" not in said:
        raise RuntimeError(f"The import failed: {said[-500:]}")
    row = {
        "database": backend,
        "rows": rows,
        "seconds": round(seconds, 1),
        "rows_per_second": round(rows / seconds, 1),
        "peak_mb": round(used.ru_maxrss / 1024, 1),
        "file_mb": round(file.stat().st_size / 1024 / 1024, 1),
    }
    print(
        f"{backend:<12}{rows:>8,} rows ({row['file_mb']} MB){row['seconds']:>8.1f} s"
        f"{row['rows_per_second']:>8.0f} rows/s   peak {row['peak_mb']:.0f} MB",
        flush=True,
    )
    return row
