"""Container, proxy and README of the service: what holds without an engine to run them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from prometheus_client import generate_latest

from evenhand.annotate import Annotations
from evenhand.annotate.store import Store
from evenhand_serve.api import api
from evenhand_serve.batching import State, Task
from evenhand_serve.operations import Watch, operations
from evenhand_serve.pages import Pages, pages
from evenhand_serve.pages_coding import coding_pages
from evenhand_serve.pages_uploads import document_pages, file_pages
from evenhand_serve.project import Project
from evenhand_serve.service import Service
from evenhand_serve.sessions import Sessions
from evenhand_serve.settings import Limits, Settings

ROOT = Path(__file__).parents[2]
SERVE = ROOT / "serve"
UNITS = {"": 1, "s": 1, "MiB": 1 << 20, "GiB": 1 << 30}
PROXY = "proxy"


def instructions() -> Iterator[tuple[str, str]]:
    """The Dockerfile's instructions with what follows them, lines joined and comments left out."""
    lines = [line for line in (SERVE / "Dockerfile").read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if line:
            name, _, rest = line.partition(" ")
            yield name, rest


def last(name: str) -> str:
    """What follows the last instruction of a name."""
    return [rest for each, rest in instructions() if each == name][-1]


def compose() -> dict[str, Any]:
    yaml: Any = pytest.importorskip("yaml")  # other packages bring it
    found: dict[str, Any] = yaml.safe_load((SERVE / "compose.yaml").read_text(encoding="utf-8"))
    return found


def readme() -> str:
    return (SERVE / "README.md").read_text(encoding="utf-8")


def routes(folder: Path) -> set[tuple[str, str]]:
    """Methods and paths that the service has."""
    service = Service(Settings(areas=False))
    made = Pages(service, Sessions(), None)
    router = pages(made)
    document_pages(router, made)
    file_pages(router, made)
    store = Store.create(folder / "any.sqlite", Annotations(()))
    coding = coding_pages(made, Project(store, None))
    all_routes = [
        *operations(service.engine, Watch(service.engine)).routes,
        *api(service).routes,
        *router.routes,
        *coding.routes,
    ]
    assert all(isinstance(route, APIRoute) for route in all_routes)
    return {(method, r.path) for r in all_routes if isinstance(r, APIRoute) for method in r.methods or ()}


def test_the_image_starts_from_one_base_of_an_exact_version() -> None:
    bases = {rest.split()[0] for name, rest in instructions() if name == "FROM"}

    assert bases == {"${BASE}"}
    assert re.fullmatch(r"BASE=python:3\.11\.\d+-slim-[a-z]+(@sha256:[0-9a-f]{64})?", last("ARG"))


def test_the_image_runs_as_a_fixed_user_that_is_not_root() -> None:
    user, _, group = last("USER").partition(":")

    assert int(user) > 999
    assert int(group) > 999


@pytest.mark.parametrize("name", ["ENTRYPOINT", "HEALTHCHECK"])
def test_what_runs_in_the_container_needs_no_shell(name: str) -> None:
    command = json.loads(last(name)[last(name).index("[") :])

    assert command[0] in {"evenhand", "python"}


def test_the_image_asks_for_tokens_and_ends_well() -> None:
    assert "--tokens" in json.loads(last("ENTRYPOINT"))
    assert last("STOPSIGNAL") == "SIGTERM"


def test_the_image_has_the_extras_that_there_are_under_the_constraints() -> None:
    (install,) = [rest for name, rest in instructions() if name == "RUN" and "$1[" in rest]
    extras = set(re.findall(r"\$1\[([\w,]+)\]", install)[0].split(","))
    known = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]

    assert extras == {"serve", "documents", "framing", "report", "privacy"}
    assert extras <= set(known)
    assert "--constraint /constraints.txt" in install


def test_what_the_wheel_is_built_from_goes_to_the_engine() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"}
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    needed = [*wheel["wheel"]["packages"], *wheel["wheel"]["force-include"]]

    assert all(any(path == each or path.startswith(f"{each}/") for each in kept) for path in needed)
    assert all((ROOT / each).exists() for each in kept)


def test_nothing_reports_its_use() -> None:
    environment = " ".join(rest for name, rest in instructions() if name == "ENV")

    assert "ORT_DISABLE_TELEMETRY=1" in environment
    assert "Environment=ORT_DISABLE_TELEMETRY=1" in readme()


def test_only_the_proxy_can_be_reached_and_only_by_tls() -> None:
    services = compose()["services"]

    assert [name for name, service in services.items() if service.get("ports")] == [PROXY]
    assert services[PROXY]["ports"] == ["443:443"]
    assert [name for name, service in services.items() if "outside" in service.get("networks", ())] == [PROXY]
    assert compose()["networks"]["inside"]["internal"] is True


@pytest.mark.parametrize("name", ["evenhand", "proxy", "tokens"])
def test_containers_have_no_rights_that_they_do_not_need(name: str) -> None:
    service = compose()["services"][name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == PROXY else [])


def test_the_service_in_its_container_is_bounded_and_never_swapped_out() -> None:
    service = compose()["services"]["evenhand"]

    assert service["mem_limit"] == service["memswap_limit"]
    assert service["pids_limit"] > 0
    assert service["volumes"] == ["tokens:/tokens:ro"]
    assert "--behind-tls" in service["command"]
    assert "--allow-host" in service["command"]


def test_the_proxy_takes_no_less_than_the_service_and_logs_no_requests() -> None:
    caddy = (SERVE / "Caddyfile").read_text(encoding="utf-8")
    (size,) = re.findall(r"max_size (\d+)MiB", caddy)

    assert int(size) << 20 > Limits().upload
    assert "Strict-Transport-Security" in caddy
    assert "header_up Host" not in caddy  # it goes through as it came
    assert "request>uri delete" in caddy
    assert "\n\tlog" not in caddy.partition("{$EVENHAND_NAME}")[2]


def test_the_readme_has_every_limit_as_it_is() -> None:
    section = readme().partition("## Limits")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([\d,]+) ?(\w*) \|", section, re.MULTILINE)
    told = {name: float(number.replace(",", "")) * UNITS[unit] for name, number, unit in rows}

    assert told == {field.name: getattr(Limits(), field.name) for field in fields(Limits)}


def test_the_readme_has_every_route_and_no_other(tmp_path: Path) -> None:
    told = set(re.findall(r"^\| `(GET|POST) (/[^`]*)`", readme(), re.MULTILINE))

    assert told == {(method, path.replace(":int", "")) for method, path in routes(tmp_path)}


def test_the_readme_has_every_metric_and_no_other() -> None:
    engine = Service(Settings(areas=False)).engine
    engine.figures.texts[Task.SCORE, State.DONE] = 1
    shown = generate_latest(Watch(engine).registry).decode()
    names = set(re.findall(r"^# TYPE (\w+)", shown, re.MULTILINE))
    told = set(re.findall(r"^\| `(evenhand_\w+)`", readme(), re.MULTILINE))

    assert told == {name for name in names if not name.endswith("_created")}


def test_every_module_has_its_place_in_the_readme() -> None:
    package = SERVE / "evenhand_serve"
    modules = {path.stem for path in package.glob("*.py")} | {
        path.parent.name for path in package.glob("*/__init__.py")
    }
    section = readme().partition("## Modules")[2].partition("`templates/`")[0]

    assert set(re.findall(r"`(\w+)`", section)) - {"evenhand_serve"} == modules - {"__init__"}
