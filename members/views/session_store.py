"""Where sessions are kept (SESSION_ENGINE): under what is made of their keys, not under the keys.

The key in a browser's cookie is the session: who knows it is signed in. Whoever reads the tables, a dump or a
backup of them, would else go in with the keys of those who are in.
"""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from members.rules import kept_key


class SessionStore(db.SessionStore):
    """Django's store in the database, which finds a session by what is made of its key."""

    def load(self) -> dict[str, Any]:
        """What is in the session; nothing, and another key when it is saved, where there is none."""
        found = Session.objects.filter(
            session_key=kept_key(self.session_key or ""), expire_date__gt=timezone.now()
        ).first()
        if found is None:
            self._session_key = None
            return {}
        return self.decode(found.session_data)

    def exists(self, session_key: str) -> bool:
        """Whether there is a session with this key."""
        return super().exists(kept_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """The row to be saved."""
        row = super().create_model_instance(data)
        row.session_key = kept_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """The session with this key is gone; without one this session."""
        key = session_key or self.session_key
        if key is not None:
            super().delete(kept_key(key))
