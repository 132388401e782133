"""What is typed into a sealed field is found nowhere: no database, no broker, no session and no log has
it.
"""

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from django.db import connection

from tests.vault.conftest import start
from vault.models.sealed import sealed_fields, sealed_models

# One word per field, so that a leak names it; another goes into plain fields, and has to be found.
SECRET = "密语CANARY{number:03d}绝不外传"
PLAIN = "明语CANARY可以外传"
# What the constraints ask of rows that are otherwise made at random.
Written = tuple[dict[str, str], subprocess.Popen[str]]
FITTING = {"members.Event": {"happened_on": "2026-03-05", "known_on": "2026-03-05"}}

WRITE = f"""
import json, logging, sys
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, models
from model_bakery import baker
from config.celery import app
from vault.models import SealedBinaryField, SealedModel
from vault.models.sealed import sealed_fields

baker.generators.add("vault.models.SealedTextField", lambda: "")
baker.generators.add("vault.models.SealedBinaryField", lambda: b"")
words, number = {{}}, 0
for model in apps.get_models():
    if not issubclass(model, SealedModel) or model._meta.label == "vault.TrailHead":
        continue
    values = {{}}
    for field in sealed_fields(model):
        number += 1
        word = {SECRET!r}.format(number=number)
        words[f"{{model._meta.label}}.{{field.name}}"] = word
        values[field.name] = word.encode() if isinstance(field, SealedBinaryField) else word
    fixed = {FITTING!r}.get(model._meta.label, {{}})
    if "persons" in {{field.name for field in model._meta.fields}}:
        fixed |= {{"persons": "P1"}}
    row = baker.make(model, **values, **fixed)
    model.objects.bulk_update([row], list(values))
    # Read again, changed, and left lying about in a log line.
    row = model.objects.get(pk=row.pk)
    opened = [getattr(row, name) for name in values]
    row.save()
    logging.getLogger("tests").error("%r %s %r", row, row, row.__dict__)

from members.models import Member
Member.objects.update(remark={PLAIN!r})
session = SessionStore()
session["word"] = {PLAIN!r}
session.save()
app.send_task("talks.tasks.work_pending_uploads", args=[{PLAIN!r}]) if connection.vendor == "sqlite" else None
logging.getLogger("tests").error({PLAIN!r})
print(json.dumps(words), flush=True)
# The connection stays open while the files are searched: what is in the write-ahead log stays there.
sys.stdin.readline()
"""


@pytest.fixture
def written(own: dict[str, str], tmp_path: Path) -> Iterator[Written]:
    """The word of each sealed field, once all are stored; the process that stored them still holds the
    database.
    """
    writer = start(own, WRITE)
    assert writer.stdout is not None
    line = writer.stdout.readline()
    if not line:
        raise AssertionError(writer.communicate()[1])
    yield json.loads(line), writer
    writer.kill()
    writer.communicate()


def places(own: dict[str, str], folder: Path) -> dict[str, bytes]:
    """What is searched: every file that the installation wrote, and on PostgreSQL every row of every
    table.
    """
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    if connection.vendor == "sqlite":
        return found
    server = connection.settings_dict
    name = own["DATABASE_URL"].rpartition("/")[2]
    database = psycopg2.connect(host=server["HOST"], user=server["USER"], dbname=name)
    with database.cursor() as cursor:
        cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT row::text FROM {table} row")  # noqa: S608  a quoted name
            found[table] = "\n".join(text for (text,) in cursor.fetchall()).encode()
    database.close()
    return found


def forms(word: str) -> list[bytes]:
    """How a word may stand in a file: as it is, escaped as in JSON, as hexadecimal digits, in Base64."""
    plain = word.encode()
    return [plain, json.dumps(word).strip('"').encode(), plain.hex().encode(), base64.b64encode(plain)[:-4]]


def test_no_secret_lies_anywhere(written: Written, own: dict[str, str], tmp_path: Path) -> None:
    words, writer = written
    found = places(own, tmp_path)
    found["log"] = writer.communicate("\n", timeout=60)[1].encode()
    assert writer.returncode == 0, found["log"]
    leaks = {
        (field, place)
        for field, word in words.items()
        for place, content in found.items()
        if any(form in content for form in forms(word))
    }
    assert not leaks


def test_the_search_would_find_one(written: Written, own: dict[str, str], tmp_path: Path) -> None:
    """The negative control: the word in plain fields is found, in the database, the broker, a session, the
    log.
    """
    _, writer = written
    found = places(own, tmp_path)
    found["log"] = writer.communicate("\n", timeout=60)[1].encode()
    holding = {place for place, content in found.items() if any(form in content for form in forms(PLAIN))}
    if connection.vendor == "sqlite":
        assert any(place.startswith("own.sqlite3") for place in holding)
        assert any(place.startswith("broker") for place in holding)
    else:
        assert {"members_member"} <= holding
    assert "log" in holding


def test_every_sealed_field_has_its_word(written: Written) -> None:
    fields = {
        f"{model._meta.label}.{field.name}" for model in sealed_models() for field in sealed_fields(model)
    }
    assert set(written[0]) == fields - {"vault.TrailHead.secret"}
    assert "talks.Talk.content" in fields
