"""A pasted Chinese delivery address, taken apart: name, phone, divisions, street, postcode.

People paste what a friend sent or what another shop keeps: parts in any order, with or without labels,
spaces, commas or line ends between them. What is not recognised stays in the street, so nothing is lost.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from shop.web.ui.regions import HOME, divisions

_LABEL = re.compile(
    r"(收货人|收件人|联系人|姓名|手机号码|手机号|手机|联系电话|联系方式|电话号码|电话|所在地区|所在地|地区|"
    r"详细地址|收货地址|收件地址|街道地址|地址|邮政编码|邮编)\s*[::]\s*"
)
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[-\s]?)?(1[3-9]\d[-\s]?\d{4}[-\s]?\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3}-?\d{7,8})(?!\d)")
_POSTCODE = re.compile(r"(?:邮政编码|邮编)?\s*:?\s*(?<![\d-])(\d{6})(?![\d号弄室栋幢座-])")
_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}(?:先生|女士|小姐|老师)?|[A-Za-z][A-Za-z .'’-]{1,39}")
_NOT_A_NAME = re.compile(
    r".*(?:[省市区县镇乡村路街道号室楼弄栋幢座层巷苑园里庄湾城厦旗州盟站店校院]|单元|小区|广场|公寓|中国)$"
)
_DISTRICT = re.compile(r"^([\u4e00-\u9fff]{1,9}?(?:自治县|新区|区|县|市|旗))(?!场|域|委)")
# A name glued to the end of a street: after the number of a room or a house.
_TAIL = re.compile(r"^(.*\d\s*(?:号|室|楼|层|座|户|栋|幢|单元))([\u4e00-\u9fff]{2,4})$")
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
    "欧阳司诸葛上官"
)
_SUFFIX = re.compile(
    r"(?:壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|省|市|地区|林区|盟|(?:[\u4e00-\u9fff]{1,3}族)+自治州|自治州)$"
)


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was found; empty where nothing was."""

    name: str = ""
    phone: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    postcode: str = ""


def parse(text: str) -> Pasted:
    """Take a pasted address apart. Never fails."""
    text = _tidy(text)
    name = _labelled_name(text)
    if name:
        text = text.replace(name, " ", 1)
    phone, text = _take(text, (_MOBILE, _LANDLINE))
    postcode, text = _take(text, (_POSTCODE,))
    text = _LABEL.sub("\n", text)
    tokens = _latin_names([token for token in re.split(r"[\s,;|、]+", text) if token])
    if not name:
        name = _pick_name(tokens)
        if name:
            tokens.remove(name)
    province, city, district, street = _divide(_join(_from_the_province(tokens)))
    if not name:
        street, name = _cut_tail(street)
    return Pasted(name, re.sub(r"[-\s]", "", phone), province, city, district, street, postcode)


def _tidy(text: str) -> str:
    text = unicodedata.normalize("NFKC", text[:1000])
    text = text.replace("。", "\n").replace("\r", "\n").replace("\u3000", " ")
    return re.sub(r"[\[\]【】()<>《》\"“”\t]", " ", text)


def _labelled_name(text: str) -> str:
    found = re.search(r"(?:收货人|收件人|联系人|姓名)\s*[::]\s*([^\s,;|、\d:]{1,40})", text)
    return found[1] if found else ""


def _take(text: str, patterns: Iterable[re.Pattern[str]]) -> tuple[str, str]:
    """The first match, and the text with a line end in its place: it parted what stood around it."""
    for pattern in patterns:
        found = pattern.search(text)
        if found:
            return found[1], f"{text[: found.start()]}\n{text[found.end() :]}"
    return "", text


def _pick_name(tokens: Sequence[str]) -> str:
    """The part that is a person: at one of the ends, no division, with a surname if any has one."""
    likely = [
        token
        for token in tokens
        if _NAME.fullmatch(token) and not _NOT_A_NAME.match(token) and not _is_division(token)
    ]
    ends = [token for token in likely if token in {tokens[0], tokens[-1]}]
    for group in (ends, likely):
        for token in group:
            if token[0] in _SURNAMES:
                return token
    return ends[0] if ends and len(tokens) > 1 else ""


def _latin_names(tokens: list[str]) -> list[str]:
    """``Amelia``, ``Hart`` at one of the ends become one part again."""
    for words in (tokens[:2], tokens[-2:]):
        if len(words) == 2 and all(re.fullmatch(r"[A-Z][A-Za-z.'’-]+", word) for word in words):
            at = 0 if words == tokens[:2] else len(tokens) - 2
            return [*tokens[:at], " ".join(words), *tokens[at + 2 :]]
    return tokens


def _from_the_province(tokens: Sequence[str]) -> Sequence[str]:
    """The parts from the one that names a province on; what stood before follows behind."""
    for at, token in enumerate(tokens):
        if _match(token, divisions(HOME))[0]:
            return [*tokens[at:], *tokens[:at]]
    return tokens


def _join(tokens: Sequence[str]) -> str:
    """The rest as one address: a space stays only between Latin letters or figures."""
    joined = ""
    for token in tokens:
        apart = joined and joined[-1].isascii() and token[0].isascii()
        joined += (" " if apart else "") + token
    return joined


def _divide(text: str) -> tuple[str, str, str, str]:
    """Province, city, district and what is left of an address that begins with the largest."""
    text = re.sub(r"^中国(?:大陆)?", "", text)
    province, rest = _match(text, divisions(HOME))
    if not province:
        for candidate in divisions(HOME):
            city, rest = _match(text, divisions(HOME, candidate), full=True)
            if city:
                return (candidate, city, *_district(candidate, city, rest))
        return "", "", "", text
    # 上海市上海市长宁区, 上海市市辖区长宁区: the middle says nothing new.
    if province.endswith("市"):
        rest = _match(rest, (province,))[1]
    rest = re.sub(r"^(?:市辖区|市区|省直辖县级行政区划|自治区直辖县级行政区划)", "", rest)
    city, after = _match(rest, divisions(HOME, province))
    if city:
        return (province, city, *_district(province, city, after))
    found = _DISTRICT.match(rest)
    if found:
        return province, found[1], "", rest[found.end() :]
    return province, "", "", rest


def _district(province: str, city: str, text: str) -> tuple[str, str]:
    text = re.sub(r"^市辖区", "", text)
    district, rest = _match(text, divisions(HOME, province, city))
    if district:
        return district, rest
    # Newer than the list we have, or renamed: what calls itself a district is believed.
    found = _DISTRICT.match(text) if divisions(HOME, province, city) else None
    return (found[1], text[found.end() :]) if found else ("", text)


def _match(text: str, names: Sequence[str], *, full: bool = False) -> tuple[str, str]:
    """The longest of ``names`` that the text begins with, also without its last word (浙江, 杭州)."""
    best, length = "", 0
    for name in names:
        for form in (name,) if full else (name, _short(name)):
            if len(form) > length and text.startswith(form):
                best, length = name, len(form)
    rest = text[length:]
    if best and length < len(best):
        # 浙江 of 浙江省 is matched by its full form; here the short one may carry another ending.
        rest = re.sub(r"^(?:省|市|自治区|特别行政区|地区)(?![\u4e00-\u9fff]?路)", "", rest)
    return best, rest


def _short(name: str) -> str:
    short = _SUFFIX.sub("", name)
    return short if len(short) >= 2 else name


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    known: set[str] = set()
    for province in divisions(HOME):
        known |= {province, _short(province)}
        for city in divisions(HOME, province):
            known |= {city, _short(city), *divisions(HOME, province, city)}
    return frozenset(known)


def _is_division(token: str) -> bool:
    return token in _known()


def _cut_tail(street: str) -> tuple[str, str]:
    found = _TAIL.match(street)
    if found and found[2][0] in _SURNAMES and not _NOT_A_NAME.match(found[2]):
        return found[1], found[2]
    return street, ""
