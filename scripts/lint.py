"""All that is checked without running the shop; every finding at once, nothing when all is well."""

import concurrent.futures
import subprocess
import sys
import time
from pathlib import Path

CODE = ["shop", "config.py", "wsgi.py", "migrations", "scripts", "tests", "bench"]
ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run the checks two at a time; 1 when one of them found something."""
    code = [name for name in CODE if (ROOT / name).exists()]
    python = [sys.executable, "-m"]
    checks = {
        "types (mypy)": [*python, "mypy", "--no-error-summary"],
        "style (ruff)": [*python, "ruff", "check", "--quiet", *code],
        "form (ruff format)": [
            *python,
            "ruff",
            "format",
            "--check",
            "--output-format=concise",
            *code,
        ],
        "layers (import-linter)": [str(Path(sys.executable).with_name("lint-imports"))],
        "templates (djlint)": [*python, "djlint", "--lint", "--quiet", "templates"],
        "htmx 4 (upgrade-check)": [
            sys.executable,
            "tests/vendor/upgrade-check.py",
            "--no-color",
            "templates",
            "static/js",
        ],
    }
    failed = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        runs = {pool.submit(_run, argv): name for name, argv in checks.items()}
        for run in concurrent.futures.as_completed(runs):
            status, output, seconds = run.result()
            print(
                f"{'ok' if status == 0 else 'NOT OK':>6}  {runs[run]}  {seconds:.1f} s", flush=True
            )
            if status:
                failed.append(runs[run])
                print(output, flush=True)
    if failed:
        print("Found something: " + ", ".join(failed) + ".", file=sys.stderr)
    return bool(failed)


def _run(argv: list[str]) -> tuple[int, str, float]:
    began = time.monotonic()
    done = subprocess.run(
        argv,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout, time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
