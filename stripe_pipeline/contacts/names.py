"""Split Stripe's one name field into first and last name.

Stripe has one free-text `name` ("full name or business name"). What can't be read with confidence
is None: a wrong first name in a greeting is worse than none. Each part keeps its own spelling.
"""

import re
import unicodedata
from functools import lru_cache

from nameparser import HumanName
from nameparser.config import CONSTANTS

from stripe_pipeline.contacts.companies import BRACKETS, is_business
from stripe_pipeline.contacts.east_asian_names import (
    UNKNOWN,
    Split,
    is_east_asian,
    split_latin,
    split_script,
)
from stripe_pipeline.contacts.placeholders import is_placeholder, is_role, is_unknown

# Enough for the vectors that DuckDB processes at a time: each name is looked up twice.
CACHED_NAMES = 16384

_JOINERS = "\u200c\u200d"
# Between two people, but not inside a surname: von und zu.
_BETWEEN_PEOPLE = frozenset({"and", "und", "et", "och", "og", "en"})
_GENERATION = re.compile("[IVX]{2,}")
_SIGNS_IN_NAMES = re.compile("[-'\u2019]")
_PARTICLES = frozenset(CONSTANTS.prefixes)
_TITLES = frozenset(CONSTANTS.titles)
_NO_NAMES = frozenset().union(
    CONSTANTS.titles,
    CONSTANTS.prefixes,
    CONSTANTS.conjunctions,
    CONSTANTS.suffix_acronyms,
    CONSTANTS.suffix_not_acronyms,
    CONSTANTS.first_name_titles,
)
_PATRONYMIC = re.compile(r"\w{3,}(вич|вна|ична|ьич|кызы|оглы)")


def first_name(name: str | None, business: str | None, individual: str | None) -> str | None:
    """Return the first name of the person whom Stripe's name fields name, or None.

    `name` is the one field that every customer has; `business` and `individual` are Stripe's
    `business_name` and `individual_name`, given only where they were asked for.
    """
    return _split(name, business, individual)[0]


def last_name(name: str | None, business: str | None, individual: str | None) -> str | None:
    """Return the last name of the person whom Stripe's name fields name, or None."""
    return _split(name, business, individual)[1]


@lru_cache(CACHED_NAMES)
def _split(name: str | None, business: str | None, individual: str | None) -> Split:
    """Return first and last name; a business has neither, its name stays whole."""
    person = _clean(individual)
    if not person:
        person = _clean(name)
        if person == _clean(business) or is_business(person):
            return UNKNOWN
    person = " ".join(BRACKETS.sub(" ", person).split())
    if any(is_role(word) for word in person.split()):
        return UNKNOWN
    if is_east_asian(person):
        return _without_placeholders(*split_script(person))
    return _without_placeholders(*_split_words(person.split()))


def _without_placeholders(first: str | None, last: str | None) -> Split:
    """Drop a placeholder as first name, and beside it a letter or a placeholder as last name."""
    words = (last or "").split()
    if words and (is_unknown(last or "") or not any(map(str.isalpha, last or ""))):
        last = None
    if first is not None and not is_placeholder(first):
        return first, last
    is_name = last is not None and not all(is_placeholder(word) for word in words)
    return None, last if is_name else None


def _clean(text: str | None) -> str:
    """Return the text in NFC without control characters, emoji and symbols, its blanks single."""
    if not text:
        return ""
    composed = unicodedata.normalize("NFC", text)
    if composed.isascii() and composed.isprintable():
        return " ".join(composed.split())
    visible = (" " if _is_blank(composed, place) else char for place, char in enumerate(composed))
    return " ".join("".join(visible).split())


def _is_blank(text: str, place: int) -> bool:
    char = text[place]
    if char in _JOINERS:
        # Part of the spelling between letters of some scripts; in emoji they only glue.
        return not (_is_letter(text[place - 1 : place]) and _is_letter(text[place + 1 : place + 2]))
    # Selectors of a variant count as marks; only emoji have them here.
    return unicodedata.category(char) in {"Cc", "Cf", "Cn", "Co", "Cs", "So", "Sk"} or (
        "\ufe00" <= char <= "\ufe0f"
    )


def _is_letter(char: str) -> bool:
    return bool(char) and unicodedata.category(char)[0] in "LM"


def _split_words(words: list[str]) -> Split:
    """Split a name in a script that separates words by blanks into first and last name."""
    if not any(char.isalpha() for char in "".join(words)):
        return UNKNOWN
    if all(is_placeholder(word) for word in words):
        return UNKNOWN
    if len(words) == 1:
        return _without_initials(words[0], None)
    if _is_couple(words):
        return UNKNOWN
    named = _after_titles(words)
    if named[0].islower() and named[0] in _PARTICLES and "," not in "".join(words):
        # "van der Berg": a surname alone; no one is greeted as "van".
        return None, " ".join(named)
    return _in_order(words)


def _after_titles(words: list[str]) -> list[str]:
    """Return the words without leading titles, but always the last word."""
    names = (place for place, word in enumerate(words) if not _is_title(word))
    return words[min(next(names, len(words)), len(words) - 1) :]


def _is_title(word: str) -> bool:
    return word.lower().rstrip(".") in _TITLES


def _in_order(words: list[str]) -> Split:
    if found := split_latin(words):
        return found
    is_plain = all(_is_plain(word) for word in words)
    if is_plain and len(words) == 3 and _PATRONYMIC.fullmatch(words[2].lower()):
        # Иванов Иван Иванович: a patronymic follows the first name.
        return words[1], words[0]
    if is_plain:
        return words[0], words[-1]
    return _around_particles(words) or _parsed(words)


def _around_particles(words: list[str]) -> Split | None:
    """Split plain words with particles among them, Ludwig van Beethoven; None for other names."""
    particles = [place for place, word in enumerate(words) if word in _PARTICLES]
    if not particles or particles[-1] == len(words) - 1 or not _is_plain(words[0]):
        return None
    if all(_is_plain(word) for word in words if word not in _PARTICLES):
        return words[0], " ".join(words[particles[0] :])
    return None


def _parsed(words: list[str]) -> Split:
    parsed = HumanName(" ".join(words))
    # A word with a dot is an abbreviation: an unknown title (h.c.), or initials.
    return _without_initials(None if "." in parsed.first else parsed.first, parsed.last)


def _without_initials(first: str | None, last: str | None) -> Split:
    """Drop a first name of a single letter: "J. Doe" has no first name."""
    return _unless_initial(first), _unless_initial(last)


def _unless_initial(part: str | None) -> str | None:
    return part if part and len(re.sub(r"[\W_]", "", part)) > 1 else None


def _is_couple(words: list[str]) -> bool:
    """Return whether two people share the name: Anna and Tom Meyer, but not Mr. and Mrs. Smith."""
    return any(
        word in _BETWEEN_PEOPLE
        and words[place - 1].lower() not in _PARTICLES
        and not _is_title(words[place - 1])
        for place, word in enumerate(words)
        if place
    )


def _is_plain(word: str) -> bool:
    """Return whether a word can only be a first or last name: no title, particle or initial."""
    return (
        len(word) > 1
        and word.lower() not in _NO_NAMES
        and not _GENERATION.fullmatch(word)
        and _SIGNS_IN_NAMES.sub("", word).isalpha()
    )
