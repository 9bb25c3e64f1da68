"""CSV cells that a spreadsheet can't take for a formula."""

import re

# OWASP's list, with the full-width forms that some spreadsheets take for the plain ones.
_TRIGGERS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_FORMULA = re.compile(f"'*[{_TRIGGERS}]")
_NEUTRALISED = re.compile(f"''*[{_TRIGGERS}]")
# A phone number begins with + and can't hold a formula; with an apostrophe nobody could dial it.
_PHONE = re.compile(r"\+[0-9]{7,15}")


def neutralise(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would compute; `restore` takes it away."""
    if _FORMULA.match(cell) and not _PHONE.fullmatch(cell):
        return "'" + cell
    return cell


def restore(cell: str) -> str:
    """The text that `neutralise` was given."""
    return cell[1:] if _NEUTRALISED.match(cell) else cell
