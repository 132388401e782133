"""A mail server and a robot, on this machine, that answer as they are told and keep what they were sent."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class MailServer(ThreadingTCPServer):
    """Answers 250 to all but the verbs in `answers`; an empty answer hangs up. Keeps what it accepted."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, answers: dict[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), MailHandler)
        self.answers = answers
        self.accepted: list[str] = []


class MailHandler(StreamRequestHandler):
    """One conversation; END stands for the full stop after the text."""

    server: MailServer

    def handle(self) -> None:
        """Answers line by line."""
        self.say("220 here")
        for line in self.rfile:
            verb = line.split()[0].decode().upper()
            if verb == "DATA":
                self.say(self.server.answers.get(verb, "354 go on"))
                text = b"".join(iter(self.rfile.readline, b".\r\n")).decode()
                if not self.server.answers.get("END", "250").startswith("4"):
                    self.server.accepted.append(text)
                verb = "END"
            if not self.say(self.server.answers.get(verb, "250 well")) or verb == "QUIT":
                return

    def say(self, answer: str) -> bool:
        """Sends the answer; False where there is none."""
        if answer:
            self.wfile.write(f"{answer}\r\n".encode())
        return bool(answer)


class Robot(HTTPServer):
    """Answers each request with the next status and body; status 0 hangs up. Keeps path and body of each."""

    def __init__(self, answers: list[tuple[int, str]]) -> None:
        super().__init__(("127.0.0.1", 0), RobotHandler)
        self.answers = answers
        self.asked: list[tuple[str, str]] = []


class RobotHandler(BaseHTTPRequestHandler):
    """One request."""

    server: Robot

    def do_POST(self) -> None:
        """Keeps the request and answers."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((self.path, body))
        status, answer = self.server.answers.pop(0)
        if status:
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(answer.encode())))
            self.end_headers()
            self.wfile.write(answer.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def a_mail_server(**answers: str) -> Iterator[MailServer]:
    """The mail server while it runs; `END="451 later"` says what it answers to what."""
    with MailServer(answers) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@contextmanager
def a_robot(folder: Path, *answers: tuple[int, str]) -> Iterator[Robot]:
    """The robot while it runs, under https with the certificate `folder/robot.pem`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder))
    with Robot(list(answers)) as robot:
        robot.socket = context.wrap_socket(robot.socket, server_side=True)
        threading.Thread(target=robot.serve_forever, args=(0.05,), daemon=True).start()
        yield robot
        robot.shutdown()


def certificate(folder: Path) -> Path:
    """A certificate for localhost that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "robot.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path
