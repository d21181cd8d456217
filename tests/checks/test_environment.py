"""Tomorrow's ModuleNotFoundError is found today, and what will be there is not called missing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from modelmark.checks.environment import RULE, check
from modelmark.domain.code import BrokenCode, Code, Import
from modelmark.domain.formats import Content, FileFormat, Formats
from modelmark.domain.requirements import Required, Requirements, StatedPython, Trouble
from modelmark.errors import CouldNot
from tests.support.candidates import asking, manifest

PYTHON = (StatedPython("the manifest", "3.11.7"),)


def pin(
    name: str, version: str | None = "1.0", *, path: str = "requirements.txt", applies: bool = True
) -> Required:
    return Required(path, 1, name, f"{name}=={version}" if version else f"{name}>=1", version, 0, applies)


def judged(
    *required: Required,
    imports: Sequence[Import] = (),
    names: Sequence[str] = (),
    files: Sequence[str] = ("predict.py",),
    broken: Sequence[BrokenCode] = (),
    pythons: Sequence[StatedPython] = PYTHON,
    troubles: Sequence[Trouble] = (),
    provided: dict[str, tuple[str, ...]] | None = None,
) -> list[str]:
    pickles = {"model.pkl": FileFormat(Content.PICKLE, pickles=1, globals=tuple(names))} if names else {}
    facts = (
        Requirements(required, tuple(troubles), ("requirements.txt",), tuple(pythons), provided or {}),
        Code(tuple(files), tuple(imports), tuple(broken)),
        Formats(pickles),
    )
    return [
        f"{one.level}: {one.message}{f' [{one.about}]' if one.about else ''}"
        for one in check(asking(RULE, *facts, made=manifest(*files, "model.pkl")))
    ]


def bad(*said: str) -> list[str]:
    return [one for one in said if not one.startswith("note")]


def test_everything_there_is_a_note_with_figures() -> None:
    said = judged(
        pin("numpy", "2.4.6"),
        pin("scikit-learn"),
        imports=[Import("predict.py", 1, "json"), Import("predict.py", 2, "numpy.linalg")],
        names=["sklearn.svm SVC", "builtins set"],
    )
    assert said == [
        "note: Python 3.11, 2 pinned requirements (0 with hashes), 4 imported modules, all of them there"
    ]


def test_an_import_that_nothing_brings_names_file_line_and_what_breaks() -> None:
    said = judged(
        pin("numpy"),
        imports=[Import("preprocess.py", 3, "emoji"), Import("predict.py", 9, "emoji.core")],
        files=("preprocess.py", "predict.py"),
    )
    assert said == [
        "error: preprocess.py line 3 imports 'emoji' (and 1 more), which is in no requirement: "
        "ModuleNotFoundError when it is loaded [emoji]"
    ]


def test_a_pickle_that_names_a_missing_module_is_refused() -> None:
    (said,) = judged(pin("numpy"), names=["xgboost.sklearn XGBClassifier", "xgboost.core Booster"])
    assert said.startswith(
        "error: model.pkl is a pickle that names 'xgboost.core' (and 1 more), which is in no requirement"
    )


def test_a_pickle_that_was_saved_in_a_notebook_is_refused() -> None:
    (said,) = judged(pin("numpy"), names=["__main__ Cleaner"])
    assert "can be loaded only there" in said


@pytest.mark.parametrize(
    ("module", "distribution"),
    [
        ("sklearn", "scikit-learn"),
        ("PIL", "pillow"),
        ("cv2", "opencv-python-headless"),
        ("yaml", "pyyaml"),
        ("bs4", "beautifulsoup4"),
        ("google.cloud.storage", "google-cloud-storage"),
        ("google.protobuf", "protobuf"),
        ("sentence_transformers", "sentence-transformers"),
        ("faiss", "faiss-cpu"),
    ],
)
def test_a_module_is_found_under_its_distributions_name(module: str, distribution: str) -> None:
    assert bad(*judged(pin(distribution), imports=[Import("predict.py", 1, module)])) == []
    assert bad(*judged(pin("unrelated"), imports=[Import("predict.py", 1, module)])) != []


def test_the_environment_that_checks_knows_more_names() -> None:
    imports = [Import("predict.py", 1, "acme_text")]
    assert bad(*judged(pin("acme-nlp"), imports=imports, provided={"acme_text": ("acme-nlp",)})) == []
    assert bad(*judged(pin("other"), imports=imports, provided={"acme_text": ("acme-nlp",)})) != []


def test_what_another_requirement_brings_along_is_a_warning() -> None:
    (said,) = bad(*judged(pin("scikit-learn"), names=["joblib.numpy_pickle NumpyArrayWrapper"]))
    assert said.startswith("warning: ")
    assert "comes along with scikit-learn only by luck" in said


def test_what_comes_along_at_second_hand_is_a_warning_too() -> None:
    (said,) = bad(*judged(pin("sentence-transformers"), imports=[Import("predict.py", 1, "tokenizers")]))
    assert "comes along with sentence-transformers" in said


@pytest.mark.parametrize(
    ("importer", "bundled"),
    [
        ("predict.py", "clean.py"),
        ("predict.py", "clean/words.py"),
        ("predict.py", "code/clean.py"),
        ("serving/predict.py", "serving/clean.py"),
        ("serving/predict.py", "clean.py"),
        ("predict.py", "src/clean/__init__.py"),
    ],
)
def test_a_module_of_the_bundle_is_there(importer: str, bundled: str) -> None:
    assert bad(*judged(imports=[Import(importer, 1, "clean.words")], files=(importer, bundled))) == []


def test_a_module_deep_in_another_folder_is_not_there() -> None:
    assert (
        bad(*judged(imports=[Import("predict.py", 1, "clean")], files=("predict.py", "lib/clean.py"))) != []
    )


def test_an_optional_import_is_a_note() -> None:
    said = judged(imports=[Import("predict.py", 4, "cupy", optional=True)])
    assert said[0] == "note: predict.py line 4 imports 'cupy' if it is there; it is in no requirement [cupy]"
    assert bad(*said) == []


def test_tests_may_import_pytest_and_other_files_may_not() -> None:
    files = ("predict.py", "test_predict.py", "conftest.py")
    tests = [Import("test_predict.py", 1, "pytest"), Import("conftest.py", 1, "pytest")]
    assert bad(*judged(imports=tests, files=files)) == []
    assert bad(*judged(imports=[Import("predict.py", 1, "pytest")], files=files)) != []


@pytest.mark.parametrize(
    ("module", "python", "there"),
    [
        ("distutils", "3.11", True),
        ("distutils", "3.12.1", False),
        ("cgi", "3.12", True),
        ("cgi", "3.13", False),
        ("tomllib", "3.10", False),
        ("tomllib", "3.11", True),
    ],
)
def test_the_standard_library_is_that_of_the_stated_python(module: str, python: str, there: bool) -> None:
    said = judged(
        imports=[Import("predict.py", 1, module)], pythons=[StatedPython("python_env.yaml", python)]
    )
    assert (bad(*said) == []) is there


def test_a_removed_module_is_called_removed() -> None:
    (said,) = judged(
        imports=[Import("predict.py", 1, "imp")], pythons=[StatedPython("python_env.yaml", "3.12")]
    )
    assert "which Python 3.12 removed" in said


def test_what_a_marker_leaves_out_is_not_there() -> None:
    (said,) = judged(pin("numpy", applies=False), imports=[Import("predict.py", 1, "numpy")])
    assert "imports 'numpy', which is in no requirement" in said


@pytest.mark.parametrize(
    ("module", "version", "there"),
    [
        ("numpy._core.multiarray", "1.26.0", False),
        ("numpy._core.multiarray", "1.25.2", False),
        ("numpy._core.multiarray", "1.26.1", True),
        ("numpy._core.multiarray", "1.26.4", True),
        ("numpy._core.numeric", "1.26.4", False),
        ("numpy._core", "1.26.4", True),
        ("numpy._core.numeric", "2.0.0", True),
        ("numpy._core.numeric", "2.0.0rc1", True),
        ("numpy.core.numeric", "1.20.0", True),
    ],
)
def test_a_pickle_of_numpy_2_loads_with_numpy_1_only_in_part(module: str, version: str, there: bool) -> None:
    said = bad(*judged(pin("numpy", version), names=[f"{module} _reconstruct"]))
    words = f"error: model.pkl is a pickle that names '{module}', which numpy=={version} does not have"
    assert (said == []) is there
    assert all(one.startswith(words) and one.endswith("[numpy]") for one in said)


def test_no_python_version_is_refused() -> None:
    (said,) = judged(pythons=())
    assert (
        said
        == "error: no file says which Python version it needs, so whoever serves it has to guess [python]"
    )


@pytest.mark.parametrize("text", ["3", ">=3.9", "python", "3.x"])
def test_a_python_that_is_not_one_version_is_refused(text: str) -> None:
    (said,) = judged(pythons=[StatedPython("conda.yaml", text)])
    assert said.startswith(f"error: conda.yaml says Python '{text}', which is not one version")


def test_two_pythons_that_differ_are_a_warning() -> None:
    said = judged(pythons=[*PYTHON, StatedPython("conda.yaml", "3.9.1")])
    assert bad(*said) == [
        "warning: the files do not agree on the Python version: the manifest says 3.11.7 and conda.yaml says 3.9.1"
    ]


def test_a_requirement_without_a_pin_is_refused_with_its_line() -> None:
    (said,) = judged(pin("numpy", None))
    assert said == (
        "error: requirements.txt line 1: 'numpy>=1' is not pinned, so tomorrow it may be another version [numpy]"
    )


def test_two_pins_of_one_package_are_refused() -> None:
    (said,) = judged(pin("numpy", "1.26.4"), pin("numpy", "2.0.0", path="conda.yaml"))
    assert "pins numpy==1.26.4, and conda.yaml line 1 numpy==2.0.0" in said
    assert bad(*judged(pin("numpy", "1.26.4"), pin("numpy", "2.0.0", applies=False))) == []


def test_a_line_that_must_not_be_followed_is_refused() -> None:
    (said,) = judged(troubles=[Trouble("requirements.txt", 2, "'-e .': no", "hint", "-e")])
    assert said == "error: requirements.txt line 2: '-e .': no [-e]"


def test_broken_code_is_refused_with_its_line() -> None:
    (said,) = judged(broken=[BrokenCode("predict.py", 7, "invalid syntax")])
    assert said == "error: predict.py line 7 is not Python 3.11: 'invalid syntax' [1: predict.py]"


def test_code_for_a_newer_python_than_ours_is_a_warning() -> None:
    said = judged(broken=[BrokenCode("predict.py", 7, "invalid syntax")], pythons=[StatedPython("x", "3.14")])
    assert bad(*said) == ["warning: predict.py line 7 is not Python 3.11: 'invalid syntax' [1: predict.py]"]


def test_a_bundle_without_any_python_has_nothing_to_need() -> None:
    facts = (Requirements(), Code(), Formats({"prompt.txt": FileFormat(Content.TEXT)}))
    (note,) = check(asking(RULE, *facts, made=manifest("prompt.txt")))
    assert note.level == "note"


def test_hostile_names_are_shown_harmless() -> None:
    (said,) = judged(names=["evil\x1b[31m\nmodule x"])
    assert "\x1b" not in said
    assert "\n" not in said


def test_what_nobody_could_look_at_is_no_pass() -> None:
    with pytest.raises(CouldNot):
        list(check(asking(RULE, Requirements(), Code())))
