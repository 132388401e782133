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
os.environ["VAULT_TRAIL_HEAD_FILE"] = str(STATE_FOLDER / "trail.head")
os.environ["BROKER_FOLDER"] = str(STATE_FOLDER / "broker")

from config.settings import *  # noqa: E402, F403

# One fast hash: the tests sign in hundreds of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
