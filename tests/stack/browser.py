"""A user's browser, behind the proxy that speaks TLS with him."""

import re
from http.client import HTTPConnection
from urllib.parse import urlencode

from tests.stack.compose import HOST

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """Keeps its cookies, and speaks to the web server as the proxy does."""

    def __init__(self, port: str) -> None:
        self.port = int(port)
        self.cookies: dict[str, str] = {}

    def get(self, address: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the answer."""
        return self._ask("GET", address, None, headers)

    def post(self, address: str, *, on: str, **fields: object) -> tuple[int, dict[str, str], bytes]:
        """What the server answers to the form that stands on a page."""
        status, _, page = self.get(on)
        token = TOKEN.search(page.decode())
        assert (status, bool(token)) == (200, True), on
        assert token
        body = urlencode(fields | {"csrfmiddlewaretoken": token[1]})
        form = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"https://{HOST}{on}"}
        return self._ask("POST", address, body, form)

    def _ask(
        self, method: str, address: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        behind = {
            "Host": HOST,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "10.0.0.9",
            "Cookie": cookies,
        }
        try:
            connection.request(method, address, body, behind | headers)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, dict(answer.headers), answer.read()
        finally:
            connection.close()
