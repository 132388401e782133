"""The production stack as it is written: the specification, and the habits that only Docker carries out."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.guards import ROOT
from tests.stack.compose import compose_file

FILE = compose_file()
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
# Those made of our image.
OURS = [name for name, service in SERVICES.items() if "build" in service]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PINNED = re.compile(r"[a-z]+:\d+\.\d+(\.\d+)?(-[a-z]+)*")


def schema_says(path: Path) -> subprocess.CompletedProcess[str]:
    """The file held against the compose specification's schema."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_is_as_the_compose_specification_asks(tmp_path: Path) -> None:
    said = schema_says(ROOT / "docker-compose.yml")
    assert said.returncode == 0, said.stdout
    spoilt = tmp_path / "docker-compose.yml"
    spoilt.write_text((ROOT / "docker-compose.yml").read_text().replace("stop_grace_period", "grace_period"))
    assert schema_says(spoilt).returncode == 1


def test_the_dockerfile_is_sound() -> None:
    said = subprocess.run(
        [Path(sys.executable).with_name("hadolint"), ROOT / "Dockerfile"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stdout) == (0, "")


def test_every_part_is_there() -> None:
    assert set(SERVICES) == {"postgres", "redis", "migrate", "web", "worker", "beat"}
    assert set(OURS) == {"migrate", "web", "worker", "beat"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_keeps_the_habits(name: str) -> None:
    service = SERVICES[name]
    assert PINNED.fullmatch(service["image"])
    assert service["user"].split(":")[0] not in {"", "root", "0"}
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "network_mode", "pid", "devices"} & set(service)
    # What runs once has ended when it is well; the others wait for its status.
    assert (
        (service["healthcheck"] == {"disable": True}) == (service["restart"] == "no") == (name == "migrate")
    )
    if name != "migrate":
        assert {"test", "interval", "timeout", "retries", "start_period"} == set(service["healthcheck"])
        assert service["restart"] == "unless-stopped"


def test_who_waits_for_whom() -> None:
    waits = {name: service.get("depends_on", {}) for name, service in SERVICES.items()}
    healthy, ended = {"condition": "service_healthy"}, {"condition": "service_completed_successfully"}
    assert waits == {
        "postgres": {},
        "redis": {},
        "migrate": {"postgres": healthy},
        "web": {"postgres": healthy, "migrate": ended},
        "worker": {"postgres": healthy, "redis": healthy, "migrate": ended},
        "beat": {"postgres": healthy, "redis": healthy, "migrate": ended},
    }


def test_secrets_are_files_and_nothing_else() -> None:
    assert {name: given["file"] for name, given in FILE["secrets"].items()} == {
        name: f"./secrets/{name}" for name in FILE["secrets"]
    }
    for service in SERVICES.values():
        environment = service.get("environment", {})
        named = {value for key, value in environment.items() if key.endswith("_FILE")}
        assert named <= {f"/run/secrets/{name}" for name in service["secrets"]}
        bare = [
            key for key in environment if re.search(r"PASSWORD|SECRET|KEY", key) and not key.endswith("_FILE")
        ]
        assert bare == []
        # user@host, never user:password@host
        assert not [value for value in environment.values() if re.search(r"//[^/@]*:[^/@]*@", value)]
    assert "requirepass" in str(SERVICES["redis"]["command"])


def test_no_key_and_no_database_gets_into_the_image_or_the_repository() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    assert next(line for line in ignored if not line.startswith("#")) == "*"
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    assert not {
        name for name in let_in if name.split("/")[0] in {"var", "secrets", ".env", ".git", "node_modules"}
    }
    assert {"secrets/", ".env", "var/"} <= set((ROOT / ".gitignore").read_text(encoding="utf-8").split("\n"))


def test_what_the_image_copies_exists() -> None:
    sources = [
        word
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, flags=re.MULTILINE)
        for word in line.split()[:-1]
    ]
    assert [word for word in sources if not (ROOT / word).exists()] == []
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().split("\n") if line.startswith("!")}
    assert [word for word in sources if word not in {*let_in, "."}] == []
    # Each app, or the image would start without it.
    for package in ROOT.glob("*/__init__.py"):
        name = package.parent.name
        assert (f"COPY --from=build /srv/tanxin/{name} {name}\n" in DOCKERFILE) == (name != "tests")


def test_image_and_machine_get_the_same_packages_and_the_fonts() -> None:
    assert "xargs apt-get install --yes --no-install-recommends <.ci/packages" in DOCKERFILE
    assert "done <.ci/packages" in (ROOT / ".ci" / "prepare").read_text(encoding="utf-8")
    assert {"fonts-noto-cjk", "fonts-lxgw-wenkai"} <= set((ROOT / ".ci" / "packages").read_text().split())
    assert "COPY --from=build /srv/tanxin/var/fonts var/fonts\n" in DOCKERFILE


def test_the_image_is_pinned_and_runs_as_the_user_of_the_services() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE)
    assert len(set(bases)) == 1
    assert PINNED.fullmatch(bases[0])
    assert {SERVICES[name]["user"] for name in OURS} == set(
        re.findall(r"^USER (.+)$", DOCKERFILE, flags=re.MULTILINE)
    )


def test_volumes_are_named_and_who_writes_has_one() -> None:
    mounts = {name: service.get("volumes", []) for name, service in SERVICES.items()}
    assert {mount.split(":")[0] for places in mounts.values() for mount in places} == set(FILE["volumes"])
    assert mounts["postgres"] == ["database:/var/lib/postgresql/data"]
    assert all(mounts[name] == [f"state:{SERVICES[name]['environment']['STATE_FOLDER']}"] for name in OURS)


def test_database_and_broker_are_reached_from_inside_alone() -> None:
    assert FILE["networks"]["inside"] == {"internal": True}
    assert {name for name, service in SERVICES.items() if service["networks"] == ["inside"]} == {
        "postgres",
        "redis",
    }
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["127.0.0.1:8000:8000"]
    }


def test_the_administrator_makes_every_secret_and_names_the_host() -> None:
    section = README.partition("## 投入使用 Production")[2].partition("\n## ")[0]
    assert [name for name in FILE["secrets"] if f">secrets/{name}\n" not in section] == []
    settings = SERVICES["web"]["environment"]
    assert "${TANXIN_HOST:?" in settings["ALLOWED_HOSTS"]
    assert "TANXIN_HOST=" in section
