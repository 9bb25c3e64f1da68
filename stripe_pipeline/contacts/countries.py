"""Countries in words, in letters or as codes to ISO 3166 alpha-2.

Stripe's `address.country` is free text where an app or an import wrote it. The names come from
Unicode's CLDR in all of its languages (Babel) and from ISO 3166 (pycountry). A word that stands for
several countries (Korea, Congo), or for none, is None.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import cache, lru_cache

import pycountry
from babel import Locale, localedata

CACHED_COUNTRIES = 16_384
# Used by Stripe, and only reserved in ISO 3166: Ascension, Tristan da Cunha, Kosovo.
_BESIDE_ISO = {"AC": "ASC", "TA": "TAA", "XK": "XKX"}
# Languages that are read first: all of them together take seconds, once a process.
_MANY = (
    *("de", "fr", "es", "es_MX", "it", "nl", "pt", "pt_PT", "sv", "da", "nb", "fi", "pl", "cs"),
    *("hu", "ro", "el", "ru", "uk", "tr", "ar", "he", "ja", "zh", "zh_Hant", "ko", "id", "vi"),
)
# ISO calls one of them so, or some language does.
_SEVERAL = "Congo; Kongo; Korea; Virgin Islands; Saint Martin; St. Maarten; America; Amerika"
# What neither CLDR nor ISO says: short forms, parts that people take for the whole, former names.
_OTHER_NAMES = {
    "AE": "UAE; U.A.E.; Emirates",
    "AT": "Oesterreich",
    "BA": "Bosnia; BiH",
    "BN": "Brunei",
    "CD": "DRC; DR Congo; Democratic Republic of Congo; Zaire",
    "CI": "Ivory Coast",
    "CN": "PRC; P.R. China; PR China; Mainland China",
    "CV": "Cape Verde",
    "CZ": "Czech Republic; Czechia; Czech Rep.",
    "DE": "BRD; Federal Republic of Germany",
    "GB": (
        "UK; U.K.; G.B.; Great Britain; Britain; England; Scotland; Wales; Northern Ireland;"
        "Großbritannien; Gran Bretaña; Grande-Bretagne; Gran Bretagna; Grã-Bretanha;"
        "Groot-Brittannië; Wielka Brytania; Angleterre; Inglaterra; Inghilterra; Schottland"
    ),
    "GR": "Hellas; Hellenic Republic",
    "HK": "Hong Kong; HKSAR",
    "IE": "Republic of Ireland; Eire",
    "KP": "DPRK; North Korea",
    "KR": "ROK; South Korea; Republic of Korea; 한국",
    "LA": "Laos",
    "MK": "Macedonia; FYROM; Republic of Macedonia",
    "MM": "Burma",
    "MO": "Macau; Macao",
    "NL": "Holland",
    "PS": "Palestine",
    "RU": "Russia",
    "SZ": "Swaziland",
    "TH": "ประเทศไทย",
    "TL": "East Timor",
    "TR": "Turkey",
    "TT": "Trinidad",
    "TW": "Taiwan; ROC",
    "US": "U.S.; U.S.A.; U.S. of A.; United States of America; EE.UU.; E.U.A.; アメリカ",
    "VA": "Vatican",
    "VN": "Vietnam",
}
# What is written where nothing is known, and would be the code of Namibia.
_NOT_APPLICABLE = re.compile(r"n\W*a\W*", re.IGNORECASE)
_CODE = re.compile(r"\W*([a-z]{2,3})\W*", re.IGNORECASE)
_PARTS = re.compile(r"[-\u2013/|,;()\[\]]")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")


@lru_cache(CACHED_COUNTRIES)
def country_code(text: str | None) -> str | None:
    """Return the ISO 3166 alpha-2 code that a country's code, name or flag stands for, or None."""
    written = (text or "").strip()
    if written != "NA" and _NOT_APPLICABLE.fullmatch(written):
        return None
    if _FLAG.fullmatch(written):
        written = "".join(chr(ord(sign) - 0x1F1E6 + ord("A")) for sign in written)
    if code := _CODE.fullmatch(written):
        written = code.group(1)
        if found := _codes().get(written.lower()):
            return _only(found)
    return _named(written) or _named_by_parts(written)


def _named(written: str) -> str | None:
    """The one country of a name, as it is or, Korea, Republic of, the other way round."""
    first, _, rest = written.partition(",")
    for names in (_common_names, _names_of_many_languages, _names_of_all_languages):
        for name in (written, f"{rest} {first}"):
            if (found := names().get(_key(name))) is not None:
                return _only(found)
    return None


def _named_by_parts(written: str) -> str | None:
    """The country on which the parts of a text agree: US - United States, Germany (DE)."""
    parts = [part.strip() for part in _PARTS.split(written) if part.strip()]
    if len(parts) < 2:
        return None
    found = {country_code(part) for part in parts}
    return _only(found) or _named(", ".join(parts))


def _only(found: Collection[str | None]) -> str | None:
    return next(iter(found)) if len(found) == 1 else None


def _key(text: str) -> str:
    """A name's letters, without case, accents, blanks and points; "St." is Saint, "&" is and."""
    words = re.sub(r"[\W_]+", " ", _folded(text.replace("&", " and "))).split()
    plain = ["saint" if word == "st" else word for word in words]
    return "".join(plain[1:] if plain[:1] == ["the"] and len(plain) > 1 else plain)


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    # Accents of Latin, Greek and Cyrillic letters alone: elsewhere a mark may be a vowel.
    return unicodedata.normalize("NFC", re.sub("[\u0300-\u036f\u200b-\u200f]", "", decomposed))


_Index = dict[str, set[str]]


def _index(names: Iterable[tuple[str, str]]) -> _Index:
    """Codes by the key of a name; several where it stands for several countries."""
    found: _Index = {}
    for code, name in names:
        if key := _key(name):
            found.setdefault(key, set()).add(code)
    return found


@cache
def _codes() -> _Index:
    """Alpha-2 and alpha-3."""
    found = {each.alpha_2: each.alpha_3 for each in pycountry.countries} | _BESIDE_ISO
    letters = {code.lower(): {two} for two, three in found.items() for code in (two, three)}
    return letters | {"uk": {"GB"}}


@cache
def _common_names() -> _Index:
    """What ISO calls a country, what English does, and the names above."""
    names = _index([*_iso_names(), *_names_in("en"), *_other_names()])
    return names | {_key(name): set() for name in _SEVERAL.split(";")}


@cache
def _names_of_many_languages() -> _Index:
    """The names in the languages that are read first."""
    return _index(pair for name in _MANY for pair in _names_in(name))


@cache
def _names_of_all_languages() -> _Index:
    """The names in every language that CLDR knows; read when the first word asks for them."""
    return _index(pair for name in localedata.locale_identifiers() for pair in _names_in(name))


def _iso_names() -> Iterator[tuple[str, str]]:
    for country in pycountry.countries:
        for field in ("name", "official_name", "common_name"):
            if name := getattr(country, field, None):
                first, _, rest = name.partition(",")
                yield country.alpha_2, name
                yield country.alpha_2, f"{rest} {first}"


def _names_in(language: str) -> Iterator[tuple[str, str]]:
    known = {each.alpha_2 for each in pycountry.countries} | _BESIDE_ISO.keys()
    for code, name in Locale.parse(language).territories.items():
        if code in known:
            yield code, name


def _other_names() -> Iterator[tuple[str, str]]:
    for code, names in _OTHER_NAMES.items():
        for name in names.split(";"):
            yield code, name
