"""The demo shop's own texts, read from the files beside this module."""

import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"
DOWNLOADS = HERE / "downloads"
STORES = ("songjian", "harrow-pine")


def read(name: str) -> dict[str, Any]:
    """One file of ``data/`` by its stem."""
    with (HERE / "data" / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def products() -> list[tuple[str, dict[str, Any]]]:
    """Every product with the slug of its store, in the order of the files."""
    return [(store, product) for store in STORES for product in read(store)["product"]]


def pictures() -> list[Path]:
    """Every picture that the texts name, each once."""
    stems: dict[str, None] = {}
    for _, product in products():
        stems.update((image["file"], None) for image in product["images"])
    stems.update((category["picture"], None) for category in read("categories")["category"])
    home = read("home")
    stems.update((home[part]["picture"], None) for part in ("hero", "desk"))
    return [PICTURES / f"{stem}.jpg" for stem in stems]
