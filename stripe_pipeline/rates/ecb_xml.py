"""Parse the European Central Bank's XML: `<Cube time=...><Cube currency=... rate=.../>`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from stripe_pipeline.errors import UsageError

Quote = tuple[int, str, str, str]


def xml_quotes(path: Path, text: str) -> Iterator[Quote]:
    """Yield line, day, currency and rate of each quote, as texts.

    Raises:
        UsageError: it is no XML, or declares a document type. The bank's files have none, and
            entities declared in one could fill the memory or read other files.
    """
    found: list[Quote] = []
    parser = expat.ParserCreate()
    day = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal day
        if name != "Cube":
            return
        day = attributes.get("time", day)
        if "currency" in attributes:
            rate = attributes.get("rate", "")
            found.append((parser.CurrentLineNumber, day, attributes["currency"], rate))

    def refuse(*_: Any) -> None:
        raise UsageError(f"{path} declares a document type, which no file of the bank's does.")

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise UsageError(
            f"Line {error.lineno} of {path} is no XML; download the file again."
        ) from None
    return iter(found)
