"""The docs' server gives the files of its folder to read, and nothing else."""

from collections.abc import Iterator

import pytest

from stripe_pipeline.servers.docs import docs_app
from stripe_pipeline.servers.names import own_names

from .asking import ask, serving

OWN = "Host: 127.0.0.1:PORT"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    home = tmp_path_factory.mktemp("home")
    folder = home / "docs"
    (folder / "sub").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>the docs</h1>")
    (folder / "sub" / "listed.txt").write_text("of a listing")
    (home / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(home / "secret.txt")
    (folder / "out").symlink_to(home)
    with serving(docs_app(folder, own_names("127.0.0.1"))) as port:
        yield port


@pytest.mark.parametrize("path", ["/", "/index.html", "/?a=b"])
def test_the_page_is_served(port: int, path: str) -> None:
    answer = ask(port, f"GET {path} HTTP/1.1\n{OWN}")
    assert (answer.status, answer.body) == (200, "<h1>the docs</h1>")
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert ask(port, f"HEAD {path} HTTP/1.1\n{OWN}").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/sub", "/sub/", "/link.txt", "/out/secret.txt", "/out/", "/../secret.txt",
        "/%2e%2e/secret.txt", "/sub/..%2f..%2fsecret.txt", "//etc/passwd", "/..\\secret.txt",
        "/absent", "/%00",
    ],
)  # fmt: skip
def test_nothing_else_is(port: int, path: str) -> None:
    answer = ask(port, f"GET {path} HTTP/1.1\n{OWN}")
    assert answer.status in (307, 400, 404)
    assert "secret" not in answer.body
    assert "listed" not in answer.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_it_only_gives(port: int, method: str) -> None:
    answer = ask(port, f"{method} / HTTP/1.1\n{OWN}")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "lines",
    [
        "Host: evil.example", f"{OWN}\nOrigin: http://localhost:PORT", f"{OWN}\nOrigin: null",
        f"{OWN}\nReferer: http://evil.example/", f"{OWN}\nSec-Fetch-Site: same-site",
    ],
)  # fmt: skip
def test_pages_of_other_sites_read_nothing(port: int, lines: str) -> None:
    answer = ask(port, f"GET / HTTP/1.1\n{lines}")
    assert answer.status == 403
    assert "docs" not in answer.body
