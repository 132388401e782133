"""The entry point of gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from vault.services import ensure_key  # noqa: E402  its models are there only now

# Without the vault's key no server starts.
ensure_key()
