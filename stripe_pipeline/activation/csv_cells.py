"""Neutralise CSV cells against formula injection, whatever separator a spreadsheet reads them with.

A spreadsheet that takes semicolons or tabs for separators cuts a cell of this CSV in pieces, and
looks at the beginning of each piece. So an apostrophe is put before a character that begins a
formula wherever a piece may begin, also behind blanks, invisible characters and quotes.
"""

import re

# OWASP's list, with the full-width forms that some spreadsheets take for the plain ones.
_TRIGGERS = r"=+\-@\t\uff1d\uff0b\uff0d\uff20"
_SEPARATORS = r";\n\r\t"
# Blanks, controls and invisible characters (Unicode Z, Cc, Cf), some letters that show nothing, and
# quotes: what a spreadsheet may pass over.
_PASSED_OVER = (
    r"\x00-\x08\x0b\x0c\x0e-\x20\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    r"\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u206f\u3000\ufeff\ufff9-\ufffb"
    r"\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0001\U000e0020-\U000e007f"
    r"\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    r"\U000e0100-\U000e01ef"
    '"'
)
_BEGINNING = rf"(^|[{_SEPARATORS}])([{_PASSED_OVER}]*)('*)"
# Line breaks, which OWASP names too, count at the very beginning only.
_FIRST = "(^)()('*)"
_RISKY = re.compile(rf"{_FIRST}(?=[\n\r])|{_BEGINNING}(?=[{_TRIGGERS}])")
_NEUTRALISED = re.compile(rf"{_FIRST}'(?=[\n\r])|{_BEGINNING}'(?=[{_TRIGGERS}])")


def neutralise(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would compute; `restore` removes it."""
    return _RISKY.sub(r"\1\2\3\4\5\6'", cell)


def restore(cell: str) -> str:
    """Return the text that `neutralise` was given."""
    return _NEUTRALISED.sub(r"\1\2\3\4\5\6", cell)


def is_unsafe(address: str) -> bool:
    """Return whether a spreadsheet would compute an address, which can't be changed."""
    return _RISKY.search(address) is not None
