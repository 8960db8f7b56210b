"""The small env-file through which the shop learns the sandbox's address, ids and key files."""

import os
from collections.abc import Mapping
from pathlib import Path


def read_env_file(path: Path) -> dict[str, str]:
    """Read ``NAME=value`` lines; a value may stand in double quotes; ``#`` starts a comment line."""
    values: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, sign, value = line.partition("=")
        if not sign or line.lstrip().startswith("#"):
            continue
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] == '"':
            value = value[1:-1]
        values[name.strip()] = value
    return values


def write_env_file(path: Path, values: Mapping[str, str]) -> None:
    """Replace the file in one step, readable by its owner only."""
    lines = ["# Made by `python -m shop.sandbox keys`. Local and worthless outside this machine."]
    for name, value in values.items():
        quoted = f'"{value}"' if any(mark in value for mark in " #'") else value
        lines.append(f"{name}={quoted}")
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    draft.replace(path)
