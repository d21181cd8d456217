"""Real pip on a folder of tiny wheels, and a stand-in for pip-audit: what they say, and what happens if they say nothing."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from modelmark.adapters.inspection import audit, package_licenses
from modelmark.domain.advisories import Audit, Vulnerability
from modelmark.domain.licenses import PackageLicenses, spdx_of
from modelmark.errors import CouldNot
from tests.support.contents import contents_of

WHEELS = {
    ("spdxlib", "1.0"): "License-Expression: Apache-2.0 OR MIT\n",
    (
        "trovelib",
        "2.1",
    ): "Classifier: License :: OSI Approved\nClassifier: License :: OSI Approved :: MIT License\n",
    ("textlib", "3"): "License: BSD 3-Clause License\n",
    ("mutelib", "4.0"): "",
}


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that is all pip may look at."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for (name, version), said in WHEELS.items():
        info = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{said}"
            )
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
    for key in [key for key in os.environ if key.startswith("PIP_")]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


def licenses(folder: Path, text: str) -> PackageLicenses:
    with contents_of({"requirements.txt": text}, folder / "bundle") as contents:
        return package_licenses.look(contents, sandboxed=True)


def audited(folder: Path, text: str) -> Audit:
    with contents_of({"requirements.txt": text}, folder / "bundle") as contents:
        return audit.look(contents, sandboxed=True)


@pytest.mark.usefixtures("index")
def test_pip_tells_the_licences_without_installing(tmp_path: Path) -> None:
    pins = "".join(f"{name}=={version}\n" for name, version in WHEELS)
    found = licenses(tmp_path, pins)
    assert {one.pin: spdx_of(one) for one in found.packages} == {
        "spdxlib==1.0": "Apache-2.0 OR MIT",
        "trovelib==2.1": "MIT",
        "textlib==3": "BSD-3-Clause",
        "mutelib==4.0": "",
    }


@pytest.mark.usefixtures("index")
def test_a_version_that_the_index_does_not_have_is_told_in_pips_words(tmp_path: Path) -> None:
    with pytest.raises(CouldNot, match=r"could not be asked.*No matching distribution found for spdxlib==9"):
        licenses(tmp_path, "spdxlib==9\n")


@pytest.mark.usefixtures("index")
def test_a_bundle_cannot_lead_pip_to_another_index(tmp_path: Path) -> None:
    elsewhere = tmp_path / "evil"
    elsewhere.mkdir()
    text = f"--find-links {elsewhere}\nspdxlib==1.0\n"
    assert [one.pin for one in licenses(tmp_path, text).packages] == ["spdxlib==1.0"]


def test_an_index_that_does_not_answer_is_told(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(CouldNot, match="so nothing is known"):
        licenses(tmp_path, "spdxlib==1.0\n")


def fake_audit(folder: Path, monkeypatch: pytest.MonkeyPatch, answer: object, *, status: int = 0) -> Path:
    """A `pip-audit` on PATH that keeps what it was asked, and gives this answer."""
    programs = folder / "programs"
    programs.mkdir()
    said = json.dumps(answer) if not isinstance(answer, str) else answer
    asked = folder / "asked"
    (programs / "pip-audit").write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys\n"
        f"pathlib.Path({str(asked)!r}).write_text(' '.join(sys.argv[1:-1]) + '\\n' + open(sys.argv[-1]).read())\n"
        f"print({said!r})\n"
        "print('Found something', file=sys.stderr)\n"
        f"sys.exit({status})\n"
    )
    (programs / "pip-audit").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return asked


def test_pip_audit_is_asked_about_names_and_versions_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean: list[Mapping[str, object]] = [{"name": "NumPy", "version": "2.4.6", "vulns": []}]
    asked = fake_audit(tmp_path, monkeypatch, {"dependencies": clean, "fixes": []})
    assert audited(tmp_path, "numpy==2.4.6 --hash=sha256:aa\n-i https://evil.example\n") == Audit(
        ("numpy==2.4.6",)
    )
    options, *lines = asked.read_text().splitlines()
    assert options.startswith("--no-deps --disable-pip --format json")
    assert lines == ["numpy==2.4.6"]


def test_vulnerabilities_come_with_what_mends_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"id": "PYSEC-2021-108", "fix_versions": ["1.26.5"], "aliases": [], "description": ""}
    answer = {
        "dependencies": [{"name": "urllib3", "version": "1.26.4", "vulns": [known, {"id": "evil\x1b[0m"}]}]
    }
    fake_audit(tmp_path, monkeypatch, answer, status=1)
    assert audited(tmp_path, "urllib3==1.26.4\n").vulnerabilities == (
        Vulnerability("urllib3", "1.26.4", "PYSEC-2021-108", "mended in 1.26.5"),
        Vulnerability("urllib3", "1.26.4", "evil\\x1b[0m"),
    )


def test_what_pip_audit_skips_or_leaves_out_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_audit(tmp_path, monkeypatch, {"dependencies": [{"name": "acme", "skip_reason": "not found"}]})
    found = audited(tmp_path, "acme==1\nnumpy==2\n")
    assert found == Audit((), (("acme==1", "not found"), ("numpy==2", "it is not in the answer")))


@pytest.mark.parametrize("answer", ["", "no network", "[]", "{}", '{"dependencies": null}'])
def test_an_answer_that_is_none_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    fake_audit(tmp_path, monkeypatch, answer, status=1)
    with pytest.raises(CouldNot, match=r"could not be asked, so nothing is known: 'Found something'"):
        audited(tmp_path, "numpy==2\n")


def test_without_pip_audit_the_hint_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelmark.adapters.inspection.package_index.which", lambda *_, **__: None)
    with pytest.raises(CouldNot, match="pip-audit is not installed") as caught:
        audited(tmp_path, "numpy==2\n")
    assert "modelmark[audit]" in caught.value.hint


def test_secrets_of_the_environment_do_not_reach_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_audit(tmp_path, monkeypatch, {"dependencies": []})
    program = tmp_path / "programs" / "pip-audit"
    seen = tmp_path / "seen"
    program.write_text(
        f"#!{sys.executable}\nimport os\nopen({str(seen)!r}, 'w').write(' '.join(os.environ))\nprint('{{}}')\n"
    )
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(CouldNot):
        audited(tmp_path, "numpy==2\n")
    assert "PIP_INDEX_URL" in seen.read_text().split()
    assert "AWS_SECRET_ACCESS_KEY" not in seen.read_text().split()


def test_nobody_is_asked_about_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelmark.adapters.inspection.package_index.run_limited", None)
    assert audited(tmp_path, "# nothing\n") == Audit()
    assert licenses(tmp_path / "again", "numpy>=1\n") == PackageLicenses()
