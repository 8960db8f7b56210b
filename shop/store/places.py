"""Where a parcel goes, as far as zones ask: country, province, postcode. Pure."""

from dataclasses import dataclass

# The first two figures of a Chinese postcode tell the province: an address in Latin letters names none.
_POSTCODES = {
    "内蒙古自治区": "01 02",
    "山西省": "03 04",
    "河北省": "05 06 07",
    "北京市": "10",
    "辽宁省": "11 12",
    "吉林省": "13",
    "黑龙江省": "15 16",
    "上海市": "20",
    "江苏省": "21 22",
    "安徽省": "23 24",
    "山东省": "25 26 27",
    "天津市": "30",
    "浙江省": "31 32",
    "江西省": "33 34",
    "福建省": "35 36",
    "重庆市": "40",
    "湖南省": "41 42",
    "湖北省": "43 44",
    "河南省": "45 46 47",
    "广东省": "51 52",
    "广西壮族自治区": "53 54",
    "贵州省": "55 56",
    "海南省": "57",
    "四川省": "61 62 63 64",
    "云南省": "65 66 67",
    "陕西省": "71 72",
    "甘肃省": "73 74",
    "宁夏回族自治区": "75",
    "青海省": "81",
    "新疆维吾尔自治区": "83 84",
    "西藏自治区": "85 86",
}
_PROVINCES = {code: name for name, codes in _POSTCODES.items() for code in codes.split()}


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to. ``country``: ISO 3166; ``province`` as address forms write it, "" while nobody knows."""

    country: str
    province: str = ""
    postcode: str = ""

    @property
    def region(self) -> str:
        """The province to compare with: as given, else as the postcode tells it."""
        if self.province:
            return same_province(self.country, self.province)
        if self.country == "CN":
            return same_province("CN", _PROVINCES.get(self.postcode[:2], ""))
        return ""


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a zone: a country, or a province of it, or the postcodes there that begin with ``postcode``."""

    country: str
    province: str = ""
    postcode: str = ""

    def fit(self, place: Destination) -> int | None:
        """How closely it covers ``place``, None for not at all: the higher, the more is it about it."""
        if self.country != place.country:
            return None
        if self.province and same_province(self.country, self.province) != place.region:
            return None
        if self.postcode and not plain(place.postcode).startswith(self.postcode):
            return None
        return 1 + (1 if self.province else 0) + 2 * len(self.postcode)


def same_province(country: str, name: str) -> str:
    """One spelling for a province: 新疆 and 新疆维吾尔自治区 are the same."""
    if country == "CN" and name and not name.isascii():
        return name[:2]  # no two provinces begin alike
    return name.strip().casefold()


def plain(postcode: str) -> str:
    """A postcode without spaces and hyphens, in capitals: ``sw1a 1aa`` → ``SW1A1AA``."""
    return "".join(char for char in postcode.upper() if char.isalnum())
