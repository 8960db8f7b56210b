"""Transition tables: the moves a state may make, and nothing else."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from shop.core.errors import IllegalTransition

S = TypeVar("S", bound=StrEnum)


class Machine(Generic[S]):
    """A state machine over an enum; every move not listed is refused."""

    def __init__(self, name: str, moves: Mapping[S, frozenset[S]]) -> None:
        self.name = name
        self.moves = moves

    def allows(self, old: S, new: S) -> bool:
        """Whether ``old`` may become ``new``."""
        return new in self.moves.get(old, frozenset())

    def check(self, old: S, new: S) -> None:
        """Raise ``IllegalTransition`` unless ``old`` may become ``new``."""
        if not self.allows(old, new):
            raise IllegalTransition(machine=self.name, old=str(old), new=str(new))

    def sources(self, new: S) -> list[S]:
        """Every state that may become ``new``: for the WHERE of a guarded update."""
        return [old for old, targets in self.moves.items() if new in targets]
