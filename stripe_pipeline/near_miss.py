"""What was probably meant by a word that isn't one of those that are known."""

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return " (did you mean X?)" for the nearest known word, or nothing if none is near.

    Capitals don't count; `cutoff` is how alike two words have to be, from 0 to 1.
    """
    by_capitals = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(word.casefold(), by_capitals, n=1, cutoff=cutoff)
    return f" (did you mean {by_capitals[near[0]]}?)" if near else ""
