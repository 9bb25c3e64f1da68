"""Pages that are written by hand name everything that they are about."""

import re
from pathlib import Path

import pytest

from doc_pages.markdown import links
from stripe_pipeline.activation.reasons import REASONS
from stripe_pipeline.ingestion.quota import budget
from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.stripe_client.http.limiter import ENDPOINT_RATE, RATES
from stripe_pipeline.stripe_client.http.retries import PATIENCE

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


def test_the_figures_of_requests_are_those_of_the_code() -> None:
    page = read("explanation/syncing.md")
    waits = f"from {PATIENCE.first_wait} to {PATIENCE.longest_wait:.0f} seconds"
    assert f"up to {PATIENCE.attempts} attempts" in page
    assert f"{waits}; {PATIENCE.attempts_before_first_answer} attempts" in page
    assert f"{RATES['live']:.0f} requests a second with a live key, {RATES['test']:.0f}" in page
    assert f"and {ENDPOINT_RATE:.0f} for each endpoint" in page
    assert f"{budget.READS_A_PAYMENT} reads per payment, at least {budget.FLOOR:,} in" in page
    assert f"within {budget.SHARE:.0%}".replace("%", " %") in page


def test_everything_in_a_home_is_in_the_reference(demo_home: Path) -> None:
    page = read("reference/home.md")
    found = {path.name for path in demo_home.iterdir() if not path.name.endswith(".lock")}
    assert {name for name in found if f"`{name}" not in page} == set()


# An entry that a later one changed may name what is gone.
OVERRULED = re.compile(
    r"^## .+\n\n.* · (?:amended|superseded) by (?:.*\n)+?(?=^## |\Z)", re.MULTILINE
)


def _still_true(page: Path) -> str:
    return OVERRULED.sub("", page.read_text(encoding="utf-8"))


FILES = {
    path.relative_to(PROJECT_ROOT).as_posix()
    for folder in (
        "stripe_pipeline",
        "dbt_project",
        "segments",
        "tests",
        "benchmarks",
        "doc_pages",
        "lint",
    )
    for path in (PROJECT_ROOT / folder).rglob("*.*")
}


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: str(page.name))
def test_every_source_file_that_a_page_names_is_there(page: Path) -> None:
    named = re.findall(r"`([\w./]+\.(?:py|sql|yml|csv))`", _still_true(page))
    sources = [name for name in named if "/" in name and not name.startswith("var/")]
    gone = [name for name in sources if not any(f"/{file}".endswith(f"/{name}") for file in FILES)]
    assert gone == []
