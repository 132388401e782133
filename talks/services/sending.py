"""Mail and webhook leave the system here, and it is told whether they did."""

import logging
import smtplib
import socket
import ssl
from collections.abc import Collection
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPException, HTTPSConnection
from ipaddress import ip_address

from django.core.mail import EmailMessage, get_connection

from talks.rules.webhooks import robot_accepted, robot_body, webhook_target
from talks.services.deliveries import Outcome

SUBJECT = "谈心谈话提醒"
TIMEOUT = 20  # seconds
MOST_READ = 65536
PERMANENT = 500

logger = logging.getLogger(__name__)


def send_mail(*, address: str, text: str) -> Outcome:
    """Sends the text by the mail server of the settings; what came of it."""
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        # Nothing has been handed over yet.
        return _logged("mail", Outcome.NOT_LEFT, error)
    try:
        EmailMessage(SUBJECT, text, to=[address], connection=connection).send()
    except smtplib.SMTPRecipientsRefused as error:
        return _logged("mail", _refused(*(code for code, _ in error.recipients.values())), error)
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        return _logged("mail", _refused(error.smtp_code), error)
    except (OSError, smtplib.SMTPException) as error:
        return _logged("mail", Outcome.UNCLEAR, error)
    finally:
        _close(connection)
    return Outcome.SENT


def _refused(*codes: int) -> Outcome:
    """What the server's word means: refused for good, or for now."""
    return Outcome.REFUSED if all(code >= PERMANENT for code in codes) else Outcome.NOT_LEFT


def _logged(way: str, outcome: Outcome, error: Exception) -> Outcome:
    """One line for the operators: neither address nor content, which an error's own text may hold."""
    logger.warning("reminder by %s: %s, %s", way, outcome.name, type(error).__name__)
    return outcome


def _close(connection: object) -> None:
    """A connection that cannot even be closed changes nothing about what was sent."""
    try:
        connection.close()  # type: ignore[attr-defined]
    except (OSError, smtplib.SMTPException) as error:
        logger.info("mail connection not closed: %s", type(error).__name__)


class PrivateAddress(OSError):
    """A name that leads into the own network, where a robot's address could reach what it must not."""


class RobotConnection(HTTPSConnection):
    """To an address that was looked up once and is nobody's own network; it knows no redirects and proxies."""

    def connect(self) -> None:
        """Connects to the first public address of the host; TLS is checked against its name."""
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if not all(is_public(address) for address in addresses):
            raise PrivateAddress
        self.sock = socket.create_connection((addresses[0], self.port), self.timeout)
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def is_public(address: str) -> bool:
    """Whether the address lies in the open internet, not in the own machine or network."""
    value = ip_address(address.partition("%")[0])
    mapped = getattr(value, "ipv4_mapped", None) or value
    return bool(mapped.is_global and not mapped.is_multicast)


def send_to_robot(*, address: str, text: str, hosts: Collection[str]) -> Outcome:
    """Posts the text to a robot on one of the hosts allowed; no redirect is followed."""
    try:
        target = webhook_target(address, hosts=hosts)
    except ValueError as error:
        return _logged("robot", Outcome.REFUSED, error)
    with closing(RobotConnection(target.host, target.port, timeout=TIMEOUT)) as connection:
        try:
            connection.connect()
        except PrivateAddress as error:
            return _logged("robot", Outcome.REFUSED, error)
        except OSError as error:
            return _logged("robot", Outcome.NOT_LEFT, error)
        try:
            connection.request("POST", target.path, robot_body(text), {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = response.read(MOST_READ)
        except (OSError, HTTPException) as error:
            return _logged("robot", Outcome.UNCLEAR, error)
    outcome = _answered(response.status, answer)
    if outcome is not Outcome.SENT:
        logger.warning("reminder by robot: %s, status %d", outcome.name, response.status)
    return outcome


def _answered(status: int, answer: bytes) -> Outcome:
    """What the robot's answer means; a server in trouble may have passed the message on before."""
    if status >= PERMANENT:
        return Outcome.UNCLEAR
    accepted = robot_accepted(answer) if status == HTTPStatus.OK else False
    return {True: Outcome.SENT, False: Outcome.REFUSED, None: Outcome.UNCLEAR}[accepted]
