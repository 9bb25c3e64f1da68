"""Lines for where tables don't fit: indented, wrapped, without blanks at their ends."""

from rich.console import Console
from rich.text import Text

_WIDE = 110
_INDENT = "  "


def is_wide(console: Console) -> bool:
    """Whether tables are printed: only on a terminal that has room for them."""
    return console.width >= _WIDE


def print_below(console: Console, text: str) -> None:
    """Print a text below what it belongs to."""
    for line in Text(text).wrap(console, console.width - len(_INDENT)):
        console.print(_INDENT + line.plain.rstrip(), markup=False, soft_wrap=True)
