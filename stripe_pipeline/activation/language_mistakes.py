"""What is wrong with a campaign's languages: a tag that is none, a text that one of them lacks."""

from collections.abc import Iterator

from stripe_pipeline.activation.campaign_files import Text
from stripe_pipeline.activation.templating.speech import locale_of
from stripe_pipeline.activation.wording import chosen
from stripe_pipeline.activation.yaml_places import Place


def of_language(tag: object) -> str:
    """Return what is wrong with a language's tag; "" for nothing."""
    if isinstance(tag, str) and locale_of(tag) is not None:
        return ""
    return f"{tag} is no language; a language is a tag such as en, de or de-AT, in quotes for no."


def of_languages(texts: list[Text], own: object) -> Iterator[tuple[Place, str]]:
    """Yield what languages lack, so that no German body comes under an English subject.

    One link may do for all of them. `own` is the language of the unmarked texts, where the campaign
    declares it.
    """
    by_part: dict[str, dict[str, Text]] = {}
    for text in texts:
        by_part.setdefault(text.part, {})[text.language] = text
    for part, by_language in by_part.items():
        for language, text in sorted(by_language.items()):
            for other, theirs in by_part.items():
                if other not in (part, "link") and _lacks(theirs, language, own):
                    yield (
                        text.place(0, ""),
                        f"this is the {part} for {language}, and there is no {other} for it; "
                        f"write {_file(other, language, theirs)}, or take this file away.",
                    )
        if "" not in by_language:
            text = min(by_language.values(), key=lambda one: one.language)
            yield (
                text.place(0, ""),
                f"there is no {part} for people of other languages; write "
                f"{_file(part, '', by_language)}.",
            )


def _lacks(texts: dict[str, Text], language: str, own: object) -> bool:
    """Return whether none of a part's texts is in a language."""
    found = chosen(list(texts), language)
    is_unmarked = isinstance(own, str) and own.split("-")[0] == language.split("-")[0]
    return bool(language) and not (found or (found == "" and is_unmarked))


def _file(part: str, language: str, texts: dict[str, Text]) -> str:
    """Return the name of a text's file; the text of an HTML body is body.txt."""
    kind = "html" if next(iter(texts.values())).is_html else "txt"
    return ".".join(filter(None, ("body" if part == "text" else part, language, kind)))
