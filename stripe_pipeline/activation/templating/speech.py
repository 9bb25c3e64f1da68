"""The locale in which a message prints amounts, numbers, dates and plurals.

It is the person's, as `de-AT`, where that fits the language of the text or the text says none; else
the text's own, so that no English sentence has a German month in it.
"""

from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError

FALLBACK = "en"  # where neither the person nor the text has a language
_CACHED = 4_096


@dataclass(frozen=True)
class Speech:
    """The locale of a message, and whether the text's own language is known."""

    locale: Locale
    is_declared: bool


def locale_of(tag: str | None) -> Locale | None:
    """Return the locale of a BCP 47 tag such as `de-AT`, or of its language alone; None for none.

    Unicode's CLDR (Babel) doesn't know each region of a language.
    """
    for known in ((tag or "").replace("-", "_"), (tag or "").replace("_", "-").split("-")[0]):
        try:
            return Locale.parse(known) if known else None
        except (ValueError, UnknownLocaleError):
            continue
    return None


@lru_cache(maxsize=_CACHED)
def speech_of(person: str | None, text: str | None) -> Speech:
    """Return in what a person reads a text, from both their BCP 47 tags."""
    theirs, own = locale_of(person), locale_of(text)
    if own is None:
        return Speech(theirs or Locale.parse(FALLBACK), is_declared=False)
    if theirs is not None and theirs.language == own.language:
        return Speech(theirs, is_declared=True)
    return Speech(own, is_declared=True)


UNDECLARED = speech_of(None, None)
