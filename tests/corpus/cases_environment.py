"""Bad versions whose code or pickles would not load where they are served: tomorrow's ModuleNotFoundError."""

from __future__ import annotations

from tests.corpus.bundles import mlflow_model, scikit_learn
from tests.corpus.cases import Bad, version, waived
from tests.corpus.edits import putting, replacing, saying, without

_FIRST = "models/first/"

CASES = (
    Bad(
        "no Python version",
        "environment",
        "which Python version",
        version(saying("train_args.json", python=None)),
    ),
    Bad(
        "a range of Python versions",
        "environment",
        "'>=3.9', which is not one version",
        version(saying("train_args.json", python=">=3.9")),
    ),
    Bad(
        "a requirement that is not pinned",
        "environment",
        "line 4: 'emoji>=2' is not pinned",
        version(lambda files: {**files, "requirements.txt": files["requirements.txt"] + b"emoji>=2\n"}),
    ),
    Bad(
        "an import that no requirement brings",
        "environment",
        "preprocess.py line 2 imports 'emoji', which is in no requirement: ModuleNotFoundError",
        version(replacing("preprocess.py", "import re", "import emoji")),
    ),
    Bad(
        "preprocessing that is not in the artifact",
        "environment",
        "predict.py line 2 imports 'preprocess', which is in no requirement",
        version(
            lambda files: {**files, "preprocess_text.py": files["preprocess.py"]},
            without("preprocess.py", "test_preprocess.py"),
        ),
    ),
    Bad(
        "a pickle of a class that nobody bundles",
        "environment",
        "model.pkl is a pickle that names 'acme_models.sentiment'",
        waived(
            scikit_learn,
            "model.pkl",
            putting({"model.pkl": b"\x80\x02cacme_models.sentiment\nClassifier\n)\x81}b."}),
        ),
        _FIRST,
    ),
    Bad(
        "a pickle of a class of a notebook",
        "environment",
        "saved from a script or notebook",
        waived(scikit_learn, "model.pkl", putting({"model.pkl": b"\x80\x02c__main__\nClassifier\n)\x81}b."})),
        _FIRST,
    ),
    Bad(
        "a pickle of NumPy 2 beside NumPy 1",
        "environment",
        "which numpy==1.24.4 does not have: ModuleNotFoundError",
        waived(
            scikit_learn,
            "model.pkl",
            putting(
                {
                    "model.pkl": b"\x80\x02cnumpy._core.multiarray\nscalar\n.",
                    "requirements.txt": "numpy==1.24.4\n",
                }
            ),
        ),
        _FIRST,
    ),
    Bad(
        "a module that the stated Python has no more",
        "environment",
        "'imp', which Python 3.12 removed",
        version(
            replacing("preprocess.py", "import re", "import imp"), saying("train_args.json", python="3.12.1")
        ),
    ),
    Bad(
        "requirements from another index",
        "environment",
        "takes packages from another place",
        version(
            lambda files: {
                **files,
                "requirements.txt": b"--extra-index-url https://pypi.example.org\n"
                + files["requirements.txt"],
            }
        ),
    ),
    Bad(
        "a requirement from a repository",
        "environment",
        "takes packages from another place",
        version(
            lambda files: {
                **files,
                "requirements.txt": files["requirements.txt"] + b"clean @ git+https://example.org/clean\n",
            }
        ),
    ),
    Bad(
        "requirements that include what is not there",
        "environment",
        "'base.txt', which is not in the bundle",
        version(lambda files: {**files, "requirements.txt": files["requirements.txt"] + b"-r base.txt\n"}),
    ),
    Bad(
        "two files that pin two versions",
        "environment",
        "nobody knows which one is there when it is loaded",
        waived(mlflow_model, "model.pkl", lambda files: {**files, "requirements-gpu.txt": b"numpy==1.0.1\n"}),
        _FIRST,
    ),
)
