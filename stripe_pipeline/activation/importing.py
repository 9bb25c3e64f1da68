"""Take over a template of DailyStory as a draft campaign: `campaigns import`."""

import re
from dataclasses import dataclass
from pathlib import Path

from stripe_pipeline.activation.contract import Contract
from stripe_pipeline.activation.dailystory.translate import Translation, translate
from stripe_pipeline.activation.new_campaign import Draft, write_draft
from stripe_pipeline.activation.templates import Template, TemplateError
from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import Settings
from stripe_pipeline.values.words import listed

_KINDS = {".html": True, ".htm": True, ".txt": False, ".text": False, ".hbs": None, "": None}
_IS_HTML = re.compile(r"<(?:!doctype|html|body|p|div|table|br|a|span)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Imported:
    """What was written: the files, and remarks as (line, sentence)."""

    files: list[Path]
    remarks: list[tuple[int, str]]


@dataclass(frozen=True)
class Wishes:
    """What a person says about the campaign of an imported template; None for what follows."""

    name: str | None = None
    segment: str | None = None
    subject: str | None = None
    preheader: str | None = None
    channel: str = "email"


def import_template(settings: Settings, contract: Contract, file: Path, wishes: Wishes) -> Imported:
    """Translate a template and write it as a draft campaign into the campaign folder.

    Raises:
        UsageError: the file can't be taken over; every construct that isn't is named by its line.
    """
    source, is_html = _read(file)
    contract = contract.with_fields(settings.metadata_columns)
    subject = wishes.subject or _subject(source, is_html)
    texts = {"body": source, "subject": subject, "preheader": wishes.preheader or ""}
    if wishes.channel == "sms":
        texts = {"body": source}
    translated = {part: translate(text, contract) for part, text in texts.items() if text}
    _refuse(file, translated)
    _check(file, translated, contract, is_html=is_html)
    draft = Draft(
        wishes.name or _name(file), wishes.segment, wishes.channel,
        {part: done.text for part, done in translated.items()}, is_html=is_html,
    )  # fmt: skip
    remarks = [remark for done in translated.values() for remark in done.remarks]
    return Imported(write_draft(settings, contract, draft), remarks)


def _read(file: Path) -> tuple[str, bool]:
    """Return a template's text, and whether it is HTML.

    Raises:
        UsageError: it is a design, or can't be read.
    """
    if file.suffix.lower() == ".elmz":
        raise UsageError(
            f"{file} is an email design of DailyStory, which is encrypted; open it there, copy the "
            "HTML or the plain text into a file such as message.html, and import that."
        )
    try:
        if file.stat().st_size > _MAX_BYTES:
            raise UsageError(f"{file} is larger than {_MAX_BYTES // 1_000_000} MB; no message is.")
        source = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it isn't UTF-8 text"
        raise UsageError(
            f"The template {file} can't be read ({reason}); name an HTML or text file."
        ) from None
    if not source.strip():
        raise UsageError(f"The template {file} is empty; there is nothing to import.")
    by_name = _KINDS.get(file.suffix.lower())
    return source, bool(_IS_HTML.search(source)) if by_name is None else by_name


def _subject(source: str, is_html: bool) -> str:
    found = _TITLE.search(source) if is_html else None
    return " ".join(found[1].split()) if found and found[1].strip() else "Write the subject here"


def _name(file: Path) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", file.stem.lower()).strip("_")
    if not name:
        raise UsageError(f"{file} gives no name for the campaign; add `--name spring`.")
    return name


def _refuse(file: Path, translated: dict[str, Translation]) -> None:
    """Refuse what isn't translated, all at once.

    Raises:
        UsageError: something isn't.
    """
    said = [
        f"{_place(file, part, line)}: {sentence}"
        for part, done in translated.items()
        for line, sentence in sorted(done.refused)
    ]
    if said:
        raise _refusal(file, said)


def _check(
    file: Path, translated: dict[str, Translation], contract: Contract, *, is_html: bool
) -> None:
    """Check the translation as a campaign's templates are.

    Raises:
        UsageError: something in it can't be used.
    """
    said = []
    for part, done in translated.items():
        try:
            Template(done.text, is_html and part == "body").check(contract)
        except TemplateError as error:
            for each in (error, *error.others):
                line = 1 + done.text.count("\n", 0, each.position or 0)
                said.append(f"{_place(file, part, line)}: {each.message}")
    if said:
        raise _refusal(file, said)


def _place(file: Path, part: str, line: int) -> str:
    return f"{file}, line {line}" if part == "body" else f"the {part}"


def _refusal(file: Path, said: list[str]) -> UsageError:
    if len(said) == 1:
        return UsageError(f"Nothing was imported. {said[0][0].upper()}{said[0][1:]}")
    heading = f"Nothing was imported, as {len(said):,} things of {file.name} aren't taken over:"
    return UsageError(heading + listed(said))
