"""页面：各角色打开每个列表和详情所需的处理时间（BENCH_MEMBERS=1000000 make bench；默认 5,000 名党员）

On a PostgreSQL that is started here, in a temporary folder, as for `make test`.
"""

import json
import os

from tests.bench.postgres import a_database, run_python

MEMBERS = int(os.environ.get("BENCH_MEMBERS", "5000"))


def run() -> list[tuple[str, str]]:
    """Generates the country, brings its duties up to date, and asks for the pages in a process of its own."""
    with a_database() as environment:
        run_python(environment, "manage.py", "generate_country", "--members", str(MEMBERS))
        run_python(environment, "manage.py", "run_due", "--as-of", "2026-11-24")
        return [
            (what, figure) for what, figure in json.loads(run_python(environment, "-m", "tests.bench.pages"))
        ]
