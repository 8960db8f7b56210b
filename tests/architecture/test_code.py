"""Rules of the house that no linter knows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "shop"
LONGEST = 300


def sources(*, without: tuple[str, ...] = ()) -> Iterator[Path]:
    for path in sorted(SHOP.rglob("*.py")):
        if path.relative_to(SHOP).parts[0] not in without:
            yield path


def calls(path: Path, method: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == method
        ):
            yield node


def test_one_place_commits():
    # The sandbox keeps a SQLite file of its own and knows nothing of the shop's database.
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sources(without=("sandbox", "run"))
        if path != SHOP / "core" / "transaction.py"
        for call in calls(path, "commit")
        if ast.unparse(call.func) != "savepoint.commit"  # what is released there is not yet kept
    ]
    assert found == []


def test_browsers_wait_for_an_address_in_one_way():
    # Playwright's own wait may miss a page that changes its address while it loads (support/arriving.py).
    found = [
        f"{path.name}:{call.lineno}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for call in calls(path, "wait_for_url")
    ]
    assert found == []


def test_services_begin_no_transaction():
    """The edge owns the transactions: a domain package never opens one.

    But for one: a payment attempt is several (intent, then the provider, then its answer), and the
    web and the jobs must cut it in the same places.
    """
    attempts = SHOP / "payment" / "flows.py"
    edges = ("web", "cli", "jobs", "demo", "sandbox", "run", "core", "app.py", "subscriptions.py")
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources(without=edges)
        if path != attempts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.With)
        for item in node.items
        if isinstance(item.context_expr, ast.Call)
        and ast.unparse(item.context_expr.func).endswith("transaction")
    ]
    assert found == []


def test_a_flush_says_why():
    found = []
    for path in sources(without=("sandbox", "run")):
        lines = path.read_text().splitlines()
        for call in calls(path, "flush"):
            if not ast.unparse(call.func).endswith("session.flush"):
                continue
            near = lines[max(call.lineno - 3, 0) : call.end_lineno]
            if not any("#" in line for line in near):
                found.append(f"{path.relative_to(ROOT)}:{call.lineno}")
    assert found == []


def test_no_file_is_too_long():
    found = {}
    for path in sources():
        length = len(path.read_text().splitlines())
        if length > LONGEST:
            found[str(path.relative_to(ROOT))] = length
    assert found == {}


def test_packages_say_what_they_are_and_nothing_else():
    found = []
    for path in sources():
        if path.name == "__init__.py":
            body = ast.parse(path.read_text()).body
            if len(body) != 1 or ast.get_docstring(ast.parse(path.read_text())) is None:
                found.append(str(path.relative_to(ROOT)))
    assert found == []


def test_no_module_is_called_utils():
    names = {"utils", "util", "helpers", "common", "misc"}
    assert [str(path) for path in sources() if path.stem in names] == []


@pytest.mark.parametrize("package", ("account", "cart", "catalog", "order", "payment", "store"))
def test_domains_word_nothing(package):
    """Errors leave a domain as codes; the edge puts them into words."""
    texts = re.compile(r"\b(?:lazy_)?n?gettext\(|(?<![\w.])_\(")
    found = [
        str(path.relative_to(ROOT))
        for path in (SHOP / package).rglob("*.py")
        if texts.search(path.read_text())
    ]
    assert found == []


def test_excuses_give_their_reason():
    """`# noqa` and `# type: ignore` stand beside a reason."""
    bare = re.compile(r"#\s*(?:noqa(?::\s*[\w, ]+?)?|type:\s*ignore(?:\[[\w, -]+\])?)\s*$")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if bare.search(line)
    ]
    assert found == []


def test_nothing_is_left_for_later():
    words = re.compile(r"\b(TODO|FIXME|XXX|NotImplemented(?:Error)?|coming soon)\b", re.IGNORECASE)
    files = [
        *sources(),
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "templates").rglob("*.txt"),
    ]
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if words.search(line)
    ]
    assert found == []
