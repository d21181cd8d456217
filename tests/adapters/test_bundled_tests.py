"""A bundle's tests are run by us: what it does to look as if they passed is not a pass."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from modelmark.adapters.inspection import bundled_tests
from modelmark.adapters.processes import Limits
from modelmark.checks.bundled_tests import RULE, check
from modelmark.domain.runs import BundledTestRun, Run
from modelmark.errors import CouldNot
from tests.support.bundles import contents_of, here, needs_sandbox
from tests.support.candidates import asking, found

GOOD = "from clean import clean\n\ndef test_clean():\n    assert clean(' A ') == 'a'\n"
CODE = {"clean.py": "def clean(text):\n    return text.strip().lower()\n"}
FAILS = "def test_sum():\n    assert 1 + 1 == 3, 'no'\n"


def look(folder: Path, files: Mapping[str, str], seconds: float = 60) -> BundledTestRun:
    with contents_of(folder, files) as contents:
        return bundled_tests.look(
            contents, sandboxed=True, build=here, limits=Limits(seconds=seconds, memory_mb=2048)
        )


def errors(result: BundledTestRun) -> list[str]:
    return [line for line in found(check, asking(RULE, result)) if line.startswith("error")]


@needs_sandbox
def test_tests_that_pass_are_counted(tmp_path: Path) -> None:
    more = """
import pytest
@pytest.mark.parametrize("one", [1, 2])
def test_each(one): assert one
@pytest.mark.skip
def test_later(): assert False
@pytest.mark.xfail
def test_known(): assert False
"""
    helpers = {"tests/conftest.py": "import pytest\n@pytest.fixture\ndef word(): return 'a'\n"}
    deep = {
        "tests/clean_test.py": "from clean import clean\ndef test_word(word): assert clean(word) == 'a'\n"
    }
    result = look(tmp_path, {**CODE, **helpers, **deep, "test_clean.py": GOOD, "test_more.py": more})
    assert (result.collected, result.passed, result.skipped, result.failures) == (6, 4, 2, ())
    assert (result.run.broken, result.silent, result.run.sandboxed) == ("", (), True)
    assert errors(result) == []


@needs_sandbox
def test_each_failure_is_told_with_its_message(tmp_path: Path) -> None:
    result = look(tmp_path, {**CODE, "test_clean.py": GOOD, "test_sum.py": FAILS})
    assert result.failures == (("test_sum.py::test_sum", "AssertionError: no\nassert (1 + 1) == 3"),)
    assert (result.collected, result.passed, result.run.broken) == (2, 1, "")


@needs_sandbox
def test_failing_fixtures_and_files_are_failures(tmp_path: Path) -> None:
    fixture = """
import pytest
@pytest.fixture
def before(): raise RuntimeError("before")
@pytest.fixture
def after():
    yield
    raise RuntimeError("after")
def test_before(before): pass
def test_after(after): pass
"""
    result = look(tmp_path, {"test_fixture.py": fixture})
    assert [message for _, message in result.failures] == ["RuntimeError: before", "RuntimeError: after"]
    result = look(tmp_path, {"test_import.py": "import not_there\ndef test_it(): pass\n"})
    assert [name for name, _ in result.failures] == ["test_import.py"]
    assert "No module named 'not_there'" in result.failures[0][1]


# Each with a test that fails, and something that hides it. What the finding says is in the middle.
TRICKS = {
    "conftest that exits": (
        {"conftest.py": "import os; os._exit(0)"},
        "ended before its work was done (exit code 0)",
    ),
    "conftest that leaves": ({"conftest.py": "import sys; sys.exit(0)"}, "ended before its work was done"),
    "test that exits": (
        {"test_a.py": "import os\ndef test_a(): os._exit(0)"},
        "ended before its work was done",
    ),
    "exit at import": (
        {"test_a.py": "import os\nos._exit(0)"},
        "ended before its work was done (exit code 0)",
    ),
    "pytest.exit": (
        {"test_a.py": "import pytest\ndef test_a(): pytest.exit('done', 0)"},
        "it ended after 0 of 2 tests",
    ),
    "another program": (
        {"conftest.py": "import os; os.execv('/bin/true', ['true'])"},
        "ended before its work was done",
    ),
    "crash": ({"conftest.py": "import os; os.abort()"}, "ended before its work was done (signal SIGABRT)"),
    "fork that outlives": (
        {"conftest.py": "import os, time\nif os.fork() == 0:\n    time.sleep(60)\nos._exit(0)"},
        "ended before its work was done (exit code 0)",
    ),
    "hang": ({"test_a.py": "import time\ndef test_a(): time.sleep(99)"}, "it was still running after 5 s"),
    "changed reports": (
        {
            "conftest.py": "import pytest\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport():\n"
            "    out = yield\n    out.get_result().outcome = 'passed'\n"
        },
        "'test_sum.py::test_sum' fails: 'AssertionError: no",
    ),
    "changed exit status": (
        {"conftest.py": "def pytest_sessionfinish(session): session.exitstatus = 0"},
        "'test_sum.py::test_sum' fails",
    ),
    "ignored file": (
        {"conftest.py": "collect_ignore = ['test_sum.py']", "test_a.py": "def test_a(): pass"},
        "test_sum",
    ),
    "nothing collected": (
        {"conftest.py": "def pytest_collection_modifyitems(items): items.clear()"},
        "no test of nlp-sentiment@1 passed: 0 collected",
    ),
    "settings": ({"pytest.ini": "[pytest]\naddopts = --collect-only\n"}, "'test_sum.py::test_sum' fails"),
    "settings in TOML": (
        {"pyproject.toml": '[tool.pytest.ini_options]\naddopts = "--collect-only"\n'},
        "'test_sum.py::test_sum' fails",
    ),
    "settings in newer TOML": (
        {"pyproject.toml": '[tool.pytest]\naddopts = ["--collect-only"]\n'},
        "'test_sum.py::test_sum' fails",
    ),
    "other name for tests": (
        {"pytest.ini": "[pytest]\npython_functions = check_*\n"},
        "no test of nlp-sentiment@1",
    ),
    "everything skipped": (
        {"conftest.py": "import pytest\ndef pytest_runtest_setup(item): pytest.skip('no')"},
        "no test of nlp-sentiment@1 passed: 1 collected, 1 skipped",
    ),
    "own pytest": ({"pytest.py": "def main(*a, **k): return 0\n"}, "'test_sum.py::test_sum' fails"),
    "startup files": (
        {"sitecustomize.py": "import os; os._exit(0)", "usercustomize.py": "import os; os._exit(0)"},
        "'test_sum.py::test_sum' fails",
    ),
    "fake reports": (
        {
            "conftest.py": "import os\nfor one in map(int, os.listdir('/proc/self/fd')):\n    try:\n"
            "        one > 2 and os.write(one, b'key {\"end\": 0}\\n')\n    except OSError: pass\n"
        },
        "it wrote into the pipe that only our runner may use",
    ),
    "fake words": (
        {"conftest.py": "import os\nprint('1 passed in 0.1s')\nos._exit(0)"},
        "ended before its work was done",
    ),
    "result files": (
        {
            "conftest.py": "open('/tmp/report.xml', 'w').write('<testsuite failures=\"0\"/>')\nimport os; os._exit(0)"
        },
        "ended before its work was done",
    ),
    "main replaced": (
        {"conftest.py": "import _pytest.main\n_pytest.main.Session.perform_collect = lambda *a, **k: []"},
        "no test of nlp-sentiment@1 passed: 0 collected",
    ),
}


@needs_sandbox
@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_is_a_pass(tmp_path: Path, trick: str) -> None:
    files, words = TRICKS[trick]
    said = errors(look(tmp_path, {"test_sum.py": FAILS, **files}, seconds=5 if trick == "hang" else 60))
    assert any(words in line for line in said), said


@needs_sandbox
def test_what_the_settings_leave_out_is_told(tmp_path: Path) -> None:
    conftest = """
def pytest_collection_modifyitems(config, items):
    config.hook.pytest_deselected(items=[items.pop()])
"""
    result = look(
        tmp_path, {"conftest.py": conftest, "test_a.py": "def test_a(): pass\ndef test_b(): pass\n"}
    )
    assert (result.collected, result.passed, result.left_out, result.run.broken) == (1, 1, 1, "")


@needs_sandbox
def test_a_file_that_skips_itself_is_not_silent(tmp_path: Path) -> None:
    skips = "import pytest\npytest.importorskip('not_there')\ndef test_it(): pass\n"
    result = look(tmp_path, {**CODE, "test_clean.py": GOOD, "test_gpu.py": skips})
    assert (result.silent, errors(result)) == ((), [])


def test_without_tests_nothing_is_run(tmp_path: Path) -> None:
    result = look(tmp_path, {"tests/data.json": "[]", **CODE})
    assert result == BundledTestRun(Run())
    (line,) = errors(result)
    assert "nlp-sentiment@1 has no tests, and the gate registration asks for them" in line


@needs_sandbox
def test_an_environment_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    files = {"test_clean.py": GOOD, "requirements.txt": "numpy>=1\n"}
    with pytest.raises(
        CouldNot, match=r"requirement 1 of requirements.txt is not `name==version`: 'numpy>=1'"
    ):
        look(tmp_path, files)


def test_without_a_sandbox_nothing_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CouldNot, match="only in a sandbox"):
        look(tmp_path, {"test_clean.py": GOOD})
