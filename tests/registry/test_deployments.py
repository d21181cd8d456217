"""Records of what runs, by a clone and by an address alone, over a whole release and its rollback."""

from __future__ import annotations

from pathlib import Path

import pytest

import modelmark
from modelmark.domain.names import AliasName, ModelName
from modelmark.domain.references import ByAlias
from modelmark.domain.running import Standing
from modelmark.errors import InvalidInput, NotFound
from modelmark.registry.deployments import deployed_remote, report
from tests.support.world import World

PROD = ByAlias(ModelName("m"), AliasName("prod"))


def standings(world: World, records: str = "branch:deployments") -> dict[str, Standing]:
    return {one.env: one.standing for one in world.registry("ci").status(records=records).running}


def test_what_runs_is_told_from_a_clone_from_an_address_and_by_a_sidecar(
    world: World, tmp_path: Path
) -> None:
    modelmark.pull(PROD, registry=world.hub, to=tmp_path / "srv")
    clone = world.registry("consumer")
    assert clone.deployed("m@prod", "clone", to=tmp_path / "srv").deployment.verified
    assert deployed_remote(str(world.hub), PROD, "address", tmp_path / "srv").deployment.verified
    assert report(str(world.hub), PROD, "sidecar", tmp_path / "srv" / "current").deployment.verified
    assert not clone.deployed("m@prod", "hearsay").deployment.verified
    assert standings(world) == {
        "clone": Standing.AGREES,
        "address": Standing.AGREES,
        "sidecar": Standing.AGREES,
        "hearsay": Standing.UNVERIFIED,
    }

    world.release("two", "staging", "canary", "prod")
    assert set(standings(world).values()) == {Standing.BEHIND}
    modelmark.pull(PROD, registry=world.hub, to=tmp_path / "srv")
    assert (
        report(str(world.hub), PROD, "sidecar", tmp_path / "srv" / "current").name == "m/prod/sidecar/2.json"
    )
    assert report(str(world.hub), PROD, "sidecar", tmp_path / "srv" / "current").already
    assert standings(world)["sidecar"] is Standing.AGREES
    world.roll_back_by_hand("prod", 1)
    assert standings(world) == {
        "clone": Standing.AGREES,
        "address": Standing.AGREES,
        "sidecar": Standing.BEHIND,
        "hearsay": Standing.UNVERIFIED,
    }
    assert world.cli("ci", "status").code == 1
    assert set(world.branches()) >= {"main", "deployments"}


def test_changed_bytes_and_a_release_of_another_registry_are_recorded_and_told(
    world: World, tmp_path: Path
) -> None:
    release = modelmark.pull(PROD, registry=world.hub, to=tmp_path / "srv")
    weights = release.path / "model.safetensors"
    weights.chmod(0o644)
    weights.write_bytes(b"x")
    words = ("--env", "eu-1", "--to", str(tmp_path / "srv"), "--records", f"folder:{tmp_path / 'records'}")
    done = world.cli("consumer", "deployed", "m@prod", *words)
    assert (done.code, "model.safetensors has other bytes" in done.err) == (1, True)
    assert standings(world, f"folder:{tmp_path / 'records'}") == {"eu-1": Standing.UNVERIFIED}


def test_a_sidecar_hears_what_it_got_wrong(world: World, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="has no release"):
        report(str(world.hub), PROD, "eu-1", tmp_path / "nothing")
    modelmark.pull(PROD, registry=world.hub, to=tmp_path / "srv")
    with pytest.raises(InvalidInput, match="environment"):
        report(str(world.hub), PROD, "EU", tmp_path / "srv" / "current")
    with pytest.raises(InvalidInput, match="is no place for records"):
        report(str(world.hub), PROD, "eu-1", tmp_path / "srv" / "current", "somewhere")
    assert "deployments" not in world.branches()


def test_records_in_a_folder_need_no_repository_at_all(world: World, tmp_path: Path) -> None:
    modelmark.pull(PROD, registry=world.hub, to=tmp_path / "srv")
    gone = str(tmp_path / "moved-away.git")
    assert (
        report(gone, PROD, "eu-1", tmp_path / "srv" / "current", f"folder:{tmp_path / 'records'}").name
        == "m/prod/eu-1/1.json"
    )
