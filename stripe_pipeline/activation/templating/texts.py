"""Text filters: python-liquid's own, with their arguments converted to texts first.

By themselves they print a null as None, true as True and a list in Python's notation.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from liquid.builtin.expressions import is_empty
from liquid.builtin.filters import extra, string
from liquid.undefined import Undefined
from markupsafe import Markup

from stripe_pipeline.activation.templating.kinds import as_text, kind_of, refusal
from stripe_pipeline.activation.templating.limits import MAX_TEXT
from stripe_pipeline.activation.templating.numbers import number

Function = Callable[..., Any]


def _of_text(function: Function) -> Function:
    """Wrap a filter so that it gets its value, and all arguments but whole numbers, as text."""

    @wraps(function)  # with python-liquid's marks, such as with_environment
    def apply(value: object, *arguments: object, **options: Any) -> object:
        return function(as_text(value), *map(_argument, arguments), **options)

    return apply


def _argument(value: object) -> object:
    return value if isinstance(value, int) and not isinstance(value, bool) else as_text(value)


def _replacing(function: Function) -> Function:
    """Wrap a replacing filter: refuse a result that would be too long before it is computed."""

    @wraps(function)
    def apply(value: object, old: object, new: object = "") -> object:
        text, old, new = as_text(value), as_text(old), as_text(new)
        if text.count(old) * len(new) > MAX_TEXT:
            raise refusal("a text grows too long")
        return function(text, old, new)

    return apply


def _replace_last(value: object, old: object, new: object) -> str:
    """Replace the last occurrence; python-liquid's own misses one at the start of a text."""
    text, sought = as_text(value), as_text(old)
    place = text.rfind(sought)
    return text if place < 0 else text[:place] + as_text(new) + text[place + len(sought) :]


def _remove_last(value: object, old: object) -> str:
    return _replace_last(value, old, "")


def _split(value: object, separator: object) -> object:
    """Split a text into a list; refuse a list or map."""
    if isinstance(value, (list, tuple, range, Mapping)):
        raise refusal(f"split takes a text, not {kind_of(value)}")
    return string.split(as_text(value), as_text(separator))


def _truncatewords(value: object, words: object = 15, end: object = "...") -> str:
    """Keep the first words; python-liquid's own filter adds `end` even where none is cut."""
    text, most = as_text(value), number(words, "truncatewords")
    if not isinstance(most, int):
        raise refusal("truncatewords takes a whole number of words")
    found = text.split()
    return text if len(found) <= max(most, 1) else " ".join(found[: max(most, 1)]) + as_text(end)


def _slice(value: object, start: object, length: object = 1) -> object:
    """Return a slice of a list or of a text."""
    if isinstance(value, Mapping):
        raise refusal("slice takes a text or a list, not a map")
    is_list = isinstance(value, (list, tuple, range))
    return string.slice_(list(value) if is_list else as_text(value), start, length)  # type: ignore[call-overload]


def _strip_newlines(value: object) -> str:
    """Remove line breaks, without marking an unescaped text as safe."""
    text = as_text(value)
    stripped = text.replace("\r\n", "").replace("\n", "")
    return Markup(stripped) if isinstance(text, Markup) else stripped


def _size(value: object) -> int:
    """Count the characters of a text or the items of a list or map; 0 for a null."""
    if value is None:
        return 0
    if isinstance(value, (str, list, tuple, range, Mapping)):
        return len(value)
    raise refusal(f"size takes a text, a list or a map, not {kind_of(value)}")


def _default(value: object, instead: object = "", *, allow_false: bool = False) -> object:
    """Return a value, or `instead` where it is a null, false, empty, or isn't there."""
    if isinstance(value, Undefined) or value is None:
        return instead
    if value is False:
        return value if allow_false else instead
    return instead if is_empty(value) or value == () else value


FILTERS: dict[str, Function] = {
    "append": _of_text(string.append),
    "base64_decode": _of_text(string.base64_decode),
    "base64_encode": _of_text(string.base64_encode),
    "base64_url_safe_decode": _of_text(string.base64_url_safe_decode),
    "base64_url_safe_encode": _of_text(string.base64_url_safe_encode),
    "capitalize": _of_text(string.capitalize),
    "default": _default,
    "downcase": _of_text(string.downcase),
    "escape": _of_text(string.escape),
    "escape_once": _of_text(string.escape_once),
    "escapejs": _of_text(extra.escapejs),
    "lstrip": _of_text(string.lstrip),
    "newline_to_br": _of_text(string.newline_to_br),
    "prepend": _of_text(string.prepend),
    "remove": _of_text(string.remove),
    "remove_first": _of_text(string.remove_first),
    "remove_last": _remove_last,
    "replace": _replacing(string.replace),
    "replace_first": _of_text(string.replace_first),
    "replace_last": _replace_last,
    "rstrip": _of_text(string.rstrip),
    "safe": _of_text(extra.safe),
    "size": _size,
    "slice": _slice,
    "split": _split,
    "squish": _of_text(string.squish),
    "strip": _of_text(string.strip),
    "strip_html": _of_text(string.strip_html),
    "strip_newlines": _strip_newlines,
    "truncate": _of_text(string.truncate),
    "truncatewords": _truncatewords,
    "upcase": _of_text(string.upcase),
    "url_decode": _of_text(string.url_decode),
    "url_encode": _of_text(string.url_encode),
}
