"""The carriers as plain data: names, the public page of a parcel, and what their numbers look like."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Carrier:
    """``link`` holds ``{number}``, or is empty; ``pattern`` is what a whole tracking number matches."""

    code: str
    en: str
    zh: str
    link: str = ""
    pattern: str = ""


OTHER = "OTHER"
_COLLECTED = "https://www.kuaidi100.com/chaxun?com={}&nu={{number}}"
"""Carriers without an address per parcel are looked up where all of China looks them up."""

CARRIERS: dict[str, Carrier] = {
    one.code: one
    for one in (
        Carrier("SF", "SF Express", "顺丰速运",
                "https://www.sf-express.com/chn/sc/waybill/waybill-detail/{number}", r"SF\d{7,15}"),
        Carrier("YTO", "YTO Express", "圆通速递", _COLLECTED.format("yuantong"), r"YT\d{10,15}"),
        Carrier("ZTO", "ZTO Express", "中通快递", _COLLECTED.format("zhongtong"),
                r"ZT\d{10,15}|7[3-9]\d{12}"),
        Carrier("STO", "STO Express", "申通快递", _COLLECTED.format("shentong"), r"(?:77|66|55)\d{13}"),
        Carrier("YUNDA", "Yunda", "韵达快递", _COLLECTED.format("yunda"), r"(?:31|43|46)\d{11}(?:\d\d)?"),
        Carrier("EMS", "EMS", "中国邮政 EMS", _COLLECTED.format("ems"),
                r"[A-Z]{2}\d{9}CN|(?:10|11|95|98)\d{11}"),
        Carrier("JD", "JD Logistics", "京东物流", _COLLECTED.format("jd"), r"JD[A-Z0-9]{10,18}"),
        Carrier("UPS", "UPS", "UPS", "https://www.ups.com/track?tracknum={number}", r"1Z[0-9A-Z]{16}"),
        Carrier("DHL", "DHL", "DHL",
                "https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}",
                r"\d{10}|JJ?D\d{16,18}"),
        Carrier("FEDEX", "FedEx", "联邦快递", "https://www.fedex.com/fedextrack/?trknbr={number}", r"\d{12}"),
        Carrier("USPS", "USPS", "美国邮政", "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}",
                r"9[2-5]\d{20}|[A-Z]{2}\d{9}US"),
        Carrier("ROYALMAIL", "Royal Mail", "英国皇家邮政",
                "https://www.royalmail.com/track-your-item#/tracking-results/{number}",
                r"[A-Z]{2}\d{9}GB"),
        Carrier("DPD", "DPD", "DPD", "https://tracking.dpd.de/status/en_US/parcel/{number}",
                r"(?:0[159]|15)\d{12}"),
        Carrier(OTHER, "Another carrier", "其他快递"),
    )
}  # fmt: skip
"""By code, in the order in which they are offered."""

COUNTER = Carrier("PICKUP", "Over the counter", "到店自取")
"""Not a carrier that can be chosen: what a pick-up was handed over by."""

_PATTERNS = {
    code: re.compile(one.pattern, re.ASCII) for code, one in CARRIERS.items() if one.pattern
}


def name(code: str, locale: str) -> str:
    """A carrier's name in a language; a code that is not known any more stands for itself."""
    found = COUNTER if code == COUNTER.code else CARRIERS.get(code)
    if found is None:
        return code
    return found.zh if locale.startswith("zh") else found.en


def link(code: str, number: str) -> str:
    """The public page of a parcel, or "" where there is none."""
    found = CARRIERS.get(code)
    if found is None or not found.link or not number:
        return ""
    return found.link.format(number=quote(number, safe=""))


def guess(number: str, among: Collection[str] = tuple(CARRIERS)) -> str:
    """The carrier whose numbers look like ``number``, of those in ``among``; "" for none.

    An air waybill of ten digits may be anybody's: the more special patterns come first.
    """
    bare = number.strip().upper()
    return next(
        (code for code, one in _PATTERNS.items() if code in among and one.fullmatch(bare)), ""
    )


def code_of(text: str) -> str:
    """The code that a person or a scanner means: a code or a name in any case; "" for neither."""
    bare = text.strip().casefold()
    for code, one in CARRIERS.items():
        if bare in {code.casefold(), one.en.casefold(), one.zh.casefold()}:
            return code
    return ""
