"""Campaigns whose texts stand in files: the language of the person, partials, what is wrong."""

import json
from pathlib import Path

import pytest

from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.activation.export import export
from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import Settings
from tests.activation.shop import (
    AS_OF,
    SMS,
    consent,
    customer,
    exported,
    open_shop,
    publish_shop,
    settings_of,
    stay,
)

HEAD = "name: spring\nsegment: vip\nexisting_members: include\nchannel: email\nlanguage: en\n"
FILES = {
    "campaign.yml": HEAD,
    "subject.txt": "Hello {{ profile.first_name }}\n",
    "subject.de.txt": "Hallo {{ profile.first_name }}\n",
    "preheader.txt": "News",
    "preheader.de.txt": "Neues",
    "body.html": "<p>{{ profile.stripe_total_sales | money }}</p>{% render 'footer' %}",
    "body.de.html": "<p>{{ profile.stripe_total_sales | money }}</p>{% render 'footer' %}",
    "body.de-AT.html": "<p>Servus, {{ profile.stripe_total_sales | money }}</p>",
    "body.txt": "{{ profile.stripe_total_sales | money }}",
    "body.de.txt": "{{ profile.stripe_total_sales | money }}",
}
SHARED = {"footer.html": "<p>Your shop</p>", "footer.de.html": "<p>Ihr Laden</p>"}


def _shop(tmp_path: Path, changes: dict[str, str | None] | None = None, **shared: str) -> Settings:
    """A shop with the campaign above, its files changed, or taken away by a None."""
    settings = settings_of(tmp_path / "home")
    open_shop(settings.home, SMS)
    _write(settings.campaigns / "spring", {**FILES, **(changes or {})})
    _write(settings.campaigns / "shared", {**SHARED, **shared})
    return settings


def _write(folder: Path, files: dict[str, str | None] | dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")


def _messages(settings: Settings, *locales: str | None) -> list[dict[str, str]]:
    people = [customer(number, locale=locale) for number, locale in enumerate(locales)]
    consents = [consent(one["email"]) for one in people]
    publish_shop(settings, people, map(stay, people), consents)
    export(settings, "email", AS_OF)
    return sorted(exported(settings), key=lambda message: message["stripe_customer_id"])


def test_each_person_gets_the_language_of_their_locale(tmp_path: Path) -> None:
    found = _messages(
        _shop(tmp_path), "de-AT", "de-CH", "de", "fr-FR", None, "en-GB", "DE-at", "de-Latn-DE"
    )
    assert [message["subject"][:5] for message in found] == [
        "Hallo", "Hallo", "Hallo", "Hello", "Hello", "Hello", "Hallo", "Hallo",
    ]  # fmt: skip
    bodies = [message["body"].replace("\u00a0", " ") for message in found]
    assert bodies == [
        "<p>Servus, $ 12,50</p>",
        "<p>$ 12.50</p><p>Ihr Laden</p>",
        "<p>12,50 $</p><p>Ihr Laden</p>",
        "<p>$12.50</p><p>Your shop</p>",
        "<p>$12.50</p><p>Your shop</p>",
        "<p>US$12.50</p><p>Your shop</p>",
        "<p>Servus, $ 12,50</p>",
        "<p>12,50 $</p><p>Ihr Laden</p>",
    ]
    assert [message["preheader"] for message in found[:4]] == ["Neues"] * 3 + ["News"]
    assert found[2]["text"].replace("\u00a0", " ") == "12,50 $"


def test_the_manifest_says_html_as_the_file_is(tmp_path: Path) -> None:
    settings = _shop(tmp_path)
    _messages(settings, "de")
    [manifest] = settings.exports.glob("spring/*/manifest.json")
    assert json.loads(manifest.read_text("utf-8"))["body_format"] == "html"


def test_a_name_cant_add_a_header_or_a_tag_or_a_template(tmp_path: Path) -> None:
    settings = _shop(tmp_path)
    name = "Ann\r\nBcc: x@evil.example\u2028\x00<b>{{ profile.email }}{% render 'footer' %}"
    person = customer(1, first_name=name)
    publish_shop(settings, [person], [stay(person)], [consent(person["email"])])
    export(settings, "email", AS_OF)
    [message] = exported(settings)
    assert message["subject"] == (
        "Hello Ann Bcc: x@evil.example <b>{{ profile.email }}{% render 'footer' %}"
    )


def _said(settings: Settings) -> list[str]:
    with pytest.raises(UsageError) as caught:
        load_campaigns(settings)
    lines = str(caught.value).splitlines()
    told = lines if len(lines) == 1 else lines[1:]
    folder = f"Campaign file {settings.campaigns}/"
    return [line.strip().removeprefix(folder) for line in told]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"body.de.html": "a\n{{ profile.first_nam }}"},
         "spring/body.de.html, line 2: there is no profile.first_nam; did you mean "
         "profile.first_name?"),
        ({"subject.de.txt": None},
         "spring/body.de-AT.html, line 1: this is the body for de-AT, and there is no subject for "
         "it; write subject.de-AT.txt, or take this file away."),
        ({"subject.txt": None, "subject.de.txt": None},
         "spring/campaign.yml, line 1: an email needs a subject; add the line `subject: ...`."),
        ({"subject.txt": None},
         "spring/subject.de.txt, line 1: there is no subject for people of other languages; write "
         "subject.txt."),
        ({"subject.xq.txt": "x", "body.xq.html": "x", "preheader.xq.txt": "x", "body.xq.txt": "x"},
         "spring/subject.xq.txt, line 1: xq is no language; a language is a tag such as en, de or "
         "de-AT, in quotes for no."),
        ({"campaign.yml": HEAD.replace(": en\n", ": english1\n")},
         "spring/campaign.yml, line 5: english1 is no language; a language is a tag such as en, de "
         "or de-AT, in quotes for no."),
        ({"campaign.yml": HEAD + "subject: s\n"},
         "spring/campaign.yml, line 6: subject stands here and in a file of its own; keep one of "
         "them."),
        ({"Body.HTML": "x"},
         "spring/Body.HTML, line 1: Body.HTML is neither a text nor a partial of a campaign; those "
         "are called like subject.txt, body.html, body.de.html or footer.html."),
        ({"preheader.html": "x", "preheader.txt": None, "preheader.de.txt": None},
         "spring/preheader.html, line 1: preheader is text; name the file preheader.txt."),
        ({"campaign.yml": HEAD.replace("channel: email", "channel: sms")},
         "spring/body.de.html, line 1: a text message is body.txt alone; take this file away."),
        ({"campaign.yml": HEAD + "status: darft\n"},
         "spring/campaign.yml, line 6: status is live, draft or retired, and darft is none of "
         "them; did you mean draft?"),
        ({"body.html": "a\n{% render 'fotter' %}"},
         "spring/body.html, line 2: there is no partial fotter; did you mean footer?"),
        ({"body.html": "{% render profile.first_name %}"},
         "spring/body.html, line 1: "),
        ({"body.html": "{% render '../../home/secret' %}"},
         "spring/body.html, line 1: there is no partial ../../home/secret; a partial is a file in "
         "the campaign's folder, or in shared/ of the campaign folder."),
        ({"body.html": "{% render 'own' %}", "own.html": "a\n\n{{ tody }}"},
         "spring/own.html, line 3: there is no tody; did you mean today?"),
        ({"body.html": "{% render 'own' %}", "own.html": "x{% render 'footer' %}"},
         "spring/own.html, line 1: unexpected tag 'render'."),
        ({"body.html": "{% render 'own' %}", "own.html": "{% render 'own' %}"},
         "spring/own.html, line 1: unexpected tag 'render'."),
        ({"body.html": "{% include 'footer' %}"},
         "spring/body.html, line 1: unexpected tag 'include'."),
        ({"body.html": "{% render 'own' %}",
          "own.html": "{% for i in (1..9999999) %}x{% endfor %}"},
         "spring/own.html, line 1: the loops go round more than 5,000 times; limit them, as in "
         "`limit: 10`."),
    ],
)  # fmt: skip
def test_each_slip_of_a_folder_is_told_with_its_file_and_line(
    tmp_path: Path, changes: dict[str, str | None], said: str
) -> None:
    told = _said(_shop(tmp_path, changes))
    assert any(line.startswith(said) for line in told), told


def test_a_partial_sees_what_it_is_given_and_its_work_is_counted(tmp_path: Path) -> None:
    body = "{% assign hidden = 'x' %}{% render 'own', name: profile.first_name %}"
    own = "<i>{{ name }}{{ hidden }}</i>"
    settings = _shop(tmp_path, {"body.html": body, "own.html": own})
    # An assigned name isn't seen in a partial, so this names nothing.
    assert "there is no hidden" in str(_said(settings))
    (settings.campaigns / "spring" / "own.html").write_text("<i>{{ name | upcase }}</i>", "utf-8")
    [message] = _messages(settings, None)
    assert message["body"] == "<i>NAME0</i>"


def test_an_account_file_names_the_sender(tmp_path: Path) -> None:
    settings = _shop(tmp_path, {"body.html": "{{ account.name }}{{ account.url_twitter }}"})
    account = settings.campaigns / "account.yml"
    account.write_text("name: A & B\n", encoding="utf-8")
    [message] = _messages(settings, None)
    assert message["body"] == "A &amp; B"
    account.write_text("nam: A\nurl_website: acme\naddress: 1\n", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_campaigns(settings)
    assert [line.partition(", ")[2] for line in str(caught.value).splitlines()[1:]] == [
        "line 1: an account has no key nam; did you mean name?",
        "line 2: url_website has to be an address that begins with https://.",
        "line 3: address has to be text; put it in quotes, or take the line away.",
    ]


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    settings = _shop(tmp_path)
    secret = tmp_path / "secret.html"
    secret.write_text("secret", encoding="utf-8")
    (settings.campaigns / "spring" / "own.html").symlink_to(secret)
    with pytest.raises(UsageError, match=r"own\.html is a link to another folder"):
        load_campaigns(settings)


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_a_campaign_that_isnt_live_writes_nothing_and_says_so(tmp_path: Path, status: str) -> None:
    settings = _shop(tmp_path, {"campaign.yml": HEAD + f"status: {status}\n"})
    assert _messages(settings, None) == []
    assert export(settings, "email", AS_OF).resting == {"spring": status}
    live = settings.campaigns / "spring" / "campaign.yml"
    live.write_text(HEAD, encoding="utf-8")
    assert len(_messages(settings, None)) == 1


def test_a_text_message_has_no_fixed_space_that_doubles_its_cost(tmp_path: Path) -> None:
    text = SMS.replace("please pay", "pay {{ profile.stripe_total_sales | money: 'usd' }}")
    settings = open_shop(tmp_path / "home", text)
    person = customer(1, locale="fr-FR", stripe_total_sales=1284)
    publish_shop(
        settings, [person], [stay(person, "past_due")], [consent(person["phone"], channel="sms")]
    )
    export(settings, "sms", AS_OF)
    [message] = exported(settings)
    assert message["body"] == "Name1 pay 1 284,00 $US"
