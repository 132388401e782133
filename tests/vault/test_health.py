"""The address that the production stack asks whether the web server works."""

import pytest
from django.conf import LazySettings
from django.db import Error, InterfaceError, OperationalError, connection
from django.test import Client

pytestmark = pytest.mark.django_db


def test_it_is_well_while_the_database_answers(client: Client) -> None:
    response = client.get("/health/")
    assert (response.status_code, response.content) == (200, b"ok")


# psycopg2 says the second of a connection that was lost.
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_it_is_not_where_the_database_does_not(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: type[Error]
) -> None:
    def refuse() -> None:
        raise error("host 10.0.0.8 refused tanxin")

    monkeypatch.setattr(connection, "cursor", refuse)
    response = client.get("/health/")
    assert (response.status_code, response.content.decode()) == (503, "数据库无法连接")


def test_inside_the_machine_it_is_asked_without_tls(client: Client, settings: LazySettings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/health/").status_code == 200
    assert client.get("/sign-in/").status_code == 301
