"""一个国家：核对全部应谈事项（BENCH_MEMBERS=1000000 make bench；默认 5,000 名党员）

On a PostgreSQL that is started here, in a temporary folder, as for `make test`.
"""

import json
import os
from time import perf_counter

from tests.bench.postgres import a_database, run_python

MEMBERS = int(os.environ.get("BENCH_MEMBERS", "5000"))


def run() -> list[tuple[str, str]]:
    """Generates the country, and measures over it in a process of its own."""
    with a_database() as environment:
        start = perf_counter()
        run_python(environment, "manage.py", "generate_country", "--members", str(MEMBERS))
        generated = perf_counter() - start
        measured = json.loads(run_python(environment, "-m", "tests.bench.country"))
    return [(f"写入{MEMBERS:,}名党员", f"{generated:.0f} 秒"), *((what, figure) for what, figure in measured)]
