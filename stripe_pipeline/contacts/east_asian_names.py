"""Names of China, Japan, Korea and Vietnam.

The surname stands first, in their scripts and often in Latin letters too.
"""

import re
import unicodedata

Split = tuple[str | None, str | None]
UNKNOWN: Split = (None, None)

# As escapes, because an editor may normalise the ends of these ranges to other characters.
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3005\u3006"
_HIRAGANA = "\u3040-\u309f"
_KATAKANA = "\u30a0-\u30fa\u30fc-\u30ff"
_HANGUL = "\uac00-\ud7a3"
_CHINESE = re.compile(f"[{_HAN}]{{2,4}}")
_KOREAN = re.compile(f"[{_HANGUL}]{{2,4}}")
_KATAKANA_ALONE = re.compile(f"[{_KATAKANA} ]+")
_SCRIPT = re.compile(f"[{_HAN}{_HIRAGANA}{_KATAKANA}{_HANGUL}]+")
# Between the parts of a foreign name: 玛丽·居里, ジョン・スミス.
_DOT = re.compile("[·・‧•]")
_HONORIFIC = re.compile("(様|さん|さま|殿|氏|先生|女士|小姐|님|씨)$")

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

# In Latin letters: surnames that are no first names elsewhere,
_LATIN = """
    cai cao chen cheng cheung choi cui dang deng dong feng gao guo hoang hou hsieh hsu huang huynh
    hwang jeong jiang kang kato kobayashi kwok kwon leung liang lim liu luo nakamura nguyen peng
    pham phan qian qiu sato shao suzuki takahashi tanaka tang tran truong tsai wang watanabe wong
    wu xiao xie xiong xu xue yamamoto yoon yoshida zeng zhang zhao zheng zhou zhu zou
"""
# and such that may be first names, or given names of the same countries.
_LATIN_EITHER = """
    ahn an bae bai bui chan chang cho chung do duong fan fu ha han he ho hong hu hua jin jung kim
    lam lau le lee li lin long lu ma mei min ng ngo park ren seo shen shi shin sun song vo vu wei
    yan yang ye yi yin yu yuan yun
"""
LATIN_SURNAMES = frozenset(_LATIN.split())
LATIN_EITHER = frozenset(_LATIN_EITHER.split())
_OF_VIETNAM = "bui dang do duong hoang huynh le ngo nguyen pham phan tran truong vo vu"
_VIETNAMESE = frozenset(_OF_VIETNAM.split())
# Second names that only follow a Vietnamese surname.
_VIETNAMESE_MIDDLE = frozenset({"Thi", "Thị", "Van", "Văn"})
# Korean given names in Latin letters are often two syllables with a hyphen: Min-su.
_KOREAN_GIVEN = re.compile(r"[A-Z][a-z]{1,5}-[a-z]{1,6}")


def is_east_asian(name: str) -> bool:
    """Return whether a name is written in Chinese, Japanese or Korean script throughout."""
    return bool(_SCRIPT.fullmatch(_DOT.sub("", name.replace(" ", ""))))


def split_script(name: str) -> Split:
    """Split a name in its own script into first and last name; None twice where that is ambiguous.

    Without a blank, only a known surname shows where it ends.
    """
    if _DOT.search(name):
        parts = [part.strip() for part in _DOT.split(name) if part.strip()]
        return (parts[0], parts[-1]) if len(parts) > 1 else UNKNOWN
    words = [bare for word in name.split() if (bare := _HONORIFIC.sub("", word))]
    if len(words) == 2:
        # Syllables alone may be a Japanese reading or a foreign name: the order can't be told.
        return UNKNOWN if _KATAKANA_ALONE.fullmatch(name) else (words[1], words[0])
    if len(words) != 1:
        return UNKNOWN
    if _CHINESE.fullmatch(words[0]):
        return _split_after(words[0], CHINESE_SURNAMES, CHINESE_DOUBLE_SURNAMES)
    if _KOREAN.fullmatch(words[0]):
        return _split_after(words[0], KOREAN_SURNAMES, KOREAN_DOUBLE_SURNAMES)
    return UNKNOWN


def _split_after(name: str, surnames: frozenset[str], double: frozenset[str]) -> Split:
    if name[:2] in double and len(name) > 2:
        return name[2:], name[:2]
    if name[0] in surnames and len(name) <= 3:
        return name[1:], name[0]
    return UNKNOWN


def split_latin(words: list[str]) -> Split | None:
    """Split words that begin with an East Asian surname; None where they don't.

    None twice where either end may be the surname: Li Wei is Wei to some and Li to others.
    """
    if not 2 <= len(words) <= 4 or not "".join(words).replace("-", "").isalpha():
        return None
    first, last = _plain(words[0]), _plain(words[-1])
    if first in _VIETNAMESE and len(words) > 2 and words[1] in _VIETNAMESE_MIDDLE:
        return words[-1], words[0]
    if first in LATIN_SURNAMES:
        if last in LATIN_SURNAMES:
            return UNKNOWN
        # A Vietnamese person is called by the last of the given names.
        return (words[-1] if first in _VIETNAMESE else " ".join(words[1:])), words[0]
    if first in LATIN_EITHER:
        if len(words) == 2 and _KOREAN_GIVEN.fullmatch(words[1]):
            return words[1], words[0]
        if last in LATIN_EITHER:
            return UNKNOWN
    return None


def _plain(word: str) -> str:
    """Return a word in lower case without accents: Trần is tran, Đặng is dang."""
    lower = word.lower()
    if lower.isascii():
        return lower
    decomposed = unicodedata.normalize("NFD", lower.replace("đ", "d"))
    return "".join(char for char in decomposed if unicodedata.category(char) != "Mn")
