"""Mail and webhook leave the system here, and it is told whether they did."""

import logging
import smtplib
from collections.abc import Collection
from contextlib import closing
from email.errors import MessageError
from http import HTTPStatus
from http.client import HTTPException, HTTPSConnection

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
    except (ValueError, MessageError) as error:
        # No message can be made for this address.
        return _logged("mail", Outcome.REFUSED, error)
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


def send_to_robot(*, address: str, text: str, hosts: Collection[str]) -> Outcome:
    """Posts the text to a robot on one of the hosts allowed; neither redirects nor proxies are followed.

    An address in the own network is no reason to refuse: robots run there too, and the hosts are the
    administrator's choice.
    """
    try:
        target = webhook_target(address, hosts=hosts)
    except ValueError as error:
        return _logged("robot", Outcome.REFUSED, error)
    with closing(HTTPSConnection(target.host, target.port, timeout=TIMEOUT)) as connection:
        try:
            connection.connect()
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
