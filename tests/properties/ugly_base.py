"""What makes up ugly merchants: one source of choices, and the objects made so far."""

from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from ..oracle.objects import Body
from .ugly_values import AMOUNTS, Calendar

T = TypeVar("T")


@dataclass
class Maker:
    """Makes objects up; `bodies` is in the order in which a sync would see them."""

    random: Random
    prefix: str
    calendar: Calendar
    currencies: tuple[str, ...]
    bodies: list[Body] = field(default_factory=list)
    _count: int = 0

    def pick(self, *options: T) -> T:
        """One of these."""
        return self.random.choice(options)

    def chance(self, percent: int) -> bool:
        """True that often."""
        return self.random.randrange(100) < percent

    def key(self, kind: str) -> str:
        """A new id; its letter makes ids sort otherwise than they were made."""
        self._count += 1
        return f"{kind}_{self.pick('a', 'B', 'z', '0')}{self.prefix}x{self._count}"

    def moment(self) -> int:
        """One of few moments, so that ties and boundaries are common."""
        return self.pick(*self.calendar.moments)

    def amount(self) -> int:
        """A positive amount, tiny to huge."""
        return self.pick(*AMOUNTS)

    def add(self, body: Body) -> Body:
        """Add an object, some of them twice, as overlapping syncs would."""
        self.bodies.append(body)
        if self.chance(5):
            self.bodies.append(dict(body))
        return body
