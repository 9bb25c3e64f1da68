"""Names: what can be read with confidence is read, the rest is None."""
# ruff: noqa: RUF001 - letters of other scripts that look like Latin ones are meant.

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nameparser import HumanName

from stripe_pipeline.contacts.companies import is_business
from stripe_pipeline.contacts.names import first_name, last_name


def split(name: str) -> tuple[str | None, str | None]:
    return first_name(name, None, None), last_name(name, None, None)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Jane Doe", "Jane", "Doe"),
        ("  Jane \t Doe ", "Jane", "Doe"),
        ("Anna\u00a0Meyer", "Anna", "Meyer"),
        ("Doe, Jane", "Jane", "Doe"),
        ("Doe, Jane M.", "Jane", "Doe"),
        ("Mary Ann Smith", "Mary", "Smith"),
        ("Siobhán O'Neil", "Siobhán", "O'Neil"),
        ("Anne-Marie Müller-Lüdenscheidt", "Anne-Marie", "Müller-Lüdenscheidt"),
        ("Maria Sa", "Maria", "Sa"),
        ("Kenneth Co", "Kenneth", "Co"),
        ("Trust Nwosu", "Trust", "Nwosu"),
        ("Madonna", "Madonna", None),
        ("Björk Guðmundsdóttir", "Björk", "Guðmundsdóttir"),
        # Each part keeps its own spelling, in capitals too.
        ("JANE DOE", "JANE", "DOE"),
        ("jane van der berg", "jane", "van der berg"),
        ("Angus McDonald", "Angus", "McDonald"),
        # particles
        ("Dr. Jane van der Berg", "Jane", "van der Berg"),
        ("van der Berg", None, "van der Berg"),
        ("Frau von der Leyen", None, "von der Leyen"),
        ("de Gaulle, Charles", "Charles", "de Gaulle"),
        ("VON TRAPP, MARIA", "MARIA", "VON TRAPP"),
        ("Van Morrison", "Van", "Morrison"),
        ("Ana María de la Fuente", "Ana", "de la Fuente"),
        ("Mohammed bin Salman", "Mohammed", "bin Salman"),
        ("Ahmad ibn Hanbal", "Ahmad", "ibn Hanbal"),
        ("Omar al-Sayed", "Omar", "al-Sayed"),
        ("José Ortega y Gasset", "José", "Ortega y Gasset"),
        ("Hans von und zu Liechtenstein", "Hans", "von und zu Liechtenstein"),
        # titles and suffixes
        ("Frau Anna Schmidt", "Anna", "Schmidt"),
        ("Prof. Dr. Hans Meier", "Hans", "Meier"),
        ("Mr. Smith", None, "Smith"),
        ("Jane Doe Jr.", "Jane", "Doe"),
        ("Doe Jr., John", "John", "Doe"),
        ("Jane Doe PhD", "Jane", "Doe"),
        ("Jane Doe, M.D.", "Jane", "Doe"),
        ("Ivan Petrov III", "Ivan", "Petrov"),
        ("Henry VIII", "Henry", None),
        # A letter is no name to call a person by.
        ("J. Doe", None, "Doe"),
        ("J. R. R. Tolkien", None, "Tolkien"),
        ("Jane D.", "Jane", None),
        ("M. Dupont", None, "Dupont"),
        ("J.R. Ewing", None, "Ewing"),
        # Nor is a title that no one knew for one.
        ("Prof. Dr. h.c. Anna Schmidt", None, "Schmidt"),
        ("Univ.-Prof. Dr. Karl Huber", None, "Huber"),
        ("Ke'Shawn O'Shea", "Ke'Shawn", "O'Shea"),
        # what people add
        ("Anna 🌸 Meyer", "Anna", "Meyer"),
        ("Jane ❤️", "Jane", None),
        ("👩‍👩‍👧 Anna Meyer", "Anna", "Meyer"),
        ("Jane Doe (work)", "Jane", "Doe"),
        ('Robert "Bob" Smith', "Robert", "Smith"),
        # A joiner is a part of the spelling in Persian.
        ("می\u200cنا احمدی", "می\u200cنا", "احمدی"),
        # A patronymic follows the first name.
        ("Иван Иванович Петров", "Иван", "Петров"),
        ("Петрова Анна Сергеевна", "Анна", "Петрова"),
        # two people
        ("Anna & Tom Meyer", None, None),
        ("Anna und Tom Meyer", None, None),
        ("Anna et Paul Martin", None, None),
        ("Mr. and Mrs. Smith", None, "Smith"),
        # no one
        ("Guest", None, None),
        ("Test User", None, None),
        ("N/A", None, None),
        ("N/A N/A", None, None),
        ("n.a. n.a.", None, None),
        ("unknown unknown", None, None),
        # A placeholder beside another word or letter
        ("Customer A", None, None),
        ("A Customer", None, None),
        ("Guest User", None, None),
        ("Guest 123", None, None),
        ("Guest #5", None, None),
        ("guest42", None, None),
        ("Test X", None, None),
        ("Test-User 7", None, None),
        ("TestCustomer", None, None),
        ("Valued Customer", None, None),
        ("Stripe User", None, None),
        ("Neuer Kunde", None, None),
        ("Test Kunde", None, None),
        ("Gast Nutzer", None, None),
        ("Client Inconnu", None, None),
        ("Invité Martin", None, "Martin"),
        ("Cliente Prueba", None, None),
        ("Utente Sconosciuto", None, None),
        ("Gość Nowak", None, "Nowak"),
        ("Гость Иванов", None, "Иванов"),
        ("Тестовый Пользователь", None, None),
        ("テスト ユーザー", None, None),
        ("测试 用户", None, None),
        ("Guest Smith", None, "Smith"),
        ("Smith, Guest", None, "Smith"),
        ("Mr. Guest", None, None),
        ("Test Test", None, None),
        ("Test", None, None),
        ("Jane Unknown", "Jane", None),
        # Some are surnames
        ("Christopher Guest", "Christopher", "Guest"),
        ("Anna Test", "Anna", "Test"),
        ("Testa Rossi", "Testa", "Rossi"),
        ("(none)", None, None),
        ("🌸", None, None),
        ("...", None, None),
        ("O", None, None),
        ("", None, None),
        (" \u200b ", None, None),
        (None, None, None),
    ],
)
def test_a_person_s_name_is_split(name: str, first: str | None, last: str | None) -> None:
    assert split(name) == (first, last)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("王小明", "小明", "王"),
        ("欧阳娜娜", "娜娜", "欧阳"),
        ("山田 太郎", "太郎", "山田"),
        ("山田 太郎 様", "太郎", "山田"),
        ("김민수", "민수", "김"),
        ("김민수님", "민수", "김"),
        ("남궁민수", "민수", "남궁"),
        # A foreign name has a dot between its parts, in the order of its own country.
        ("玛丽·居里", "玛丽", "居里"),
        ("ジョン・スミス", "ジョン", "スミス"),
        # Where a Japanese surname ends can't be told without a blank.
        ("山田太郎", None, None),
        ("さくら", None, None),
        ("ヤマダ タロウ", None, None),
        # in Latin letters
        ("Wang Xiaoming", "Xiaoming", "Wang"),
        ("Xiaoming Wang", "Xiaoming", "Wang"),
        ("WANG Xiaoming", "Xiaoming", "WANG"),
        ("Lim Chee Kong", "Chee Kong", "Lim"),
        ("Kim Min-su", "Min-su", "Kim"),
        ("Park Ji-sung", "Ji-sung", "Park"),
        ("Yamamoto Kenji", "Kenji", "Yamamoto"),
        ("Nguyễn Văn An", "An", "Nguyễn"),
        ("Lê Thị Hoa", "Hoa", "Lê"),
        ("Mai Nguyen", "Mai", "Nguyen"),
        ("An van Dijk", "An", "van Dijk"),
        ("Kim Smith", "Kim", "Smith"),
        ("Bruce Lee", "Bruce", "Lee"),
        ("Chen, Wei", "Wei", "Chen"),
        # Either word may be the surname.
        ("Li Wei", None, None),
        ("Zhang Chen", None, None),
    ],
)
def test_an_east_asian_name_is_split_by_its_surname(
    name: str, first: str | None, last: str | None
) -> None:
    assert split(name) == (first, last)


@pytest.mark.parametrize(
    "name",
    [
        "Acme GmbH",
        "Acme, Inc.",
        "Acme Co.",
        "Acme S.A.",
        "Acme s.a.",
        "Acme S.A. de C.V.",
        "Contoso AB (publ)",
        "Contoso a.s.",
        "Novák s.r.o.",
        "Kowalski sp. z o.o.",
        "Horvat d.o.o.",
        "Rossi S.r.l.",
        "De Vries B.V.",
        "Nordlys ApS",
        "Kahvi Oy",
        "Szabó Kft.",
        "Yılmaz Ltd. Şti.",
        "Tan Pte Ltd",
        "Ali Sdn Bhd",
        "PT Maju Jaya",
        "ООО Ромашка",
        "ИП Иванов",
        "トヨタ株式会社",
        "㈱山田",
        "(株)山田",
        "北京科技有限公司",
        "주식회사 가나다",
        "Công ty TNHH An Bình",
        "บริษัท เอบีซี จำกัด",
        'כהן בע"מ',
        "شركة النور",
        "Müller & Söhne",
        "Baker & McKenzie",
        "Blue Bottle Coffee Company",
        "Société Générale SA",
        "Hotel Adler",
        "Praxis Dr. Müller",
        "The Daily Grind",
        "Springfield Elementary School",
        "7 Eleven",
        "Bob's Burgers",
        "ST. JOHN\u2019S CHURCH",
        "Bank of Ireland",
        "Gasthof Adler",
        "info@example.com",
    ],
)
def test_a_business_name_stays_whole(name: str) -> None:
    assert is_business(name)
    assert split(name) == (None, None)


def test_the_business_name_field_marks_the_name_as_a_business() -> None:
    assert first_name("Rosa Blum", "Rosa Blum", None) is None
    assert first_name("Rosa Blum", "Blum's Flowers", None) == "Rosa"


def test_the_individual_name_goes_before_the_business() -> None:
    assert first_name("Acme GmbH", "Acme GmbH", "Jane Doe") == "Jane"
    assert last_name("Acme GmbH", "Acme GmbH", "Jane Doe") == "Doe"
    assert last_name("Acme GmbH", "Acme GmbH", "Jane Bank") == "Bank"


FIRST = st.sampled_from(["Jane", "Anne-Marie", "JOSÉ", "ludwig", "D'Arcy", "Иван"])
PARTICLES = st.sampled_from([[], ["van"], ["van", "der"], ["de", "la"], ["von"], ["bin"], ["da"]])
LAST = st.lists(st.sampled_from(["Berg", "O'Neil", "müller-meier", "García"]), min_size=1)


@given(FIRST, st.lists(FIRST, max_size=2), PARTICLES, LAST)
def test_names_of_plain_words_are_split_as_nameparser_does(
    first: str, middle: list[str], particles: list[str], last: list[str]
) -> None:
    name = " ".join([first, *middle, *particles, *last])
    parsed = HumanName(name)
    assert split(name) == (parsed.first, parsed.last)
