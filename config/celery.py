"""The Celery application: `celery -A config worker --beat`."""

import os

from celery import Celery
from celery.signals import worker_init
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect(weak=False)  # type: ignore[untyped-decorator]
def refuse_without_key(**sent: object) -> None:
    """No worker starts without the vault's key. Of a handler's errors Celery heeds only SystemExit."""
    from vault.services import ensure_key

    try:
        ensure_key()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error
