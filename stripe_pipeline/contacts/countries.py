"""Convert a country's name, code or flag to its ISO 3166 alpha-2 code.

Stripe's `address.country` is free text where an app or an import wrote it. Codes are ISO 3166's
(two letters, three letters, three digits, and those given up since), the European Union's and the
Olympic committee's. Names come from Unicode's CLDR in all of its languages (Babel), and official
ones from ISO 3166 and its translations (pycountry). What stands for several countries (Congo, AN),
or for none, is None.
"""

import gettext
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path

import pycountry
from babel import Locale, localedata
from babel.core import get_global

CACHED_COUNTRIES = 16_384
# Used by Stripe, and only reserved in ISO 3166: Ascension, Tristan da Cunha, Kosovo.
_BESIDE_ISO = {"AC": "ASC", "TA": "TAA", "XK": "XKX"}
# Reserved in ISO 3166 for a part of a country: Ceuta and Melilla, the Canary Islands.
_PARTS_OF = {"EA": "ES", "IC": "ES"}
# The European Union's own: https://publications.europa.eu/code/en/en-5000600.htm
_UNION = {"el": "GR", "uk": "GB"}
# The Olympic committee's where they differ from ISO's, without those that are read as another
# country's (ANT, BRN, BUR, CAM, CHI, MON, NIG, SLO). Neither CLDR nor pycountry has them.
_OLYMPIC = """
    ALG DZ; ANG AO; ARU AW; BAH BS; BAN BD; BAR BB; BER BM; BHU BT; BIZ BZ; BOT BW; BRU BN; BUL BG;
    CAY KY; CGO CG; CHA TD; CRC CR; CRO HR; CTA CF; DEN DK; ESA SV; FIJ FJ; GAM GM; GBS GW; GEQ GQ;
    GER DE; GRE GR; GRN GD; GUA GT; GUI GN; HAI HT; HON HN; INA ID; IRI IR; ISV VI; IVB VG; KOS XK;
    KSA SA; KUW KW; LAT LV; LBA LY; LES LS; MAD MG; MAS MY; MAW MW; MGL MN; MRI MU; MTN MR; MYA MM;
    NCA NI; NED NL; NEP NP; NGR NG; OMA OM; PAR PY; PHI PH; PLE PS; POR PT; PUR PR; RSA ZA; SAM WS;
    SEY SC; SKN KN; SOL SB; SRI LK; SUD SD; SUI CH; TAN TZ; TGA TO; TOG TG; TPE TW; TRI TT; UAE AE;
    URU UY; VAN VU; VIE VN; VIN VC; ZAM ZM; ZIM ZW
"""
# Languages that are loaded first: all of them together take seconds, once per process.
_MANY = (
    *("de", "fr", "es", "es_MX", "it", "nl", "pt", "pt_PT", "sv", "da", "nb", "fi", "pl", "cs"),
    *("hu", "ro", "el", "ru", "uk", "tr", "ar", "he", "ja", "zh", "zh_Hant", "ko", "id", "vi"),
)
# Names of several countries, though ISO or some language uses them for one.
_SEVERAL = "Congo; Kongo; Virgin Islands; Saint Martin; St. Maarten"
# Names missing in CLDR and ISO: short forms, parts that people take for the whole, former names.
_OTHER_NAMES = {
    "AE": "U.A.E.; Emirates",
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
    # "Korea" alone is the South: nothing is sold to the North, which isn't called so.
    "KR": "ROK; South Korea; Republic of Korea; Korea; Corea; Corée; Coreia; Корея; 한국",
    "LA": "Laos",
    "MK": "Macedonia; FYROM; Republic of Macedonia",
    "MM": "Burma",
    "MO": "Macau; Macao",
    "NL": "Holland",
    "PS": "Palestine",
    "RU": "Russia",
    "SZ": "Swaziland",
    "SA": "Kingdom of Saudi Arabia; Saudi",
    "TH": "ประเทศไทย",
    "TL": "East Timor",
    "TR": "Turkey",
    "TT": "Trinidad",
    "TW": "Taiwan; ROC",
    "US": (
        "U.S.; U.S.A.; U.S. of A.; United States of America; EE.UU.; E.U.A.; アメリカ; 美国; 美國;"
        "America; Amerika; Amérique; América; The States"
    ),
    "VA": "Vatican",
    "VN": "Vietnam",
}
# "n/a" for an unknown country, which would otherwise be Namibia's code.
_NOT_APPLICABLE = re.compile(r"n\W*a\W*", re.IGNORECASE)
_CODE = re.compile(r"\W*([a-z]{2,3}|[0-9]{3})\W*", re.IGNORECASE | re.ASCII)
_SHORT = {"st": "saint", "rep": "republic", "fed": "federal", "dem": "democratic"}
_LITTLE = frozenset({"the", "of"})
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
    """Return the one country of a name, as written or reversed: Korea, Republic of."""
    first, _, rest = written.partition(",")
    for names in (_common_names, _names_of_many_languages, _names_of_all_languages):
        for name in (written, f"{rest} {first}"):
            if (found := names().get(_key(name))) is not None:
                return _only(found)
    return None


def _named_by_parts(written: str) -> str | None:
    """Return the country on which the parts of a text agree: US - United States, Germany (DE)."""
    parts = [part.strip() for part in _PARTS.split(written) if part.strip()]
    if len(parts) < 2:
        return None
    found = {country_code(part) for part in parts}
    return _only(found) or _named(", ".join(parts))


def _only(found: Collection[str | None]) -> str | None:
    return next(iter(found)) if len(found) == 1 else None


def _key(text: str) -> str:
    """Return a name's letters without case, accents, blanks, points; "St." is Saint, "&" is and."""
    words = re.sub(r"[\W_]+", " ", _folded(text.replace("&", " and "))).split()
    plain = [_SHORT.get(word, word) for word in words]
    return "".join([word for word in plain if word not in _LITTLE] or plain)


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    # Accents of Latin, Greek and Cyrillic letters alone: elsewhere a mark may be a vowel.
    return unicodedata.normalize("NFC", re.sub("[\u0300-\u036f\u200b-\u200f]", "", decomposed))


_Index = dict[str, set[str]]
_Name = tuple[str, str]  # alpha-2, name


def _index(names: Iterable[_Name]) -> _Index:
    """Index the codes by the key of a name; several where it stands for several countries."""
    found: _Index = {}
    for code, name in names:
        if key := _key(name):
            found.setdefault(key, set()).add(code)
    return found


@cache
def _codes() -> _Index:
    """Index the lower-case codes: two letters, three letters, three digits, withdrawn ones too.

    CLDR knows the successors of countries that no longer exist.
    """
    known = _known()
    olympic = dict(each.split() for each in _OLYMPIC.split(";"))
    found = {code.lower(): {country} for code, country in olympic.items()}
    for code, countries in get_global("territory_aliases").items():
        if known.issuperset(countries):
            found[code.lower()] = set(countries)
    for each in pycountry.countries:
        codes = (each.alpha_2, each.alpha_3, each.numeric)
        found |= {code.lower(): {each.alpha_2} for code in codes}
    beside = {code.lower(): {two} for two, three in _BESIDE_ISO.items() for code in (two, three)}
    single = {code.lower(): {country} for code, country in (_PARTS_OF | _UNION).items()}
    return found | beside | single


@cache
def _known() -> frozenset[str]:
    return frozenset({each.alpha_2 for each in pycountry.countries} | _BESIDE_ISO.keys())


@cache
def _common_names() -> _Index:
    """Index the names of ISO, the English ones, and those above."""
    names = _index([*_iso_names(str), *_names_in("en"), *_other_names()])
    return names | {_key(name): set() for name in _SEVERAL.split(";")}


@cache
def _names_of_many_languages() -> _Index:
    """Index the names in the languages that are loaded first: CLDR's, and else pycountry's."""
    return _index(_in_each(_translated(), _iso_names_in)) | _index(_in_each(_MANY, _names_in))


@cache
def _names_of_all_languages() -> _Index:
    """Index CLDR's names in all of its languages; loaded lazily at the first unknown word."""
    return _index(set(_in_each(localedata.locale_identifiers(), _names_in)))


def _in_each(languages: Iterable[str], names: Callable[[str], Iterator[_Name]]) -> Iterator[_Name]:
    return (name for language in languages for name in names(language))


def _translated() -> list[str]:
    """Return the languages loaded first for which pycountry translates ISO's country names.

    Its translations into others have mistakes: Malaysia is called Mexico in one.
    """
    bases = {name.partition("_")[0] for name in _MANY}
    languages = (folder.name for folder in Path(pycountry.LOCALES_DIR).iterdir())
    return [name for name in languages if re.split("[_@]", name)[0] in bases]


def _iso_names_in(language: str) -> Iterator[_Name]:
    translated = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language], fallback=True)
    return _iso_names(translated.gettext)


def _iso_names(translate: Callable[[str], str]) -> Iterator[_Name]:
    for country in pycountry.countries:
        for field in ("name", "official_name", "common_name"):
            if written := getattr(country, field, None):
                name = translate(written)
                first, _, rest = name.partition(",")
                yield country.alpha_2, name
                yield country.alpha_2, f"{rest} {first}"


def _names_in(language: str) -> Iterator[_Name]:
    for code, name in Locale.parse(language).territories.items():
        country = _PARTS_OF.get(code, code)
        if country in _known():
            yield country, name


def _other_names() -> Iterator[_Name]:
    for code, names in _OTHER_NAMES.items():
        for name in names.split(";"):
            yield code, name
