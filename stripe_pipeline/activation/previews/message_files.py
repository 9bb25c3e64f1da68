"""Write one message as files, and an email as pictures, into a folder that holds nothing else."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from stripe_pipeline.activation.campaign import Campaign
from stripe_pipeline.activation.erased import PREVIEWS, previewing
from stripe_pipeline.activation.previews.pictures import take_pictures
from stripe_pipeline.activation.rendering import Message
from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import Settings

_OURS = "Written by `stripe-pipeline campaigns preview`, which empties this folder first.\n"
_MARK = "README.txt"


@dataclass(frozen=True)
class MessageFiles:
    """The files of a message; `without_pictures` says why there are none, "" where there are."""

    folder: Path
    files: list[Path]
    without_pictures: str = ""


def write_message(
    settings: Settings,
    campaign: Campaign,
    message: Message,
    output: Path | None,
    check: Callable[[], None],
) -> MessageFiles:
    """Write a message's parts, and pictures of an email, into `output` or the home's previews.

    `check` refuses when a person was erased since the message was computed. An erasure that begins
    later finds the folder of the previews and removes it.

    Raises:
        UsageError: the folder holds other files, or can't be written.
        PipelineError: `check` refuses; nothing is written.
    """
    ours = settings.home / PREVIEWS
    try:
        with previewing(settings):
            ours.mkdir(exist_ok=True)
            check()
            return _write(campaign, message, output or ours / campaign.name)
    except OSError as error:
        raise UsageError(
            f"The message can't be written to {output or ours} ({error.strerror}); name another "
            "folder with --output."
        ) from None


def _write(campaign: Campaign, message: Message, folder: Path) -> MessageFiles:
    _empty(folder)
    for part in campaign.parts:
        (folder / f"{part}.{_kind(campaign, part)}").write_text(message[part], "utf-8")
    said = ""
    if campaign.channel == "email":
        _, said = take_pictures(_page(folder, campaign, message), folder)
    files = sorted(path for path in folder.iterdir() if path.name != _MARK)
    return MessageFiles(folder, files, said)


def _empty(folder: Path) -> None:
    """Make a folder empty; one that anything else is in is refused."""
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).exists():
        raise UsageError(f"{folder} holds other files; name an empty folder with --output.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / _MARK).write_text(_OURS, encoding="utf-8")


def _kind(campaign: Campaign, part: str) -> str:
    return "html" if part == "body" and campaign.body_format == "html" else "txt"


def _page(folder: Path, campaign: Campaign, message: Message) -> Path:
    """Return the page to take pictures of: an HTML body itself, a text as mail programs show it."""
    if campaign.body_format == "html":
        return folder / "body.html"
    page = folder / "as_shown.html"
    style = "white-space:pre-wrap;font:16px sans-serif;margin:24px"
    page.write_text(f'<!doctype html><p style="{style}">{escape(message["body"])}</p>', "utf-8")
    return page
