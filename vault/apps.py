"""The vault as an app: no command runs without the key that fits the database."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured


class VaultConfig(AppConfig):
    """Registers the check that every command runs first; server and worker ask for themselves (config/)."""

    name = "vault"

    def ready(self) -> None:
        """Called once the apps are loaded."""
        register(check_key)


def check_key(app_configs: Sequence[AppConfig] | None, **options: object) -> list[CheckMessage]:
    """An error where no key is at hand, it cannot be read, or it is not the one of this database."""
    from vault.services import ensure_key

    try:
        ensure_key(make=False)
    except ImproperlyConfigured as error:
        return [Error(str(error), id="vault.E001")]
    return []
