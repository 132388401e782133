"""`make bench`: runs every tests/bench/bench_*.py and prints one table.

A module has a docstring, whose first line is its heading, and `run() -> list[tuple[str, str]]`: what was
measured, and the figure with its unit. `python -m tests.bench NAME...` runs those whose name holds a NAME.
Figures go to standard output, what is being done to standard error.
"""

import importlib
import os
import platform
import sys
import unicodedata
from pathlib import Path

import django


def width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def main(names: list[str]) -> int:
    """Runs the benches asked for, all of them by default; 1 where there is none."""
    modules = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    modules = [module for module in modules if not names or any(name in module for name in names)]
    if not modules:
        print("没有可以运行的测量：tests/bench/bench_*.py", file=sys.stderr)
        return 1
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name in modules:
        module = importlib.import_module(f"tests.bench.{name}")
        print(f"{name} …", file=sys.stderr)
        rows: list[tuple[str, str]] = module.run()
        assert rows, f"{name}.run() measured nothing"
        column = max(width(what) for what, _ in rows)
        print(f"\n{(module.__doc__ or name).strip().splitlines()[0]}")
        for what, figure in rows:
            print(f"  {what}{' ' * (column - width(what))}  {figure}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
