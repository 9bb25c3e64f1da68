"""Convert a customer's language, as an app wrote it, to a BCP 47 tag."""

from functools import lru_cache

import langcodes
from langcodes.tag_parser import LanguageTagError

CACHED_TAGS = 1_024
# "Undetermined" is a tag, and says nothing.
_UNDETERMINED = "und"


@lru_cache(CACHED_TAGS)
def language_tag(text: str | None) -> str | None:
    """Return the BCP 47 tag of a locale ("en-US" for "en_us"), or None for what is none.

    POSIX's encoding and modifier (`de_DE.UTF-8@euro`) are left out; words are no tags.
    """
    written = (text or "").strip().partition(".")[0].partition("@")[0]
    try:
        tag = langcodes.standardize_tag(written)
    except LanguageTagError:
        return None
    is_known = langcodes.tag_is_valid(tag) and not tag.startswith(_UNDETERMINED)
    return tag if is_known else None
