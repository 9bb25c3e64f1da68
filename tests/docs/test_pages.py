"""Pages that are written by hand name everything that they are about."""

import re
from pathlib import Path

import pytest

from doc_pages.markdown import links
from stripe_pipeline.activation.eligibility import REASONS
from stripe_pipeline.surroundings import PROJECT_ROOT

DOCS = PROJECT_ROOT / "docs"
KINDS = ("tutorial", "how-to", "reference", "explanation")


def read(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_the_index_and_the_readme_lead_to_every_page(kind: str) -> None:
    pages = {f"{kind}/{path.name}" for path in (DOCS / kind).glob("*.md")}
    assert pages
    assert pages <= set(links(read("README.md")))
    readme = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
    assert {f"docs/{page}" for page in pages} <= set(links(readme))


def test_every_page_is_of_one_of_the_four_kinds_or_of_the_decisions() -> None:
    assert {path.name for path in DOCS.glob("*.md")} == {"README.md", "decisions.md"}
    folders = {path.name for path in DOCS.iterdir() if path.is_dir()}
    assert folders == {*KINDS, "decisions", "images"}


def test_every_reason_against_a_message_has_its_remedy() -> None:
    named = set(re.findall(r"`(\w+)`", read("how-to/write-a-campaign.md")))
    assert set(REASONS) - named == set()


def test_everything_in_a_home_is_in_the_reference(demo_home: Path) -> None:
    page = read("reference/home.md")
    found = {path.name for path in demo_home.iterdir() if not path.name.endswith(".lock")}
    assert {name for name in found if f"`{name}" not in page} == set()
