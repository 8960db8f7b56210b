"""WeChat Pay's bill file, written for tests."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from shop.core.money import to_text
from shop.payment.bills.base import BEIJING, BillKind, BillRow

HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,"
    "商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)


def wechat_file(rows: Sequence[BillRow], title: str = "Tea") -> tuple[bytes, str, list[BillRow]]:
    """Content, its hash, and the rows as they come back: with WeChat's ids and states."""
    kept = [
        replace(row, status="SUCCESS")
        if row.kind == BillKind.PAYMENT
        else replace(row, status="SUCCESS", provider_refund_id=f"50{row.refund_no}")
        for row in rows
    ]
    lines = [HEAD]
    for row in kept:
        amount, back = to_text(row.amount_minor), to_text(row.refunded_minor)
        paid = row.kind == BillKind.PAYMENT
        cells = [
            row.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"), "wx1", "1601", "0", "",
            row.provider_id, row.no, "open", "NATIVE", "SUCCESS" if paid else "REFUND", "OTHERS",
            "CNY", amount, "0.00", row.provider_refund_id or "0", row.refund_no or "0", back,
            "0.00", "" if paid else "ORIGINAL", "" if paid else "SUCCESS", title, "",
            f"{to_text(row.fee_minor)}000", "0.60%", amount, back, "",
        ]  # fmt: skip
        lines.append(",".join(f"`{cell}" for cell in cells))
    paid_minor, back_minor = sum(r.amount_minor for r in kept), sum(r.refunded_minor for r in kept)
    sums = [
        str(len(kept)), to_text(paid_minor), to_text(back_minor), "0.00",
        f"{to_text(sum(r.fee_minor for r in kept))}000", to_text(paid_minor), to_text(back_minor),
    ]  # fmt: skip
    lines += [SUMS, ",".join(f"`{cell}" for cell in sums)]
    content = ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()
    return content, hashlib.sha1(content, usedforsecurity=False).hexdigest(), kept
