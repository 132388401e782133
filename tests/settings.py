"""The settings of the tests: the real ones, with secrets and a broker folder of their own."""

import base64
import os
import tempfile
from pathlib import Path

STATE_FOLDER = Path(tempfile.mkdtemp(prefix="tanxin-tests-"))
os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("VAULT_KEY", base64.b64encode(bytes(range(32))).decode())
os.environ.setdefault("DATABASE_URL", f"sqlite:///{STATE_FOLDER / 'tests.sqlite3'}")
os.environ.setdefault("OVER_TLS", "false")
# Most tests sign in as if nobody needed a second factor; those that are about it say so.
os.environ.setdefault("SECOND_FACTOR", "offered")
os.environ["VAULT_TRAIL_HEAD_FILE"] = str(STATE_FOLDER / "trail.head")
os.environ["BROKER_FOLDER"] = str(STATE_FOLDER / "broker")

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES  # noqa: E402

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as in use: threads on a database in memory lock each other out at once instead of waiting.
    DATABASES["default"]["TEST"] = {"NAME": str(STATE_FOLDER / "tests-run.sqlite3")}

# One fast hash: the tests sign in hundreds of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Static files are looked for when one is asked for, not by each of the thousand clients.
WHITENOISE_AUTOREFRESH = True
