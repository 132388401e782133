# The image of the production stack (docker-compose.yml): everything that `make run` prepares, and nothing else.
FROM python:3.11.14-slim-bookworm AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /srv/tanxin
# The steps that take long come first: a change of the code alone does not repeat them.
COPY .ci/prepare .ci/packages .ci/fonts .ci/
COPY requirements.txt package.json package-lock.json ./
# Without the fonts a developer's machine works too; an image has to have them.
RUN .ci/prepare && test "$(find var/fonts -name 'Fandol*-Regular.otf' | wc -l)" -eq 3
COPY . .
# On a database of its own, so that no key of the embedded default is made beside the code. Maps of sources
# are for developers, and take longer to compress than all the rest; so do the builds of ECharts that no page asks for.
RUN DATABASE_URL=sqlite:////tmp/collect.sqlite3 .venv/bin/python manage.py collectstatic --no-input --ignore='*.map' --ignore='echarts.[cejm]*' --ignore='echarts.simple.js' && \
    .venv/bin/python -m compileall -q branches config members reports talks vault

FROM python:3.11.14-slim-bookworm
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /srv/tanxin
COPY .ci/packages .ci/
# hadolint ignore=DL3008  Debian keeps only its newest builds: a version that is pinned is gone some weeks later.
RUN apt-get update && \
    xargs apt-get install --yes --no-install-recommends <.ci/packages && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --uid 10001 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin tanxin && \
    install -d -o tanxin -g tanxin -m 700 /var/lib/tanxin
# Owned by root: whoever breaks into the running system cannot change it.
COPY --from=build /srv/tanxin/.venv .venv
COPY --from=build /srv/tanxin/var/fonts var/fonts
COPY --from=build /srv/tanxin/var/static var/static
COPY manage.py ./
COPY templates templates
COPY --from=build /srv/tanxin/branches branches
COPY --from=build /srv/tanxin/config config
COPY --from=build /srv/tanxin/members members
COPY --from=build /srv/tanxin/reports reports
COPY --from=build /srv/tanxin/talks talks
COPY --from=build /srv/tanxin/vault vault
ENV PATH=/srv/tanxin/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
