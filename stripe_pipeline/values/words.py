"""Numbers in sentences, with a noun and a verb that agree with them, and lists below sentences."""

from collections.abc import Sequence

_LISTED = 20  # more would bury the first


def counted(number: int, noun: str, several: str = "") -> str:
    """Return a number with its noun: "1 rate", "1,200 rates"; `several` is an irregular plural."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


def agreeing(number: int, one: str, several: str) -> str:
    """Return the word that agrees with a number: `one` with 1, `several` with any other."""
    return one if number == 1 else several


def listed(lines: Sequence[str]) -> str:
    """Return lines to stand below a sentence, each indented: the first twenty, and how many more.

    It begins with the end of the sentence's line.
    """
    shown = "".join(f"\n  {line}" for line in lines[:_LISTED])
    more = len(lines) - _LISTED
    return f"{shown}\n  and {more:,} more" if more > 0 else shown
