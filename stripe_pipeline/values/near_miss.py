"""Suggest the known word that an unknown one was probably meant as."""

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return " (did you mean X?)" for the nearest known word, or nothing if none is near.

    Case is ignored; `cutoff` is the least similarity of two words, from 0 to 1.
    """
    by_capitals = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(word.casefold(), by_capitals, n=1, cutoff=cutoff)
    return f" (did you mean {by_capitals[near[0]]}?)" if near else ""
