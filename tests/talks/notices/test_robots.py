"""Robots of 企业微信 and 钉钉: which addresses may be called, what they are sent, what their answer means."""

import json
from datetime import date
from pathlib import Path

import pytest
import time_machine
from pytest_django.fixtures import Settings

from talks.models import Delivery, NoticePreference
from talks.rules.webhooks import NOT_ALLOWED, NOT_HTTPS, robot_accepted, robot_body, webhook_target
from talks.services.deliveries import Outcome
from talks.services.sending import send_to_robot
from talks.tasks import send_deliveries
from tests.conftest import World
from tests.talks.notices.servers import a_robot
from tests.talks.notices.sweeps import at, sweep

HOSTS = ("weixin.example.com", "ding.example.com", "robots.example.com:8443")
TAKEN = (200, '{"errcode": 0, "errmsg": "ok"}')
TEXT = "您有3项应谈事项，请登录系统查看：http://127.0.0.1:8000/notices/"


@pytest.mark.parametrize(
    ("address", "host", "port", "path"),
    [
        (
            "https://weixin.example.com/cgi-bin/webhook/send?key=a-1",
            "weixin.example.com",
            443,
            "/cgi-bin/webhook/send?key=a-1",
        ),
        ("https://DING.example.com:443/robot/send?access_token=b", "ding.example.com", 443, None),
        ("https://robots.example.com:8443", "robots.example.com", 8443, "/"),
    ],
)
def test_an_address_on_a_host_that_is_allowed(address: str, host: str, port: int, path: str | None) -> None:
    target = webhook_target(address, hosts=HOSTS)
    assert (target.host, target.port) == (host, port)
    assert path is None or target.path == path
    # Where it is written down by mistake, the token is not.
    assert "key=" not in repr(target)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://weixin.example.com/send?key=a", NOT_HTTPS),
        ("weixin.example.com/send?key=a", NOT_HTTPS),
        ("https://", NOT_HTTPS),
        ("https://weixin.example.com:port/", NOT_HTTPS),
        ("https://weixin.example.com:99999/", NOT_HTTPS),
        ("https://weixin.example.com@evil.example.com/", NOT_HTTPS),
        ("https://weixin.example.com/a b", NOT_HTTPS),
        ("https://weixin.example.com/a\r\nHost: evil", NOT_HTTPS),
        ("https://weixin.example.com/" + "a" * 500, NOT_HTTPS),
        ("https://evil.example.com/send", NOT_ALLOWED.format(host="evil.example.com")),
        (
            "https://weixin.example.com.evil.example.com/",
            NOT_ALLOWED.format(host="weixin.example.com.evil.example.com"),
        ),
        ("https://evil.example.com\\@weixin.example.com/", NOT_HTTPS),
        ("https://weixin.example.com:8443/", NOT_ALLOWED.format(host="weixin.example.com:8443")),
        ("https://robots.example.com/", NOT_ALLOWED.format(host="robots.example.com")),
        ("https://127.0.0.1/", NOT_ALLOWED.format(host="127.0.0.1")),
    ],
)
def test_an_address_that_may_not_be_called(address: str, reason: str) -> None:
    with pytest.raises(ValueError, match="机器人") as refused:
        webhook_target(address, hosts=HOSTS)
    assert str(refused.value) == reason


def test_the_body_is_as_both_robots_take_it() -> None:
    assert json.loads(robot_body(TEXT)) == {"msgtype": "text", "text": {"content": TEXT}}


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        (b'{"errcode":0,"errmsg":"ok"}', True),
        (b'{"errcode":93000,"errmsg":"invalid webhook url"}', False),
        (b'{"errmsg":"ok"}', None),
        (b"[]", None),
        (b"<html>", None),
        (b"\xff", None),
        (b"", None),
    ],
)
def test_what_a_robot_answers(answer: bytes, accepted: bool | None) -> None:
    assert robot_accepted(answer) is accepted


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (TAKEN, Outcome.SENT),
        ((200, '{"errcode": 45009, "errmsg": "too often"}'), Outcome.REFUSED),
        ((200, "<html>"), Outcome.UNCLEAR),
        ((404, ""), Outcome.REFUSED),
        # It may have passed the message on before it fell ill, or hung up.
        ((502, ""), Outcome.UNCLEAR),
        ((0, ""), Outcome.UNCLEAR),
        # Whoever answers with another address is not followed there.
        ((302, ""), Outcome.REFUSED),
    ],
)
def test_what_comes_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: tuple[int, str], outcome: Outcome
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "robot.pem"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    with a_robot(tmp_path, answer) as robot:
        host = f"localhost:{robot.server_address[1]}"
        found = send_to_robot(address=f"https://{host}/send?key=a", text=TEXT, hosts=[host])
        assert found is outcome
        assert [(path, json.loads(body)["text"]["content"]) for path, body in robot.asked] == [
            ("/send?key=a", TEXT)
        ]


def test_who_has_a_robot_is_told_by_it(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From the sweep to the robot: the 书记 has seven talks of 2025 to see to, all overdue since New Year."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "robot.pem"))
    day = date(2026, 3, 2)
    with a_robot(tmp_path, TAKEN) as robot:
        host = f"localhost:{robot.server_address[1]}"
        settings.WEBHOOK_HOSTS = [host]
        for role, address in (("secretary", f"https://{host}/send?key=a"), ("chief", "")):
            NoticePreference.objects.create(account=world.account(role), webhook=address, hour=9)
        sweep(day)
        assert [(one.account.username, one.channel) for one in Delivery.objects.all()] == [
            ("secretary", "webhook")
        ]
        for hour in (9, 10):
            with time_machine.travel(at(day, hour), tick=False):
                send_deliveries()
        assert [json.loads(body)["text"]["content"] for _, body in robot.asked] == [TEXT.replace("3", "7")]
    assert Delivery.objects.get().state == "sent"


def test_a_robot_whose_certificate_nobody_knows_is_sent_nothing(tmp_path: Path) -> None:
    with a_robot(tmp_path, TAKEN) as robot:
        host = f"localhost:{robot.server_address[1]}"
        assert send_to_robot(address=f"https://{host}/", text=TEXT, hosts=[host]) is Outcome.NOT_LEFT
        assert robot.asked == []


def test_a_robot_that_is_not_there_and_one_that_is_no_longer_allowed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with a_robot(tmp_path) as robot:
        host = f"localhost:{robot.server_address[1]}"
    address = f"https://{host}/send?key=secret"
    assert send_to_robot(address=address, text=TEXT, hosts=[host]) is Outcome.NOT_LEFT
    assert send_to_robot(address=address, text=TEXT, hosts=[]) is Outcome.REFUSED
    assert "secret" not in caplog.text
