"""The Kubernetes manifests and the Dockerfile: valid for Kubernetes itself, and true of our commands, ports and paths."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from typer.main import get_command

from modelmark.adapters.health import parse_address
from modelmark.cli.main import build_app

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "serving"
MANIFESTS = sorted((EXAMPLE / "kubernetes").glob("*.yaml"))
PAGES = {"/healthz", "/readyz", "/version", "/metrics"}


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text("utf-8")))


DEPLOYMENT = documents(EXAMPLE / "kubernetes" / "deployment.yaml")[0]
POD = DEPLOYMENT["spec"]["template"]["spec"]
CONTAINERS = {one["name"]: one for one in [*POD["initContainers"], *POD["containers"]]}


def option(container: str, name: str) -> str:
    args: list[str] = CONTAINERS[container]["args"]
    return args[args.index(name) + 1]


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
@pytest.mark.parametrize("version", ["1.29", "1.33"])
def test_it_is_what_the_schemas_of_kubernetes_ask_for(path: Path, version: str) -> None:
    for document in documents(path):
        kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize("name", ["pull", "watch"])
def test_our_command_line_takes_the_arguments(name: str) -> None:
    args = CONTAINERS[name]["args"]
    command = get_command(build_app()).commands[args[0]]  # type: ignore[attr-defined]
    assert command.make_context(args[0], list(args[1:]))


def test_both_bring_the_same_alias_from_the_same_registry_to_the_same_place() -> None:
    assert CONTAINERS["pull"]["args"][1] == CONTAINERS["watch"]["args"][1]
    for name in ("--registry", "--to"):
        assert option("pull", name) == option("watch", name)
    served = {one["name"]: one["value"] for one in CONTAINERS["server"]["env"]}
    assert served["MODEL_DIR"] == option("watch", "--to")
    mounts = {
        name: next(one for one in container["volumeMounts"] if one["name"] == "model")
        for name, container in CONTAINERS.items()
    }
    assert {one["mountPath"] for one in mounts.values()} == {served["MODEL_DIR"]}
    assert mounts["server"]["readOnly"]


def test_a_verified_release_comes_first_and_the_watch_lives_as_long_as_the_server() -> None:
    first, second = POD["initContainers"]
    assert (first["name"], first.get("restartPolicy")) == ("pull", None)
    assert (second["name"], second["restartPolicy"]) == ("watch", "Always")


def test_the_hook_is_in_the_image_and_calls_the_port_of_the_server() -> None:
    words = shlex.split(option("watch", "--on-change"))
    served = {one["name"]: one["value"] for one in CONTAINERS["server"]["env"]}
    assert words == ["python", "/app/reload.py", f"http://127.0.0.1:{served['PORT']}"]
    assert f"COPY examples/serving/reload.py {words[1]}" in (EXAMPLE / "Dockerfile").read_text()
    assert CONTAINERS["server"]["ports"][0]["containerPort"] == int(served["PORT"])


def test_probes_and_prometheus_ask_pages_that_there_are_at_the_port_that_is_open() -> None:
    watch = CONTAINERS["watch"]
    port = parse_address(option("watch", "--health"))[1]
    assert watch["ports"] == [{"name": "watch", "containerPort": port}]
    asked = watch["livenessProbe"]["httpGet"]
    assert (asked["path"] in PAGES, asked["port"]) == (True, "watch")
    assert "readinessProbe" not in watch, "whether the pod answers is the server's to say"
    assert CONTAINERS["server"]["readinessProbe"]["httpGet"]["port"] == "http"
    notes = DEPLOYMENT["spec"]["template"]["metadata"]["annotations"]
    assert (notes["prometheus.io/port"], notes["prometheus.io/path"]) == (str(port), "/metrics")


@pytest.mark.parametrize("name", CONTAINERS)
def test_no_container_may_more_than_it_needs(name: str) -> None:
    locked = CONTAINERS[name]["securityContext"]
    assert (locked["readOnlyRootFilesystem"], locked["allowPrivilegeEscalation"]) == (True, False)
    assert locked["capabilities"] == {"drop": ["ALL"]}
    assert POD["securityContext"]["runAsNonRoot"]
    assert not POD["automountServiceAccountToken"]
    assert CONTAINERS[name]["resources"]["limits"]["memory"]
    assert not CONTAINERS[name]["image"].endswith(":latest")
    assert ":" in CONTAINERS[name]["image"].rpartition("/")[2]


def test_the_service_finds_the_pods() -> None:
    (service,) = documents(EXAMPLE / "kubernetes" / "service.yaml")
    labels = DEPLOYMENT["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()
    assert DEPLOYMENT["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert service["spec"]["ports"][0]["targetPort"] == CONTAINERS["server"]["ports"][0]["name"]


def test_the_images_are_built_of_what_there_is_by_nobody_special() -> None:
    text = (EXAMPLE / "Dockerfile").read_text("utf-8")
    for line in re.findall(r"(?m)^COPY (.+)$", text):
        *sources, _ = line.split()
        assert all((ROOT / source).exists() for source in sources), line
    stages = re.split(r"(?m)^FROM ", text)[1:]
    assert [re.findall(r" AS (\w+)", stage)[0] for stage in stages] == ["sidecar", "server"]
    for stage in stages:
        assert re.findall(r"(?m)^USER (\S+)$", stage) == [f"{POD['securityContext']['runAsUser']}:10001"]
        assert not stage.startswith("python:latest")
