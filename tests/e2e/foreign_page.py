"""A page of another site that tries all a browser lets it, to start a run in a local web UI."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Browser

MUTATION = (
    'mutation { launchRun(executionParams: {selector: {repositoryLocationName: "stripe_pipeline", '
    'repositoryName: "__repository__", jobName: "read_deliveries"}, runConfigData: {}}) '
    "{ __typename } }"
)
# Each is a promise of what the page learned; what it started is for the UI to say.
_ATTEMPTS = """
const api = UI + "/graphql", get = api + "?query=" + encodeURIComponent(MUTATION);
const body = JSON.stringify({query: MUTATION});
const report = UI + "/report_asset_materialization/published";
const told = (promise) => promise.then(r => `${r.type} ${r.status}`, e => "failed");
const loaded = (element, parent) => new Promise(resolve => {
  element.onload = () => resolve("loaded"); element.onerror = () => resolve("failed");
  setTimeout(() => resolve("silent"), 3000); (parent || document.body).append(element);
});
const make = (tag, values) => Object.assign(document.createElement(tag), values);
const form = (document_, action, enctype) => {
  const made = Object.assign(document_.createElement("form"), {method: "POST", action, enctype});
  const [start, end] = JSON.stringify({query: MUTATION, x: "="}).split("=");
  const field = Object.assign(document_.createElement("textarea"), {name: start, value: end});
  made.append(field); document_.body.append(made); return made;
};
const framed = (action, enctype) => {
  const target = "t" + Math.random(), frame = make("iframe", {name: target});
  const sent = form(document, action, enctype); sent.target = target;
  const done = loaded(frame); setTimeout(() => sent.submit(), 100); return done;
};
const socket = () => new Promise(resolve => {
  const ws = new WebSocket(api.replace("http", "ws"), "graphql-ws");
  ws.onerror = () => resolve("failed");
  ws.onopen = () => {
    ws.send(JSON.stringify({type: "connection_init"}));
    ws.send(JSON.stringify({type: "start", id: "1", payload: {query: MUTATION}}));
    resolve("open");
  };
});
const sandboxed = `<script>fetch(${JSON.stringify(get)}, {mode: "no-cors"});` +
  `fetch(${JSON.stringify(api)}, ` +
  `{method: "POST", mode: "no-cors", body: ${JSON.stringify(body)}})` +
  `</${"script"}>`;
return {
  image: await loaded(make("img", {src: get})),
  image_without_referrer: await loaded(make("img", {src: get, referrerPolicy: "no-referrer"})),
  script: await loaded(make("script", {src: get}), document.head),
  style: await loaded(make("link", {rel: "stylesheet", href: get}), document.head),
  form_text: await framed(api, "text/plain"),
  form_url: await framed(get, "application/x-www-form-urlencoded"),
  form_parts: await framed(get, "multipart/form-data"),
  get: await told(fetch(get)),
  get_no_cors: await told(fetch(get, {mode: "no-cors"})),
  post_text: await told(fetch(api, {method: "POST", mode: "no-cors", body})),
  post_in_url: await told(fetch(get, {method: "POST", mode: "no-cors"})),
  post_blob: await told(fetch(api, {method: "POST", mode: "no-cors", body: new Blob([body])})),
  post_json: await told(fetch(api, {
    method: "POST", body, headers: {"Content-Type": "application/json"}})),
  beacon: String(navigator.sendBeacon(api, new Blob([body], {type: "text/plain"}))),
  report: await told(fetch(report, {method: "POST", mode: "no-cors"})),
  websocket: await socket(),
  sandboxed: await loaded(
    make("iframe", {sandbox: "allow-scripts allow-forms", srcdoc: sandboxed})),
  frame: await loaded(make("iframe", {src: UI + "/runs"})),
  read: await told(fetch(UI + "/server_info")),
};
"""


@contextmanager
def foreign_server() -> Iterator[int]:
    """Serve an empty page on loopback; yields its port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        page = b"<!doctype html><title>another site</title><body>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def try_everything(browser: Browser, page_url: str, ui_url: str) -> dict[str, str]:
    """Open a page and have it try; returns what it learned, by attempt."""
    page = browser.new_page()
    page.goto(page_url)
    values = f"const UI = {json.dumps(ui_url)}, MUTATION = {json.dumps(MUTATION)};"
    learned: dict[str, str] = page.evaluate(f"async () => {{ {values} {_ATTEMPTS} }}")
    # A link, last: it leaves the page.
    page.evaluate("url => { location.href = url }", f"{ui_url}/graphql?query={MUTATION}")
    page.wait_for_url(f"{ui_url}/**")
    learned["link"] = page.inner_text("body")
    page.close()
    return learned
