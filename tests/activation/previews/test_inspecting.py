"""What is seen in an email: links, images without a text, the way to unsubscribe, its size."""

import pytest

from stripe_pipeline.activation.previews.inspecting import inspect_email
from stripe_pipeline.activation.previews.pictures import walled_off

PAGE = """\
<p><a href="https://a.example/x?a=1&amp;b=2">Shop</a> <a href=' https://a.example/y '>Out</a></p>
<img src="one.png"><img src="two.png" alt=""><img src="three.png" alt="A shoe"><img>
<a href="https://a.example/z"><b>Hier</b> abmelden</a><a name="top">no link</a>
"""


def test_links_images_and_the_way_out_of_html() -> None:
    seen = inspect_email(PAGE, "Read https://t.example/1.", is_html=True)
    assert seen.links == [
        "https://a.example/x?a=1&b=2", "https://a.example/y", "https://a.example/z",
        "https://t.example/1",
    ]  # fmt: skip
    assert seen.without_alt == ["one.png", "without an address"]
    assert seen.unsubscribe == "https://a.example/z"
    assert seen.size == len((PAGE + "Read https://t.example/1.").encode())


def test_a_text_has_links_too() -> None:
    body = "Look: https://a.example/x (or http://b.example).\nUnsubscribe: https://a.example/out"
    seen = inspect_email(body, "", is_html=False)
    assert seen.links == ["https://a.example/x", "http://b.example", "https://a.example/out"]
    assert seen.unsubscribe == "https://a.example/out"
    assert inspect_email("no way", "", is_html=False).unsubscribe is None


def test_a_long_one_is_clipped() -> None:
    assert inspect_email("ä" * 51_001, "", is_html=False).is_clipped
    assert not inspect_email("ä" * 51_000, "", is_html=False).is_clipped


@pytest.mark.parametrize("start", ["", "<!DOCTYPE html>", "\n<!doctype html PUBLIC 'x'>"])
def test_a_page_to_be_drawn_loads_and_runs_nothing(start: str) -> None:
    walled = walled_off(f"{start}<html><script>x</script></html>")
    assert walled.startswith(start)
    assert walled.index("default-src 'none'") < walled.index("<script>")
