"""A long ledger and a plain WeasyPrint table of its rows, each in a process of its own for its memory."""

import re
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

ROWS = 5000
STYLE = (
    "@page { size: A4 landscape } td, th { border: .5pt solid #000 }"
    " table { border-collapse: collapse; font: 10pt FandolFang, 'Noto Serif CJK SC' }"
)
NAIVE = (
    "<!DOCTYPE html><html lang=zh-CN><head><style>{style}</style></head>"
    "<body><table>{rows}</table></body></html>"
)


def alone(what: str) -> tuple[float, int, int]:
    """CPU seconds, MB at the peak and kB of the file of one of WAYS in a process of its own."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (what,))


def _measured(what: str) -> tuple[float, int, int]:
    import django

    django.setup()
    make = WAYS[what]()
    started = time.process_time()
    file = make()
    taken = time.process_time() - started
    return taken, _peak(), len(file) // 1000


def _peak() -> int:
    """MB of memory at the most. What getrusage tells begins with the process that this one came from."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found, "Linux tells it"
    return int(found[1]) // 1024


def _ours() -> Callable[[], bytes]:
    from reports.pdf import render_paper
    from tests.reports.test_sheets import a_ledger, paper

    figures = paper(a_ledger(ROWS))
    return lambda: render_paper(figures)


def _naive() -> Callable[[], bytes]:
    from weasyprint import HTML

    from reports.rules.cells import printed
    from tests.reports.test_sheets import a_ledger

    table = a_ledger(ROWS).tables[0]
    heads = "".join(f"<th>{column.name}</th>" for column in table.columns)
    rows = "".join(f"<tr>{''.join(f'<td>{printed(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    html = NAIVE.format(style=STYLE, rows=f"<thead><tr>{heads}</tr></thead>{rows}")
    return lambda: bytes(HTML(string=html).write_pdf())


WAYS: dict[str, Callable[[], Callable[[], bytes]]] = {"ours": _ours, "naive": _naive}
