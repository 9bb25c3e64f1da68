"""Campaign files: every mistake is found before a run, with its file, line and remedy."""

import re
from pathlib import Path

import pytest

from stripe_pipeline.activation.campaign import CampaignKeys
from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.activation.contract import load_contract
from stripe_pipeline.activation.triggers import FACTS
from stripe_pipeline.errors import PipelineError, UsageError
from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.settings import Settings, load_settings
from tests.activation.shop import CONTRACT, EMAIL, SMS, open_shop, settings_of

# The body begins in line 6.
HEAD = "name: x\nsegment: vip\nexisting_members: include\nchannel: email\nsubject: s\n"


def _refusal(tmp_path: Path, text: str) -> str:
    settings = open_shop(tmp_path / "home", text)
    with pytest.raises(UsageError) as caught:
        load_campaigns(settings)
    return str(caught.value).removeprefix(f"Campaign file {settings.campaigns / '0.yml'}, ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "body: |\n  Hi\n\n  {{ profile.first_nam }}\n",
         "line 9: in the body, there is no profile.first_nam; did you mean profile.first_name?"),
        (HEAD + "body: |\n  {{ first_name }}\n",
         "line 7: in the body, there is no first_name; did you mean profile.first_name?"),
        (HEAD + 'body: "Hi\n  and {{ profile.frist_name }}"\n',
         "line 7: in the body, there is no profile.frist_name; did you mean profile.first_name?"),
        (HEAD + "body: >-\n  Hi\n  {{ tody }}\n",
         "line 8: in the body, there is no tody; did you mean today?"),
        (HEAD + "body: |\n  {{ profile.first_name | upcse }}\n",
         "line 7: in the body, there is no filter upcse; did you mean upcase?"),
        (HEAD + "body: |\n  {{ profile }}\n",
         "line 7: in the body, profile has to name a column, such as profile.first_name."),
        (HEAD + "body: |\n  Hi\n  {% iff x %}\n", "line 8: in the body, unexpected tag 'iff'."),
        (HEAD + "body: |\n  Hi\n  {{ profile.first_name\n",
         "line 8: in the body, expected '}}', found end of file."),
        (HEAD + "body: |\n  Hi\n  {% if profile.first_name %}\n",
         "line 6: in the body, expected tag endif, found end of expression."),
        (HEAD + "body: |\n  {{ profile.stripe_sales_by_currency.eur }}\n",
         "line 7: in the body, profile.stripe_sales_by_currency.eur is undefined; give it a value "
         "for those who have none, as in `| default: 0`."),
        (HEAD + "body: |\n  {{ 'now' | date: '%Y' }}\n",
         "line 7: in the body, date takes a date of the profile, or today."),
        (HEAD + "body: |\n  {% include 'x' %}\n", "line 7: in the body, unexpected tag 'include'."),
        (HEAD.replace("subject: s", "subject: '{{ profil.first_name }}'") + "body: b\n",
         "line 5: in the subject, there is no profil.first_name; did you mean profile.first_name?"),
        (HEAD + "body: |\n  Hi\n  {% for i in (1..1000000000) %}x{% endfor %}\n",
         "line 8: in the body, the loops go round more than 5,000 times; limit them, as in "
         "`limit: 10`."),
        (HEAD + "body: |\n  Hi\n  {% if profile.created_at == 2026 %}x{% endif %}\n",
         "line 8: in the body, a date doesn't compare with a number."),
        (HEAD + "body: |\n  Hi\n\n  <p>there</p>\n",
         "line 9: in the body, <p> looks like HTML; add the line `body_format: html`."),
        (HEAD + "body_format: htm\nbody: b\n",
         "line 6: body_format is text or html, and htm is neither; did you mean html?"),
        (SMS + "body_format: html\n",
         "line 6: a text message has no html; take the line away."),
        (SMS.replace("please pay", "please <b>pay</b>"),
         "line 5: in the body, <b> looks like HTML; a text message is text."),
        (HEAD.replace("subject: s", "subject: <b>s</b>") + "body_format: html\nbody: b\n",
         "line 5: in the subject, <b> looks like HTML; a subject is text."),
        (HEAD + "bdy: b\n", "line 1: the campaign has no body; add the line `body: ...`."),
        (HEAD + "body: b\nsubjct: s\n",
         "line 7: a campaign has no key subjct; did you mean subject?"),
        (HEAD.replace("existing_members: include\n", "") + "body: b\n",
         "line 1: the campaign doesn't say what those get who are in the segment already; add the "
         "line `existing_members: skip`, or `existing_members: include`, as runs did while no "
         "campaign said it."),
        (HEAD.replace("include", "ignore") + "body: b\n",
         "line 3: existing_members is skip or include, and ignore is neither."),
        (HEAD.replace("existing_", "existng_") + "body: b\n",
         "line 1: the campaign doesn't say what those get who are in the segment already; add the "
         "line `existing_members: skip`, or `existing_members: include`, as runs did while no "
         "campaign said it."),
        (HEAD + "body: b\nqqqq: s\n",
         "line 7: a campaign has no key qqqq; its keys are " + ", ".join(CampaignKeys.model_fields)
         + "."),
        (HEAD + "body: ''\n", "line 6: body is empty; write it or take the file away."),
        (HEAD + "body: 12\n", "line 6: body has to be text; put it in quotes."),
        (HEAD.replace("vip", "vipp") + "body: b\n",
         "line 2: there is no segment vipp; did you mean vip?"),
        (HEAD.replace("channel: email", "channel: emial") + "body: b\n",
         "line 4: channel is email, sms or push, and emial is none of them; did you mean email?"),
        (HEAD.replace("name: x", "name: ../x") + "body: b\n",
         "line 1: name may hold small letters, digits and _ only."),
        (HEAD.replace("subject: s\n", "") + "body: b\n",
         "line 1: an email needs a subject; add the line `subject: ...`."),
        (SMS + "subject: s\n", "line 6: a text message has no subject; take the line away."),
        (HEAD + "body: b\nbody: c\n", "line 7: body stands here twice; keep one of them."),
        (HEAD + "body: Hi {{ x | default: 1 }}\n", "line 6: this isn't YAML (mapping values are "
         "not allowed here); a text with a colon or a brace stands in quotes, or on lines of its "
         "own below `|`."),
        ("- x\n", "line 1: a campaign is a list of keys, such as `name: win_back`."),
        ("", "line 1: a campaign is a list of keys, such as `name: win_back`."),
        ("name: \x07\n", "line 1: this isn't YAML (a control character)."),
    ],
)  # fmt: skip
def test_each_slip_is_one_plain_sentence(tmp_path: Path, text: str, said: str) -> None:
    assert _refusal(tmp_path, text) == said


def test_all_mistakes_of_all_campaigns_are_told_at_once(tmp_path: Path) -> None:
    body = "body: |\n  {{ profile.first_nam }}\n  {{ tody }} {{ profile.email | upcse }}\n"
    first = HEAD.replace("vip", "vipp").replace("subject: s", "subject: '{{ first_name }}'") + body
    second = HEAD.replace("name: x", "nme: y").replace("email", "emial") + "body: <b>b</b>\n"
    third = HEAD.replace("name: x", "name: z") + "body: |\n  {% iff x %}\n"
    settings = open_shop(tmp_path / "home", first, second, third, HEAD + "body: b\n", "- x\n")
    with pytest.raises(UsageError) as caught:
        load_campaigns(settings)
    heading, *told = str(caught.value).splitlines()
    assert heading == "11 things in campaign files are to be corrected:"
    folder = settings.campaigns
    assert [said.removeprefix(f"  Campaign file {folder}/") for said in told] == [
        "0.yml, line 2: there is no segment vipp; did you mean vip?",
        "0.yml, line 5: in the subject, there is no first_name; did you mean profile.first_name?",
        "0.yml, line 7: in the body, there is no profile.first_nam; did you mean "
        "profile.first_name?",
        "0.yml, line 8: in the body, there is no tody; did you mean today?",
        "0.yml, line 8: in the body, there is no filter upcse; did you mean upcase?",
        "1.yml, line 1: the campaign has no name; add the line `name: ...`.",
        "1.yml, line 4: channel is email, sms or push, and emial is none of them; "
        "did you mean email?",
        "1.yml, line 6: in the body, <b> looks like HTML; add the line `body_format: html`.",
        "2.yml, line 7: in the body, unexpected tag 'iff'.",
        "4.yml, line 1: a campaign is a list of keys, such as `name: win_back`.",
        "3.yml, line 1: the name x is taken by 0.yml; give one of them another.",
    ]


def test_a_file_of_50_mb_is_refused_unread(shop: Settings) -> None:
    with (shop.campaigns / "0.yml").open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(UsageError, match=r"0\.yml is larger than 1 MB; a message is far shorter"):
        load_campaigns(shop)


def test_brackets_in_brackets_are_said(tmp_path: Path) -> None:
    assert _refusal(tmp_path, "[" * 20_000) == (
        "line 1: this isn't a list of keys (brackets in brackets)."
    )


def test_an_html_body_and_its_subject(tmp_path: Path) -> None:
    text = HEAD.replace("subject: s", "subject: 'Hi {{ profile.first_name }}'")
    text += "body_format: html\nbody: '<p>{{ profile.first_name }}</p>'\n"
    [campaign] = load_campaigns(open_shop(tmp_path / "home", text))
    name = {"first_name": "Ann & <Bob>"}
    assert campaign.subject_template is not None
    assert campaign.subject_template.render(name, {}) == "Hi Ann & <Bob>"
    assert campaign.body_template.render(name, {}) == "<p>Ann &amp; &lt;Bob&gt;</p>"


def test_two_campaigns_cant_share_a_name(tmp_path: Path) -> None:
    settings = open_shop(tmp_path / "home", EMAIL, EMAIL)
    with pytest.raises(UsageError, match=r"1\.yml, line 1: the name thanks is taken by 0\.yml"):
        load_campaigns(settings)


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    settings = load_settings(_env_file=None, STRIPE_PIPELINE_CAMPAIGNS=tmp_path / "none")
    with pytest.raises(UsageError, match="There is no campaign folder"):
        load_campaigns(settings)


def test_a_file_in_another_encoding_is_said(shop: Settings) -> None:
    (shop.campaigns / "0.yml").write_bytes(b"name: \xff")
    with pytest.raises(UsageError, match="it isn't UTF-8"):
        load_campaigns(shop)


def test_a_template_may_reckon_with_what_it_knows(tmp_path: Path) -> None:
    body = (
        "body: |\n  {% for one in profile.stripe_sales_by_currency %}{{ one[0] }}{% endfor %}\n"
        "  {% assign half = profile.stripe_total_sales | divided_by: 2 %}{{ half }}\n"
        "  {{ today | date: '%d %B' }} {{ campaign }} {{ segment }} {{ reporting_currency }}\n"
    )
    [campaign] = load_campaigns(open_shop(tmp_path / "home", HEAD + body))
    assert campaign.fields == {"stripe_sales_by_currency", "stripe_total_sales"}


def test_the_shipped_campaigns_are_valid_and_of_both_channels() -> None:
    settings = load_settings(_env_file=None, STRIPE_PIPELINE_CAMPAIGNS=PROJECT_ROOT / "campaigns")
    campaigns = load_campaigns(settings, load_contract())
    assert {campaign.channel for campaign in campaigns} == {"email", "sms"}
    assert all(campaign.description for campaign in campaigns)


def test_the_contract_is_read_from_the_dbt_project_and_the_segment_files() -> None:
    contract = load_contract()
    assert {"stripe_customer_id", "email", "first_name"} <= contract.profile_fields
    assert {"vip", "lapsed_6_months"} <= contract.segments
    assert not {"members", "history"} & contract.segments
    # What this folder's tests are checked against exists there too.
    assert CONTRACT.profile_fields <= contract.profile_fields


def test_a_campaign_may_name_the_metadata_that_the_settings_allow(tmp_path: Path) -> None:
    shop = open_shop(tmp_path / "home", HEAD + "body: '{{ profile.stripe_metadata_shirt_size }}'\n")
    with pytest.raises(UsageError, match=r"there is no profile\.stripe_metadata_shirt_size"):
        load_campaigns(shop)
    allowed = settings_of(shop.home, STRIPE_PIPELINE_CUSTOMER_METADATA="plan, Shirt size!")
    assert allowed.metadata_columns["stripe_metadata_shirt_size"] == "Shirt size!"
    [campaign] = load_campaigns(allowed)
    assert campaign.fields == {"stripe_metadata_shirt_size"}


def test_a_project_without_its_contract_is_said(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="The columns of customer_profiles can't be read"):
        load_contract(models=tmp_path)


def test_the_reference_names_every_key_and_every_trigger() -> None:
    page = (PROJECT_ROOT / "docs" / "reference" / "campaigns.md").read_text(encoding="utf-8")
    rows = " ".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))
    assert {f"`{name}`" for name in [*CampaignKeys.model_fields, *FACTS]} <= set(
        re.findall(r"`[^`]+`", rows)
    )
