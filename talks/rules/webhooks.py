"""Addresses of the robots of 企业微信 and 钉钉."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

SCHEME = "https://"
NOT_HTTPS = f"机器人地址应以“{SCHEME}”开头，请从群机器人的设置页完整复制。"
NOT_ALLOWED = "“{host}”不是本系统允许的机器人地址，请核对；需要使用的，请与系统管理员联系。"
LONGEST = 500
PORT = 443


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes. The path holds the token: it is not shown."""

    host: str
    port: int
    path: str = field(repr=False)


def webhook_target(address: str, *, hosts: Collection[str]) -> Target:
    """The parts of an address. ValueError, with the reason in words, for one that may not be called.

    `hosts` are those allowed: `name`, or `name:port` for another port than 443.
    """
    if len(address) > LONGEST or not re.fullmatch(SCHEME + r"[!-~]+", address):
        raise ValueError(NOT_HTTPS)
    parts = urlsplit(address)
    try:
        host, port = parts.hostname or "", parts.port or PORT
    except ValueError as error:
        raise ValueError(NOT_HTTPS) from error
    if parts.username is not None or parts.password is not None or not host:
        raise ValueError(NOT_HTTPS)
    name = host if port == PORT else f"{host}:{port}"
    if name not in hosts:
        raise ValueError(NOT_ALLOWED.format(host=name))
    return Target(host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def robot_body(text: str) -> bytes:
    """The text as both robots take it."""
    return json.dumps({"msgtype": "text", "text": {"content": text}}, ensure_ascii=False).encode()


def robot_accepted(answer: bytes) -> bool | None:
    """Whether a robot's answer says that it took the message; None where it cannot be read."""
    try:
        told = json.loads(answer)
    except ValueError:
        return None
    code = told.get("errcode") if isinstance(told, dict) else None
    return code == 0 if isinstance(code, int) else None
