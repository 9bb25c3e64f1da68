"""In HTML what is in braces is text: escaped everywhere, unless a filter says otherwise."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_pipeline.activation.contract import load_contract
from stripe_pipeline.activation.templates import Template, TemplateError
from stripe_pipeline.activation.templating.environment import FILTERS
from stripe_pipeline.activation.values import PlainMap
from stripe_pipeline.values.money import Amount

NAME = '<b>O\'Neil</b> & "Co"'
ESCAPED = "&lt;b&gt;O&#39;Neil&lt;/b&gt; &amp; &#34;Co&#34;"
SALES = Amount(Decimal("1284.50"), "usd", 2)
PROFILE: Mapping[str, Any] = {
    "name": NAME, "none": None, "sales": SALES, "day": date(2026, 1, 2),
    "map": PlainMap({"<eur>": SALES}), "list": ["<i>", "b & c"],
}  # fmt: skip


def _html(source: str) -> str:
    return Template(source, html=True).render(PROFILE, {})


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("{{ profile.name }}", ESCAPED),
        ('<a title="{{ profile.name }}">', f'<a title="{ESCAPED}">'),
        ("{% echo profile.name %}{% cycle profile.name, 'x' %}", ESCAPED * 2),
        ("{% capture x %}<p>{{ profile.name }}</p>{% endcapture %}{{ x }}", f"<p>{ESCAPED}</p>"),
        ("{% capture x %}{{ profile.name }}{% endcapture %}{{ x | strip_newlines }}", ESCAPED),
        ("{% ifchanged %}{{ profile.name }}{% endifchanged %}", ESCAPED),
        ("{{ profile.name | append: ' <br>' }}", f"{ESCAPED} &lt;br&gt;"),
        ("{{ profile.none | default: '<i>you</i>' }}", "&lt;i&gt;you&lt;/i&gt;"),
        ("{{ profile.none | default: '<i>you</i>' | safe }}", "<i>you</i>"),
        ("{{ profile.name | safe }}", NAME),
        ("{{ profile.name | escape }} {{ profile.name | escape_once }}", f"{ESCAPED} {ESCAPED}"),
        ("{{ profile.name | append: profile.name | upcase | slice: 0, 5 }}", "&lt;B&gt;O&#39;"),
        ("{{ profile.name | append: '!' | truncate: 8 }}", "&lt;b&gt;O&#39;..."),
        ("{{ profile.name | size }} {{ profile.name | append: ' ' | size }}", "20 21"),
        ("{{ 'a\nb' | newline_to_br }}", "a<br />\nb"),
        ("{{ profile.name | newline_to_br }}", ESCAPED),
        ("{{ profile.list }} {{ profile.list | join: ' & ' }}",
         "&lt;i&gt;, b &amp; c &lt;i&gt; &amp; b &amp; c"),
        ("{{ profile.map }}", "&lt;eur&gt; 1284.50"),
        ("{% for pair in profile.map %}{{ pair[0] }}={{ pair[1] | times: 2 }}{% endfor %}",
         "&lt;eur&gt;=2569.00"),
        ("{{ profile.sales | times: 2 }} {{ profile.sales | round }}", "2569.00 1285"),
        ("{% if profile.sales > 1284 and profile.day < '2026-02-01' %}yes{% endif %}", "yes"),
        ("{{ profile.day | date: '<%-d %b>' }}", "&lt;2 Jan&gt;"),
        ("{{ profile.name | split: ' ' | first | upcase }}",
         "&lt;B&gt;O&#39;NEIL&lt;/B&gt;"),
        ("{% if profile.name == \"<b>O'Neil</b> & \" %}{% else %}no{% endif %}", "no"),
        ("{% assign x = profile.name %}{{ x }}", ESCAPED),
        ("<a href=\"https://x.example/?q={{ profile.name | url_encode }}\">",
         "<a href=\"https://x.example/?q=%3Cb%3EO%27Neil%3C%2Fb%3E+%26+%22Co%22\">"),
    ],
)  # fmt: skip
def test_values_are_escaped_and_go_on_working(source: str, printed: str) -> None:
    assert _html(source) == printed


def test_text_is_never_escaped() -> None:
    assert Template("{{ profile.name }}").render(PROFILE, {}) == NAME


class _Texts(HTMLParser):
    """Collects what a mail program would show, and the tags that it would obey."""

    def __init__(self) -> None:
        super().__init__()
        self.shown, self.tags = "", []  # type: ignore[var-annotated]

    def handle_data(self, data: str) -> None:
        self.shown += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@settings(deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"])))
def test_any_name_is_shown_as_it_is_and_adds_no_tag(name: str) -> None:
    template = Template('<p title="{{ profile.name }}">{{ profile.name }}</p>', html=True)
    parser = _Texts()
    parser.feed(template.render({"name": name}, {}))
    parser.close()
    assert parser.tags == [("p", {"title": name})]
    assert parser.shown == name


SAYS_OTHERWISE = {"safe"}


@pytest.mark.parametrize("name", sorted(FILTERS.keys() - SAYS_OTHERWISE))
@settings(max_examples=10, deadline=None)
@given(value=st.text("<>&'\"ab ;#x", max_size=12), more=st.text("<>&'\"ab", max_size=4))
def test_no_filter_lets_a_tag_through(name: str, value: str, more: str) -> None:
    """Also not twice, nor with a value as its argument."""
    for arguments in ("", ": profile.more", ": profile.more, profile.more", ": 3"):
        source = f"{{{{ profile.name | {name}{arguments} | {name}{arguments} }}}}"
        try:
            printed = Template(source, html=True).render({"name": value, "more": more}, {})
        except TemplateError:
            continue
        allowed = printed.replace("<br />", "") if name == "newline_to_br" else printed
        assert not {"<", ">", '"', "'"} & set(allowed)


@pytest.mark.parametrize("tag", ["<p>", "</div>", "<br/>", '<a href="x">', "<!DOCTYPE html>",
                                 "&nbsp;", "<IMG src='x'>", "&#8364;"])  # fmt: skip
def test_tags_in_a_text_are_refused_with_what_to_do(tag: str) -> None:
    with pytest.raises(TemplateError, match="looks like HTML; say so"):
        Template(f"Hello\n{tag}").check(load_contract(), tags="say so")
    Template(f"Hello\n{tag}", html=True).check(load_contract())


@pytest.mark.parametrize("text", ["I <3 you", "<https://shop.example>", "a < b > c", "R&D; x",
                                  "<you@shop.example>"])  # fmt: skip
def test_signs_in_a_text_are_no_tags(text: str) -> None:
    Template(text).check(load_contract())


@pytest.mark.parametrize("tag", ["<a href={{ x }}>", "<a href = {{ x }}>", "<a href=/x?y={{ x }}>",
                                 "<a title='=\"' href={{ x }}>"])  # fmt: skip
def test_an_attribute_without_quotes_is_refused(tag: str) -> None:
    source = tag.replace("{{ x }}", "{{ profile.email }}")
    with pytest.raises(TemplateError, match="put quotes around the value of the attribute"):
        Template(source, html=True).check(load_contract())


@pytest.mark.parametrize("tag", ['<a href="{{ x }}">', "<a href='/x?y={{ x }}' id=\"a={{ x }}\">",
                                 "<p>1 + 1 = {{ x }}</p>", "{% if 1 < 2 %}y = {{ x }}{% endif %}",
                                 '<a href="' + "=" * 90_000 + '{{ x }}">'])  # fmt: skip
def test_an_attribute_in_quotes_is_taken(tag: str) -> None:
    Template(tag.replace("{{ x }}", "{{ profile.email }}"), html=True).check(load_contract())
