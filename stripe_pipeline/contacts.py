"""Read people's contact fields: phone numbers to E.164, one name field to first and last name.

Stripe has one free-text `name` ("full name or business name") and one free-text `phone`. What
can't be read with confidence is None: a wrong first name in a greeting is worse than none.
"""

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from nameparser import HumanName
from nameparser.config import CONSTANTS

# Enough for the vectors that DuckDB has in hand: each name is asked for twice.
CACHED_NAMES = 16384

# Words in a company's name and in no person's: legal forms, and what companies call themselves.
_COMPANY_WORDS = """
    aps asbl association bank bhd cic club company consulting coop corp corporation doo foundation
    gbr gesellschaft gmbh group grupo holding holdings inc incorporated institute kft labs lda
    limitada limited llc llp ltd ltda mbh ohg oyj pllc plc pte pty pvt sapi sarl sasu school
    services sia snc societe solutions spa spolka srl srls store studio studios systems
    technologies trust uab university verein
"""
# These are surnames as well (Maria Sa), so they must stand last and in capitals.
_COMPANY_CAPITALS = "AB AG AS BV CO CV KG KK LP NV OY SA SAS SE SL SP UG"
COMPANY_WORDS = frozenset(_COMPANY_WORDS.split())
COMPANY_CAPITALS = frozenset(_COMPANY_CAPITALS.split())
_COMPANY_MARKS = re.compile(
    r"[&@/]|\d|株式会社|有限会社|合同会社|有限公司|公司|集团|集團|주식회사|㈜"
)

# As escapes, because an editor may normalise the ends of these ranges to other characters.
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3005\u3006"
_KANA = "\u3040-\u30ff"
_HANGUL = "\uac00-\ud7a3"
_CHINESE = re.compile(f"^[{_HAN}]{{2,4}}$")
_KOREAN = re.compile(f"^[{_HANGUL}]{{2,4}}$")
_EAST_ASIAN = re.compile(f"^[{_HAN}{_KANA}{_HANGUL}]+$")

CHINESE_SURNAMES = frozenset(
    "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭程曹"
    "袁邓鄧许許傅沈曾彭吕呂苏蘇卢盧蒋蔣蔡贾賈丁魏薛叶葉阎閻余潘杜戴夏钟鍾汪田任姜范方石姚谭譚廖邹鄒熊"
    "金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍万萬段雷钱錢汤湯尹黎易常武乔喬贺賀赖賴龚龔文"
)
_CHINESE_DOUBLE = "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 司徒 东方 東方 皇甫 尉迟 尉遲 慕容 令狐 夏侯"
CHINESE_DOUBLE_SURNAMES = frozenset(_CHINESE_DOUBLE.split())
KOREAN_SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진나지엄채원천방공현"
    "함변염여추도소석선설마길연위표명기반라왕금옥육인맹제모탁국어은편용"
)
_KOREAN_DOUBLE = "남궁 황보 제갈 선우 독고 사공 서문"
KOREAN_DOUBLE_SURNAMES = frozenset(_KOREAN_DOUBLE.split())


def normalize_phone(phone: str | None, country: str | None) -> str | None:
    """Return a phone number in E.164 ("+4930123456"), or None if it is no valid number.

    `country` (ISO 3166 alpha-2) says how a number without a country code is meant.
    """
    if not phone or not phone.strip():
        return None
    try:
        number = phonenumbers.parse(phone, (country or "").strip().upper() or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_valid_email(email: str | None) -> bool:
    """Return whether mail can be sent to an address, as far as its form and domain's name tell.

    Asks nobody: whether there is such a mailbox is another question.
    """
    try:
        validate_email(email or "", check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def first_name(name: str | None, business: str | None, individual: str | None) -> str | None:
    """Return the first name of the person whom Stripe's name fields name, or None.

    `name` is the one field that every customer has; `business` and `individual` are Stripe's
    `business_name` and `individual_name`, given only where they were asked for.
    """
    return _split(name, business, individual)[0]


def last_name(name: str | None, business: str | None, individual: str | None) -> str | None:
    """Return the last name of the person whom Stripe's name fields name, or None."""
    return _split(name, business, individual)[1]


@lru_cache(CACHED_NAMES)
def _split(
    name: str | None, business: str | None, individual: str | None
) -> tuple[str | None, str | None]:
    """First and last name. A business has neither: its name stays whole, in the full name."""
    person = _clean(individual)
    if not person:
        person = _clean(name)
        if not person or person == _clean(business) or is_business(person):
            return None, None
    if _EAST_ASIAN.match(person.replace(" ", "")):
        return _split_east_asian(person)
    return _split_western(person)


def _clean(text: str | None) -> str:
    """The text in composed form, without control characters, its blanks single."""
    composed = unicodedata.normalize("NFC", text or "")
    visible = (char if unicodedata.category(char) not in {"Cc", "Cf"} else " " for char in composed)
    return " ".join("".join(visible).split())


def is_business(name: str) -> bool:
    """Whether a name reads like a company's: a legal form in it, an ampersand, a digit."""
    if _COMPANY_MARKS.search(name):
        return True
    words = [word for word in (re.sub(r"\W", "", part) for part in name.split()) if word]
    if len(words) < 2:
        return False
    return words[-1] in COMPANY_CAPITALS or any(word.lower() in COMPANY_WORDS for word in words[1:])


def _split_east_asian(name: str) -> tuple[str | None, str | None]:
    """The surname stands first; without a blank only a known surname tells where it ends."""
    words = name.split()
    if len(words) == 2:
        return words[1], words[0]
    if len(words) == 1 and _CHINESE.match(name):
        return _split_after(name, CHINESE_SURNAMES, CHINESE_DOUBLE_SURNAMES, longest=3)
    if len(words) == 1 and _KOREAN.match(name):
        return _split_after(name, KOREAN_SURNAMES, KOREAN_DOUBLE_SURNAMES, longest=3)
    return None, None


def _split_after(
    name: str, surnames: frozenset[str], double: frozenset[str], longest: int
) -> tuple[str | None, str | None]:
    if name[:2] in double and len(name) > 2:
        return name[2:], name[:2]
    if name[0] in surnames and len(name) <= longest:
        return name[1:], name[0]
    return None, None


def _split_western(name: str) -> tuple[str | None, str | None]:
    words = name.split()
    if len(words) == 1:
        return name, None
    if words[0].islower() and words[0] in CONSTANTS.prefixes:
        # "van der Berg": a surname alone. Nobody is greeted as "van".
        return None, name
    if len(words) == 2 and all(_is_plain(word) for word in words):
        return words[0], words[1]
    parsed = HumanName(name)
    return parsed.first or None, parsed.last or None


def _is_plain(word: str) -> bool:
    """Whether a word can be nothing but a first or last name: no title, particle or initial."""
    lower = word.lower()
    return (
        len(word) > 1
        and re.sub("[-'\u2019]", "", word).isalpha()
        and not any(
            lower in words
            for words in (
                CONSTANTS.titles,
                CONSTANTS.prefixes,
                CONSTANTS.conjunctions,
                CONSTANTS.suffix_acronyms,
                CONSTANTS.suffix_not_acronyms,
                CONSTANTS.first_name_titles,
            )
        )
    )
