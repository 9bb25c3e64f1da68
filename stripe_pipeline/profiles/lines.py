"""Print lines where tables don't fit: indented, wrapped, without trailing blanks."""

from rich.console import Console
from rich.text import Text

_WIDE = 110
_INDENT = "  "


def is_wide(console: Console) -> bool:
    """Return whether to print tables: only on a terminal that is wide enough."""
    return console.width >= _WIDE


def print_below(console: Console, text: str) -> None:
    """Print a text indented, below what it belongs to."""
    for line in Text(text).wrap(console, console.width - len(_INDENT)):
        console.print(_INDENT + line.plain.rstrip(), markup=False, soft_wrap=True)
