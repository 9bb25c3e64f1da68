"""The guard in front of local servers: what a page of another site can send isn't answered."""

from collections.abc import Iterator

import pytest

from stripe_pipeline.servers.graphql import METHODS, refuse_unsafe
from stripe_pipeline.servers.guard import Guard
from stripe_pipeline.servers.names import own_names

from .asking import Reached, ask, serving, upgrade

JSON = "Content-Type: application/json"
OWN = "Host: 127.0.0.1:PORT"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Reached, int]]:
    reached = Reached()
    own = own_names("127.0.0.1", ["ui.shop.example"])
    with serving(Guard(reached.application(), own, METHODS, refuse_unsafe)) as port:
        yield reached, port


@pytest.fixture
def port(served: tuple[Reached, int]) -> int:
    return served[1]


@pytest.fixture
def reached(served: tuple[Reached, int]) -> Reached:
    served[0].requests.clear()
    return served[0]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:PORT", "localhost:PORT", "localhost", "LOCALHOST:PORT", "localhost.:PORT",
        "[::1]:PORT", "[0:0:0:0:0:0:0:1]:PORT", "127.0.0.1:9", "ui.shop.example",
        "UI.shop.example:443",
    ],
)  # fmt: skip
def test_own_names_are_answered(port: int, reached: Reached, host: str) -> None:
    assert ask(port, f"GET / HTTP/1.1\nHost: {host}").status == 200
    assert reached.requests == ["GET /"]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:PORT", "localhost.evil.example", "evil-localhost:PORT",
        "127.0.0.1.evil.example", "127.0.0.2:PORT", "0.0.0.0:PORT", "2130706433:PORT", "127.1:PORT",
        "user@localhost:PORT", "localhost:PORT:80", "localhost:PORT@evil.example", "[::2]:PORT",
        "[::ffff:127.0.0.1]:PORT", "[::1", "::1", "localhost/evil", "localhost,evil.example",
        "localhost evil", "shop.example", "x.ui.shop.example", "", "localhost..:PORT", "[]:PORT",
        "localhost:", "loc\u0430lhost",
    ],
)  # fmt: skip
def test_foreign_hosts_are_refused(port: int, reached: Reached, host: str) -> None:
    answer = ask(port, f"GET / HTTP/1.1\nHost: {host}")
    assert answer.status in (400, 403)
    assert reached.requests == []


def test_the_refusal_says_what_to_do(port: int) -> None:
    answer = ask(port, "GET / HTTP/1.1\nHost: evil.example")
    assert answer.status == 403
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.body == (
        "This server isn't asked under the host name evil.example. Open it under the address that "
        "it gave at its start, or allow the name with --allow-host.\n"
    )


@pytest.mark.parametrize(
    "request_",
    [
        "GET / HTTP/1.1\nHost: localhost:PORT\nHost: evil.example",
        "GET / HTTP/1.1\nHost: evil.example\nHost: localhost:PORT",
        "GET / HTTP/1.1\nHost: localhost:PORT\nHost: localhost:PORT",
        "GET / HTTP/1.0",
        "GET / HTTP/1.1",
        "GET http://localhost:PORT/ HTTP/1.1\nHost: evil.example",
        "GET / HTTP/1.1\nHost: evil.example\nX-Forwarded-Host: localhost:PORT",
        "GET / HTTP/1.1\nHost: evil.example\nForwarded: host=localhost",
    ],
)
def test_a_host_that_is_missing_or_in_doubt_is_refused(
    port: int, reached: Reached, request_: str
) -> None:
    assert ask(port, request_).status in (400, 403)
    assert reached.requests == []


def test_what_a_proxy_says_of_the_host_is_not_looked_at(port: int, reached: Reached) -> None:
    assert ask(port, f"GET / HTTP/1.1\n{OWN}\nX-Forwarded-Host: evil.example").status == 200


@pytest.mark.parametrize(
    "header",
    [
        "Origin: http://evil.example", "Origin: null", "Origin: http://127.0.0.1:9",
        "Origin: http://localhost:PORT", "Origin: https://127.0.0.1:PORT.evil.example",
        "Origin: file://", "Origin: chrome-extension://abc", "Origin: http://127.0.0.1",
        "Origin: http://127.0.0.1:PORT@evil.example", "Origin: ftp://127.0.0.1:PORT",
        "Origin: http://127.0.0.1:PORT\nOrigin: http://evil.example",
        "Referer: http://evil.example/", "Referer: http://localhost:9/a?b=http://127.0.0.1:PORT/",
        "Referer: http://evil.example/http://127.0.0.1:PORT/", "Referer: about:blank",
        "Referer: https://evil.example#http://127.0.0.1:PORT",
        "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Sec-Fetch-Site: other",
        "Sec-Fetch-Site: none\nSec-Fetch-Site: cross-site",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_pages_of_other_sites_are_refused(
    port: int, reached: Reached, header: str, method: str
) -> None:
    for path in ("/", "/graphql", "/report_asset_materialization/published", "/logs/a/b"):
        answer = ask(port, f"{method} {path} HTTP/1.1\n{OWN}\n{JSON}\n{header}", "{}")
        assert answer.status == 403
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert reached.requests == []


@pytest.mark.parametrize(
    "header",
    [
        "Origin: http://127.0.0.1:PORT", "Referer: http://127.0.0.1:PORT/runs/1?a=b",
        "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none", "Referer: ", "Accept: */*",
        "Origin: http://127.0.0.1:PORT\nReferer: http://127.0.0.1:PORT/graphql",
    ],
)  # fmt: skip
def test_its_own_pages_are_answered(port: int, reached: Reached, header: str) -> None:
    answer = ask(port, f"POST /graphql HTTP/1.1\n{OWN}\n{JSON}; charset=utf-8\n{header}", "{}")
    assert answer.status == 200
    assert reached.requests == ["POST /graphql"]


def test_behind_a_proxy_with_https_the_ports_are_the_schemes_own(port: int) -> None:
    lines = "Host: ui.shop.example\nOrigin: https://ui.shop.example\nSec-Fetch-Site: same-origin"
    assert ask(port, f"POST /graphql HTTP/1.1\n{JSON}\n{lines}", "{}").status == 200
    other = lines.replace("https://ui", "https://www")
    assert ask(port, f"POST /graphql HTTP/1.1\n{JSON}\n{other}", "{}").status == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"])
def test_other_methods_are_refused(port: int, reached: Reached, method: str) -> None:
    preflight = "Access-Control-Request-Method: POST"
    answer = ask(port, f"{method} /graphql HTTP/1.1\n{OWN}\n{preflight}")
    assert answer.status in (400, 405)
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert reached.requests == []


@pytest.mark.parametrize(
    "query",
    [
        "mutation{launchRun{__typename}}", "mutation%20A%7Bx%7D", "subscription{x}",
        "query%20A{x}%20mutation%20B{y}&operationName=B", "{x}&query=mutation{y}",
        "mutation{y}&query={x}", "%23%20comment%0Amutation{x}",
        "fragment%20F%20on%20M{x}%20mutation{...F}",
        "%EF%BB%BFmutation{x}", ",,,mutation{x}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_change_by_get_is_refused(port: int, reached: Reached, query: str, method: str) -> None:
    for path in ("/graphql", "/%67raphql", "/graphql/", "/prefix/graphql"):
        answer = ask(port, f"{method} {path}?query={query} HTTP/1.1\n{OWN}")
        assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert reached.requests == []


@pytest.mark.parametrize("query", ["{version}", "query%20A{version}", "query%20A{a}query%20B{b}"])
def test_a_query_by_get_is_passed_on(port: int, reached: Reached, query: str) -> None:
    assert ask(port, f"GET /graphql?query={query} HTTP/1.1\n{OWN}").status == 200


def test_a_query_that_cannot_be_read_is_refused(port: int, reached: Reached) -> None:
    for query in ("mutation" + "{a" * 300 + "}" * 300, "{a" * 5_000 + "}" * 5_000, "", "{a"):
        assert ask(port, f"GET /graphql?query={query} HTTP/1.1\n{OWN}").status == 405
    assert reached.requests == []


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "application/graphql", "text/plain; a=application/json", "application/jsonp",
        "text/plain\nContent-Type: application/json", "application/json, text/plain", "",
    ],
)  # fmt: skip
def test_a_post_is_json(port: int, reached: Reached, content_type: str) -> None:
    for path in ("/graphql?query=mutation{x}", "/report_asset_materialization/published"):
        lines = f"{OWN}\nContent-Type: {content_type}" if content_type else OWN
        assert ask(port, f"POST {path} HTTP/1.1\n{lines}", '{"query": "mutation{x}"}').status == 415
    assert reached.requests == []


@pytest.mark.parametrize(
    "headers",
    [
        ["Host: evil.example"], ["Host: evil.example", "Origin: http://evil.example"],
        [OWN, "Origin: http://evil.example"], [OWN, "Origin: null"],
        [OWN, "Origin: http://127.0.0.1:9"], [OWN, "Origin: http://localhost:PORT"],
        [OWN, "Sec-Fetch-Site: cross-site"],
    ],
)  # fmt: skip
def test_websockets_of_other_sites_are_refused(
    port: int, reached: Reached, headers: list[str]
) -> None:
    assert upgrade(port, *headers).status == 403
    assert reached.requests == []


@pytest.mark.parametrize("headers", [[OWN], [OWN, "Origin: http://127.0.0.1:PORT"]])
def test_its_own_websockets_are_accepted(port: int, reached: Reached, headers: list[str]) -> None:
    assert upgrade(port, *headers).status == 101
    assert reached.requests == ["WS /graphql"]


def test_no_other_page_may_show_it_in_a_frame(port: int) -> None:
    for request in (f"GET / HTTP/1.1\n{OWN}", "GET / HTTP/1.1\nHost: evil.example"):
        headers = ask(port, request).headers
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert headers["content-security-policy"] == "frame-ancestors 'self'"
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_each_refusal_is_said_once_and_without_private_parts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with serving(Guard(Reached().application(), own_names("127.0.0.1"), METHODS)) as port:
        for page in ("inbox?token=secret", "other"):
            ask(port, f"GET / HTTP/1.1\n{OWN}\nReferer: https://mail.example/{page}")
    assert [record.message for record in caplog.records if "Refused" in record.message] == [
        "Refused a request (said once): This request comes from a page of another site (Referer: "
        "https://mail.example). Enter the address in the browser's address bar instead."
    ]
