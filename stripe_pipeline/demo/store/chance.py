"""A seeded random source: a seed gives the same names, ids and dates on every machine."""

import random
import string
from collections.abc import Sequence
from typing import TypeVar

Choice = TypeVar("Choice")

ALPHABET = (string.digits + string.ascii_letters).encode()
# Turns any byte into a letter or digit.
LETTERS = bytes(ALPHABET[byte % len(ALPHABET)] for byte in range(256))
DAY = 86_400
HOUR = 3_600


class Chance(random.Random):
    """A random source with the draws that a merchant's data needs."""

    def identifier(self, prefix: str, length: int = 24) -> str:
        """Return an id like Stripe's: a prefix and random letters and digits."""
        return f"{prefix}_{self.randbytes(length).translate(LETTERS).decode()}"

    def happens(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.random() < probability

    def one_of(self, weights: dict[Choice, float]) -> Choice:
        """Return one of the keys, with a probability proportional to its weight."""
        return self.choices(list(weights), list(weights.values()))[0]

    def between(self, earliest: int, latest: int) -> int:
        """Return a second from `earliest` to `latest`, or `earliest` when that is the later one."""
        return self.randint(earliest, max(earliest, latest))

    def pick(self, options: Sequence[Choice]) -> Choice:
        """Return one of the options, all equally likely."""
        return options[self.randrange(len(options))]
