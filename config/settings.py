"""The one settings file. Everything that differs between installations is read from the environment.

Without DATABASE_URL the system runs on SQLite under var/ (the embedded default); see README.md.
"""

import logging
import re
from datetime import timedelta
from pathlib import Path

import django_stubs_ext
import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.env import flag, made_once, named_file, number, one_of, text

# Lets fields, forms and views name their model in brackets, as mypy asks, while the program runs.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"

# --- database -------------------------------------------------------------------------------------------
DATABASE_URL = text("DATABASE_URL", f"sqlite:///{VAR / 'tanxin.sqlite3'}")
try:
    DATABASES = {"default": environ.Env.db_url_config(DATABASE_URL)}
except ValueError as error:
    raise ImproperlyConfigured("DATABASE_URL 无法识别。") from error

EMBEDDED = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if EMBEDDED:
    DATABASE_FILE = Path(DATABASES["default"]["NAME"])
    DATABASE_FILE.parent.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        # FULL: what the trail has entered, and noted in the file beside, outlives a power cut.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
    }
    STATE = DATABASE_FILE.with_suffix("")
else:
    # Beside the URL, so that a password need not be quoted for one, and stands in one file only.
    DATABASES["default"]["PASSWORD"] = text("DATABASE_PASSWORD", DATABASES["default"]["PASSWORD"])
    DATABASES["default"]["CONN_MAX_AGE"] = number("DATABASE_CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A page asks for few rows under many conditions: to compile them takes longer than to try them.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
    STATE = Path(text("STATE_FOLDER", str(VAR))) / str(DATABASES["default"]["NAME"])
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- secrets: the embedded default makes its own, everything else is given them ---------------------------
SECRET_KEY = (
    made_once(Path(f"{STATE}.secret")) if EMBEDDED and not text("SECRET_KEY", "") else text("SECRET_KEY")
)
# A key file is read by the vault itself, which notices when a key is put in front (`rotate_vault_key`).
VAULT_KEY_FILE = named_file("VAULT_KEY")
VAULT_KEY = "" if VAULT_KEY_FILE else text("VAULT_KEY", "")
VAULT_KEY_MAY_BE_MADE = EMBEDDED and not VAULT_KEY and not VAULT_KEY_FILE
if VAULT_KEY_MAY_BE_MADE:
    VAULT_KEY_FILE = Path(f"{STATE}.vault.key")
VAULT_ALGORITHM = text("VAULT_ALGORITHM", "AES-256-GCM")
VAULT_TRAIL_HEAD_FILE = Path(text("VAULT_TRAIL_HEAD_FILE", f"{STATE}.trail.head"))

# --- application ------------------------------------------------------------------------------------------
DEBUG = flag("DEBUG", False)
ALLOWED_HOSTS = text("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in text("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]
INSTALLED_APPS = [
    "config",
    "vault",
    "branches",
    "members",
    "talks",
    "reports",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "members.views.keep_nothing",
    "members.views.refuse_methods",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "members.views.limits.SessionLimits",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "members.views.refuse_nul",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                "django.template.loaders.filesystem.Loader",
                "django.template.loaders.app_directories.Loader",
            ]
            if DEBUG
            else [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "talks.views.frame",
                "reports.views.orders.frame",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ("bootstrap5",)
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- people -----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "members.Account"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "workbench"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# What a password must be besides: members/rules.py.
PASSWORD_POLICY = one_of("PASSWORD_POLICY", "asvs", "djbh3")
# "required": principals and holders of mandates sign in with a second factor; "offered": whoever wants to.
SECOND_FACTOR = one_of("SECOND_FACTOR", "required", "offered")

# --- language, time ---------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

# --- static files -----------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(text("STATIC_ROOT", str(VAR / "static")))
STATICFILES_DIRS: list[Path | tuple[str, Path]] = [BASE_DIR / "static"]
VENDORS = {"bootstrap": "bootstrap/dist", "fullcalendar": "@fullcalendar", "echarts": "echarts/dist"}
for name, folder in VENDORS.items():
    if (BASE_DIR / "node_modules" / folder).is_dir():
        STATICFILES_DIRS.append((f"vendor/{name}", BASE_DIR / "node_modules" / folder))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
# Elsewhere they are collected, and compressed, beforehand.
WHITENOISE_USE_FINDERS = EMBEDDED

# --- browser ----------------------------------------------------------------------------------------------
OVER_TLS = flag("OVER_TLS", not EMBEDDED)
# By what is made of its key: who reads the tables has no key to a session that is open.
SESSION_ENGINE = "members.views.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = OVER_TLS
SESSION_COOKIE_NAME = "__Host-session" if OVER_TLS else "session"
KNOWN_COOKIE_NAME = "__Host-known" if OVER_TLS else "known"
# A session is over when nothing was asked for in so long, and when so long has passed since the password.
SESSION_IDLE = timedelta(minutes=number("SESSION_IDLE_MINUTES", 30, least=1))
SESSION_LONGEST = timedelta(hours=number("SESSION_HOURS", 12, least=1))
# It is known whose it was some days longer: who left a form open over a weekend does not lose what he typed.
SESSION_COOKIE_AGE = 3 * 24 * 60 * 60
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = OVER_TLS
CSRF_COOKIE_NAME = "__Host-csrf" if OVER_TLS else "csrf"
SECURE_SSL_REDIRECT = OVER_TLS
# Asked inside the machine, where nobody speaks TLS.
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY", False) else None
SECURE_HSTS_SECONDS = 31_536_000 if OVER_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = OVER_TLS
# Browsers' list of hosts that always speak TLS is for the internet; this one stands on an intranet.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        # Each script of a page bears its nonce: a file alone, whoever put it there, is not run.
        "script-src": [NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        # Text becomes a page by static/js/trust.js alone, and a script never.
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["default", "inert"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# --- background work --------------------------------------------------------------------------------------
REDIS_URL = text("REDIS_URL", "")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 30 * 60
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# So long after its worker was killed a piece of work waits for the next one (vault/tasks.py).
CLAIM = timedelta(seconds=number("CLAIM_SECONDS", 60, least=1))
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
# For ever: whoever waits for the broker goes on when it is back.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_PASSWORD = text("REDIS_PASSWORD", "") or None
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "visibility_timeout": 60 * 60,
        # A host that has gone without a word is noticed, too.
        "socket_connect_timeout": 5,
        "socket_timeout": 30,
        "socket_keepalive": True,
    }
else:
    BROKER_FOLDER = Path(text("BROKER_FOLDER", f"{STATE}.broker"))
    # The host means nothing; without one each connection logs a warning.
    CELERY_BROKER_URL = "filesystem://localhost//"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_FOLDER / "messages"),
        "data_folder_out": str(BROKER_FOLDER / "messages"),
        "control_folder": str(BROKER_FOLDER / "control"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
    for folder in ("messages", "control"):
        (BROKER_FOLDER / folder).mkdir(parents=True, exist_ok=True)
# Lost messages cost one tick: beat sweeps the rows that wait for work.
CELERY_BEAT_SCHEDULE = {
    "keep-duties": {"task": "talks.tasks.keep_duties", "schedule": 5.0},
    "send-deliveries": {"task": "talks.tasks.send_deliveries", "schedule": 30.0},
    "render-reports": {"task": "reports.tasks.render_pending", "schedule": 5.0},
    # Asks only whether today's sweep is done.
    "sweep-findings": {"task": "reports.tasks.sweep_findings", "schedule": 60.0},
    "work-uploads": {"task": "talks.tasks.work_pending_uploads", "schedule": 5.0},
}
CELERY_BEAT_SCHEDULE_FILENAME = f"{STATE}.beat"
# A clock that stands still no longer answers `celery inspect ping`.
CELERY_BEAT_REMOTE_CONTROL_MAX_TICK_AGE = 60

# --- limits -----------------------------------------------------------------------------------------------
WORKBOOK_MAX_BYTES = number("WORKBOOK_MAX_MB", 50, least=1) * 1024 * 1024
# An uploaded workbook or attachment stays in memory until it is sealed: it must never lie open in a temporary
# folder. An attachment may have 10 MB, however small workbooks are to be.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = max(WORKBOOK_MAX_BYTES, 10 * 1024 * 1024) + 64 * 1024
# What a writer of a record is told (talks/rules/checks.py); nothing is refused.
CHECK_NEAR = number("CHECK_NEAR_PERCENT", 80, least=1)
CHECK_VERY_NEAR = number("CHECK_VERY_NEAR_PERCENT", 95, least=1)
CHECK_LATE_DAYS = number("CHECK_LATE_DAYS", 3, least=1)
CHECK_RECORDS = number("CHECK_RECORDS", 300, least=1)
# What is found in records afterwards (reports/rules/findings.py).
CHECK_DAILY_TALKS = number("CHECK_DAILY_TALKS", 8, least=1)
CHECK_TALKS_IN_A_ROW = number("CHECK_TALKS_IN_A_ROW", 4, least=2)
CHECK_BATCH = number("CHECK_BATCH", 5, least=2)
CHECK_BATCH_DAYS = number("CHECK_BATCH_DAYS", 30, least=1)
CHECK_BEFORE_DAYS = number("CHECK_BEFORE_DAYS", 10, least=1)
CHECK_SIGNED_SECONDS = number("CHECK_SIGNED_SECONDS", 60, least=1)

# Where the system is reached: the QR codes on paper lead there.
PUBLIC_URL = text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
# For how long the file of a report is kept, and how many reports one person may ask for in a day.
REPORT_KEPT = timedelta(hours=number("REPORT_KEEP_HOURS", 24, least=1))
REPORT_DAILY = number("REPORT_DAILY", 30, least=1)
# A document, or all of a person's of a day, with the texts of more talks of others needs a second person.
BULK_TALKS = number("BULK_TALKS", 20, least=1)
FONT_DIRS = [Path(folder) for folder in text("FONT_DIRS", "").split(":") if folder]

# --- reminders outside the system: a count and a link, nothing else -----------------------------------------
try:
    vars().update(environ.Env.email_url_config(text("EMAIL_URL", "consolemail://")))
except (ImproperlyConfigured, ValueError) as error:
    raise ImproperlyConfigured("EMAIL_URL 无法识别。") from error
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = text("EMAIL_FROM", "tanxin@localhost")
# Hosts of robots (企业微信, 钉钉) that people may have themselves reminded by; none unless named.
WEBHOOK_HOSTS = [host for host in text("WEBHOOK_HOSTS", "").split(",") if host]

# --- 约谈: working days to the answer, natural days to the talk (rules.md section 9) ---------------------
REQUEST_ANSWER_DAYS = number("REQUEST_ANSWER_DAYS", 3, least=1)
REQUEST_HOLD_DAYS = number("REQUEST_HOLD_DAYS", 15, least=1)

# --- 调阅: for how many minutes an approved record may be read; never more than 30 (design.md section 4) ---
DISCLOSURE_MINUTES = number("DISCLOSURE_MINUTES", 30, least=1)
if DISCLOSURE_MINUTES > 30:
    raise ImproperlyConfigured("DISCLOSURE_MINUTES 不能超过30。")


# --- log: one structured line per error, never content ------------------------------------------------------
def _without_secrets(record: logging.LogRecord) -> bool:
    """Takes the secrets out of the addresses of calendars: what is refused is logged with its address."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            re.sub(r"/calendar/[^/]+\.ics", "/calendar/….ics", arg) if isinstance(arg, str) else arg
            for arg in record.args
        )
    return True


def _in_one_line(record: logging.LogRecord) -> bool:
    """Takes the traceback off what was refused: whoever sends nonsense else fills the log with ours."""
    if record.name.startswith("django.security") or getattr(record, "status_code", 500) < 500:
        record.exc_info = record.exc_text = None
    return True


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "secrets": {"()": "django.utils.log.CallbackFilter", "callback": _without_secrets},
        "refusals": {"()": "django.utils.log.CallbackFilter", "callback": _in_one_line},
    },
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["secrets", "refusals"],
        },
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"fontTools": {"level": "WARNING"}, "weasyprint": {"level": "WARNING"}},
}
