"""Countries as people and apps write them, and languages."""

from typing import Any

import pycountry
import pytest

from stripe_pipeline.contacts.countries import country_code
from stripe_pipeline.contacts.languages import language_tag
from stripe_pipeline.contacts.phone_and_email import normalize_phone


@pytest.mark.parametrize("country", list(pycountry.countries), ids=lambda country: country.alpha_2)
def test_a_code_of_iso_is_its_country_in_any_case(country: Any) -> None:
    codes = (country.alpha_2, country.alpha_3, country.numeric)
    for code in codes:
        # In other than capitals it says that nothing is known.
        others = () if code == "NA" else (f"{code}.", code.lower())
        written = (code, f" {code} ", *others)
        assert {country_code(each) for each in written} == {country.alpha_2}


@pytest.mark.parametrize("country", list(pycountry.countries), ids=lambda country: country.alpha_2)
def test_iso_s_own_names_are_read(country: Any) -> None:
    names = [country.name, getattr(country, "official_name", None)]
    found = {country_code(name) for name in names if name not in {None, "Congo"}}
    assert found == {country.alpha_2}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("United States", "US"),
        ("united states of america", "US"),
        ("U.S.A.", "US"),
        ("U. S.", "US"),
        ("US - United States", "US"),
        ("United States (US)", "US"),
        ("Estados Unidos", "US"),
        ("EE.UU.", "US"),
        ("États-Unis", "US"),
        ("\U0001f1fa\U0001f1f8", "US"),
        ("Deutschland", "DE"),
        ("deutschland ", "DE"),
        ("Deutschland (Germany)", "DE"),
        ("Alemania", "DE"),
        ("España", "ES"),
        ("Espana", "ES"),
        ("UK", "GB"),
        ("Great Britain", "GB"),
        ("England", "GB"),
        ("GROSSBRITANNIEN", "GB"),
        ("Northern Ireland", "GB"),
        ("Republic of Korea", "KR"),
        ("Korea, Republic of", "KR"),
        ("Korea (the Republic of)", "KR"),
        ("South Korea", "KR"),
        ("Viet Nam", "VN"),
        ("Vietnam", "VN"),
        ("The Netherlands", "NL"),
        ("Holland", "NL"),
        ("Österreich", "AT"),
        ("Oesterreich", "AT"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Czech Republic", "CZ"),
        ("Côte d'Ivoire", "CI"),
        ("St. Lucia", "LC"),
        ("Trinidad and Tobago", "TT"),
        ("Bosnia & Herzegovina", "BA"),
        ("Guinea-Bissau", "GW"),
        ("Congo (Kinshasa)", "CD"),
        ("日本", "JP"),
        ("中國", "CN"),
        ("Россия", "RU"),
        ("مصر", "EG"),
        ("भारत", "IN"),
        ("Kosovo", "XK"),
        ("Estónia", "EE"),
        ("NA", "NA"),
        ("Namibia", "NA"),
        # Codes of others than ISO, and codes that ISO gave up for one country.
        *(("GER", "DE"), ("ger", "DE"), ("SUI", "CH"), ("NED", "NL"), ("KSA", "SA"), ("UAE", "AE")),
        *(("EL", "GR"), ("el", "GR"), ("DDR", "DE"), ("FX", "FR"), ("ZR", "CD"), ("280", "DE")),
        *(("840", "US"), ("DEU - 276", "DE"), ("(040)", "AT"), ("IC", "ES"), ("EA", "ES")),
        # Official names, as their languages have them, and short ones.
        ("Bundesrepublik Deutschland", "DE"),
        ("Königreich Spanien", "ES"),
        ("République française", "FR"),
        ("Repubblica Italiana", "IT"),
        ("Schweizerische Eidgenossenschaft", "CH"),
        ("Koninkrijk der Nederlanden", "NL"),
        ("Rzeczpospolita Polska", "PL"),
        ("Российская Федерация", "RU"),
        ("中华人民共和国", "CN"),
        ("Vereinigte Staaten von Amerika", "US"),
        ("Islas Canarias", "ES"),
        *(("Korea, Rep.", "KR"), ("Egypt, Arab Rep.", "EG"), ("Congo, Dem. Rep.", "CD")),
        *(("Korea", "KR"), ("Corea", "KR"), ("America", "US"), ("Amerika", "US"), ("Saudi", "SA")),
        ("Korea (Democratic People's Republic of)", "KP"),
    ],
)
def test_a_country_is_told_from_its_words(text: str | None, expected: str | None) -> None:
    assert country_code(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", " ", "-", "12345", "N/A", "n.a.", "na", "none", "unknown", "XX", "ZZ"),
        *(
            "EU",
            "Europe",
            "Congo",
            "Virgin Islands",
            "Atlantis",
            "California",
            "Kongo",
            "St. Martin",
        ),
        # Several countries took their places; and no country's codes.
        *("AN", "SU", "YUG", "200", "890", "999", "000", "40", "XXX", "QUU"),
        # One country's at the Olympics, and another one's in ISO or for most readers.
        *("CHI", "NIG", "SLO"),
        *("Austria/Germany", "Paris, France", "United", "D"),
    ],
)
def test_what_stands_for_none_or_for_several_is_none(text: str | None) -> None:
    assert country_code(text) is None


def test_a_number_is_read_in_the_country_of_the_words() -> None:
    assert normalize_phone("(312) 555-2368", country_code("United States")) == "+13125552368"
    assert normalize_phone("030 901820", country_code("Deutschland")) == "+4930901820"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("en", "en"), ("en-US", "en-US"), ("en_us", "en-US"), (" DE-de ", "de-DE")),
        *(("zh_Hant_TW", "zh-Hant-TW"), ("es-419", "es-419"), ("de_DE.UTF-8", "de-DE")),
        *((None, None), ("", None), ("English", None), ("Deutsch", None), ("auto", None)),
        *(("und", None), ("en, fr", None), ("xx", None)),
    ],
)
def test_a_locale_is_a_tag_of_bcp_47_or_none(text: str | None, expected: str | None) -> None:
    assert language_tag(text) == expected
