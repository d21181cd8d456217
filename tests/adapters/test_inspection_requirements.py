"""Requirements are read as pip reads them, and what would make pip look elsewhere is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from modelmark.adapters.inspection.requirements import look
from modelmark.domain.json_values import Json
from modelmark.domain.manifest import Lineage
from modelmark.domain.requirements import Requirements
from tests.support.contents import contents_of

CONDA = """\
name: serving
channels: [conda-forge]
dependencies:
  - python=3.11.7
  - pip<=23.2.1
  - numpy=1.26.4=py311_0
  - conda-forge::scipy==1.11.4
  - pandas>=2
  - pip:
      - mlflow==3.17.2
      - scikit-learn
"""


def seen(
    folder: Path, files: Mapping[str, str], environment: Mapping[str, Json] | None = None
) -> Requirements:
    with contents_of(files, folder) as contents:
        contents.manifest = replace(contents.manifest, lineage=Lineage(environment=environment or {}))
        return look(contents, sandboxed=True)


def pins(found: Requirements) -> list[str]:
    return [f"{one.path}:{one.line} {one.pin}{'' if one.version else ' ?'}" for one in found.required]


def troubles(found: Requirements) -> list[str]:
    return [f"{one.path}:{one.line} {one.message}" for one in found.troubles]


def test_plain_lines_comments_hashes_and_continued_lines(tmp_path: Path) -> None:
    text = (
        "# what it needs\n\nNumPy==2.4.6  # fast\n"
        "click==8.1.7 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
        "--require-hashes\nuvicorn[standard]===0.30.0\n"
    )
    found = seen(tmp_path, {"requirements.txt": text})
    assert pins(found) == [
        "requirements.txt:3 numpy==2.4.6",
        "requirements.txt:4 click==8.1.7",
        "requirements.txt:8 uvicorn==0.30.0",
    ]
    assert [one.hashes for one in found.required] == [0, 2, 0]
    assert troubles(found) == []


@pytest.mark.parametrize(
    "line", ["numpy", "numpy>=1", "numpy==1.26.*", "numpy~=1.26", "numpy>=1,==1.5", "numpy!=1.0"]
)
def test_what_several_versions_would_do_for_is_no_pin(tmp_path: Path, line: str) -> None:
    assert pins(seen(tmp_path, {"requirements.txt": line})) == ["requirements.txt:1 numpy ?"]


@pytest.mark.parametrize(
    ("line", "about"),
    [
        ("--index-url https://evil.example/simple", "--index-url"),
        ("--extra-index-url=https://evil.example/simple", "--extra-index-url"),
        ("-ihttps://evil.example/simple", "-i"),
        ("--find-links ./wheels", "--find-links"),
        ("--trusted-host evil.example", "--trusted-host"),
        ("-e .", "-e"),
        ("-c constraints.txt", "-c"),
        ("--pre", ""),
        ("git+https://evil.example/x.git", ""),
        ("https://evil.example/x.whl", ""),
        ("./local", ""),
        ("numpy @ https://evil.example/numpy.whl", "numpy"),
        ("numpy==", ""),
        ("${PACKAGE}==1", ""),
    ],
)
def test_what_leads_elsewhere_is_told_and_not_followed(tmp_path: Path, line: str, about: str) -> None:
    found = seen(tmp_path, {"requirements.txt": f"click==8\n{line}\n"})
    assert pins(found) == ["requirements.txt:1 click==8"]
    assert [(one.line, one.about) for one in found.troubles] == [(2, about)]


def test_a_variable_in_a_version_is_no_pin(tmp_path: Path) -> None:
    """Pip fills in `${…}` where it reads a file, and names the result in its errors."""
    assert seen(tmp_path, {"requirements.txt": "numpy===${PIP_INDEX_URL}\n"}).pins == ()


def test_an_included_file_is_followed_once_from_where_it_is_named(tmp_path: Path) -> None:
    files = {
        "serve/requirements.txt": "-r ../base/reqs.txt\nclick==8\n",
        "base/reqs.txt": "-r ../serve/requirements.txt\nnumpy==2\n",
    }
    assert pins(seen(tmp_path, files)) == ["base/reqs.txt:2 numpy==2", "serve/requirements.txt:2 click==8"]


@pytest.mark.parametrize("name", ["base.txt", "../../etc/passwd", "/etc/hostname"])
def test_an_included_file_that_is_not_in_the_bundle_is_told(tmp_path: Path, name: str) -> None:
    found = seen(tmp_path, {"requirements.txt": f"-r {name}\n"})
    assert troubles(found) == [f"requirements.txt:1 includes '{name}', which is not in the bundle"]


def test_a_marker_is_judged_by_the_stated_python(tmp_path: Path) -> None:
    files = {"requirements.txt": 'tomli==2 ; python_version < "3.11"\nnumpy==2 ; python_version >= "3.12"\n'}
    old, new = (
        seen(tmp_path / "a", files, {"python": "3.9.1"}),
        seen(tmp_path / "b", files, {"python": "3.13"}),
    )
    assert (old.pins, new.pins) == ((("tomli", "2"),), (("numpy", "2"),))


def test_a_conda_file_is_read_with_its_pip_section(tmp_path: Path) -> None:
    found = seen(tmp_path, {"conda.yaml": CONDA})
    assert pins(found) == [
        "conda.yaml:6 numpy==1.26.4",
        "conda.yaml:7 scipy==1.11.4",
        "conda.yaml:8 pandas ?",
        "conda.yaml:10 mlflow==3.17.2",
        "conda.yaml:11 scikit-learn ?",
    ]
    assert [(one.where, one.text, one.version) for one in found.pythons] == [
        ("conda.yaml", "3.11.7", (3, 11))
    ]


def test_an_mlflow_folder_is_read_by_its_python_env(tmp_path: Path) -> None:
    files = {
        "python_env.yaml": "python: 3.11.7\nbuild_dependencies:\n- pip==23\n- setuptools\ndependencies:\n- -r requirements.txt\n",
        "requirements.txt": "mlflow==3.17.2\ncloudpickle==3.1.2",
    }
    found = seen(tmp_path, files, {"python": "3.11.7"})
    assert found.pins == (("cloudpickle", "3.1.2"), ("mlflow", "3.17.2"))
    assert [one.where for one in found.pythons] == ["the manifest", "python_env.yaml"]
    assert found.python == (3, 11)


def test_a_yaml_that_means_more_than_it_shows_is_told(tmp_path: Path) -> None:
    found = seen(tmp_path, {"conda.yaml": "dependencies: &all [python]\nothers: *all\n"})
    assert [(one.path, one.line) for one in found.troubles] == [("conda.yaml", 1)]


def test_the_environment_that_checks_tells_which_package_brings_a_module(tmp_path: Path) -> None:
    found = seen(tmp_path, {"requirements.txt": "pyyaml==6.0.3"})
    assert "pyyaml" in found.provided["yaml"]


def test_a_bundle_without_such_files_needs_nothing(tmp_path: Path) -> None:
    assert seen(tmp_path, {"prompt.txt": "hello"}) == Requirements()


def test_a_file_that_is_no_text_breaks_nothing(tmp_path: Path) -> None:
    with contents_of({"requirements.txt": b"\xff\xfe\x00numpy==1\x00\n"}, tmp_path) as contents:
        found = look(contents, sandboxed=True)
    assert len(found.troubles) == 1
