"""Answers of the gateway: one JSON object signed over its exact text, and the ways it can break."""

import json
from typing import Any

from flask import Response

from shop.sandbox import rsa2
from shop.sandbox.alipay.desk import Desk
from shop.sandbox.alipay.wire import Refusal
from shop.sandbox.breaking import broken_answer

Fields = dict[str, Any]


def success(fields: Fields) -> Fields:
    """The envelope of a yes."""
    return {"code": "10000", "msg": "Success", **fields}


def refusal(error: Refusal) -> Fields:
    """The envelope of a no."""
    message = {
        "20000": "Service Currently Unavailable",
        "40001": "Missing Required Arguments",
        "40002": "Invalid Arguments",
    }.get(error.code, "Business Failed")
    return {
        "code": error.code,
        "msg": message,
        "sub_code": error.sub_code,
        "sub_msg": error.sub_msg,
    }


def write_answer(
    desk: Desk, method: str, fields: Fields, fault: tuple[str, dict[str, Any]] | None = None
) -> Response:
    """Sign and send, or break it as the fault says."""
    if broken := broken_answer(desk, fault):
        return broken
    name, _ = fault or ("", {})
    content = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    head = f'{{"{response_name(method)}":{content}'
    if name == "answer_unsigned":
        return Response(head + "}", mimetype="application/json")
    key = desk.stranger_key if name == "answer_wrong_key" else desk.private_key
    if desk.certificates is not None:
        named = "0" * 32 if name == "answer_new_certificate" else desk.certificates.provider
        head += f',"alipay_cert_sn":"{named}"'
    return Response(f'{head},"sign":"{rsa2.sign(key, content)}"}}', mimetype="application/json")


def response_name(method: str) -> str:
    """``alipay.trade.query`` → ``alipay_trade_query_response``."""
    known = method.replace(".", "_")
    return f"{known}_response" if known.isidentifier() else "error_response"
