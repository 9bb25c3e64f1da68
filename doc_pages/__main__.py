"""Write every generated page that needs neither dbt nor a run: `make pages`."""

from pathlib import Path

from doc_pages import commands, settings
from doc_pages.decisions import index_page
from doc_pages.readme import README, replaced
from stripe_pipeline.process.environment import PROJECT_ROOT

DOCS = PROJECT_ROOT / "docs"


def pages() -> dict[Path, str]:
    """Return each generated file with its text; of README.md only the commands are generated."""
    readme = README.read_text(encoding="utf-8")
    example = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8")
    return {
        README: replaced(readme, "commands", commands.table()),
        DOCS / "decisions" / "README.md": index_page(DOCS / "decisions"),
        DOCS / "reference" / "commands.md": commands.page(),
        DOCS / "reference" / "settings.md": settings.page(example),
    }


def main() -> None:
    """Write the pages."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
