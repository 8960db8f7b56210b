"""What an import did, for the screen and for a file."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from shop.catalog.imports.problems import Problem
from shop.catalog.imports.saving import Outcome


@dataclass(slots=True)
class Report:
    """Counts and problems of one run."""

    file: str
    store: str
    dry_run: bool
    encoding: str
    rows: int = 0
    rows_refused: int = 0
    refused: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    stock_set: int = 0
    pictures: int = 0
    seconds: float = 0.0
    problems: list[Problem] = field(default_factory=list)

    def note(self, problems: list[Problem]) -> None:
        """Keep what was said about a product."""
        self.problems.extend(problems)

    def count(self, outcome: Outcome, was: str = "") -> None:
        """Count a product. One that is given again counts once: with what became of it before, ``was``,
        unless only this time something was changed."""
        if not was:
            self.outcomes[outcome] += 1
        elif was == Outcome.UNCHANGED and outcome is not Outcome.UNCHANGED:
            self.outcomes[Outcome.UNCHANGED] -= 1
            self.outcomes[outcome] += 1

    def refuse(self, rows: int) -> None:
        """Count a product that was left out, with its rows."""
        self.refused += 1
        self.rows_refused += rows

    def as_json(self) -> dict[str, Any]:
        """The report as it is written to a file."""
        return {
            "file": self.file,
            "store": self.store,
            "dry_run": self.dry_run,
            "encoding": self.encoding,
            "rows": self.rows,
            "rows_refused": self.rows_refused,
            "products": {
                **{outcome.value: self.outcomes[outcome] for outcome in Outcome},
                "refused": self.refused,
            },
            "stock_set": self.stock_set,
            "pictures": self.pictures,
            "seconds": round(self.seconds, 2),
            "problems": [
                {**asdict(problem), "sentence": problem.sentence()} for problem in self.problems
            ],
        }

    def write(self, path: Path) -> None:
        """Write the report as JSON. Raises ``OSError``."""
        path.write_text(json.dumps(self.as_json(), ensure_ascii=False, indent=1) + "\n", "utf-8")

    def summary(self) -> str:
        """The run in one or two sentences."""
        made, changed, same = (self.outcomes[outcome] for outcome in Outcome)
        verb = "Would be" if self.dry_run else "Products"
        text = (
            f"{self.rows} rows. {verb} created {made}, updated {changed}, unchanged {same}, "
            f"refused {self.refused}. Stock set for {self.stock_set} variants."
        )
        if self.pictures:
            text += f" Pictures taken from the folder: {self.pictures}."
        return f"{text} {self.seconds:.1f} s."
