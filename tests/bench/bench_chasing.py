"""催办：一夜之间新逾期 50,000 项，与做同样事情的最简单的 SQL 相比

On a PostgreSQL that is started here, in a temporary folder, as for `make test`.
"""

import json

from tests.bench.postgres import a_database, run_python


def run() -> list[tuple[str, str]]:
    """Seconds of the sweep and of one INSERT and one UPDATE over the same duties; the ratios to both."""
    with a_database() as environment:
        measured = json.loads(run_python(environment, "-m", "tests.bench.chasing"))
    return [(what, figure) for what, figure in measured]
