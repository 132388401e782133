#!/usr/bin/env python
"""The command line of the system."""

import os
import sys
from pathlib import Path

VENV_PYTHON = Path(__file__).resolve().parent / ".venv" / "bin" / "python"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError:
        # `python manage.py …` with the machine's own Python: go on in the environment that `make run` made.
        if VENV_PYTHON.exists() and Path(sys.prefix) != VENV_PYTHON.parent.parent:
            os.execv(VENV_PYTHON, [str(VENV_PYTHON), *sys.argv])
        raise
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
