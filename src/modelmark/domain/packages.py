"""Which package brings which module: the standard library by version, and well-known packages by table.

A module is looked up in this order: the tables here, the packages of the environment that checks, and at last by its
own name. The standard library is that of the Python that checks, put right by what 3.9 to 3.14 added and removed.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from modelmark.domain.requirements import normalised

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

# Modules whose distribution has another name; several where any of them will do.
MODULES: Mapping[str, tuple[str, ...]] = {
    "attr": ("attrs",),
    "bs4": ("beautifulsoup4",),
    "community": ("python-louvain",),
    "Crypto": ("pycryptodome",),
    "cv2": (
        "opencv-python",
        "opencv-python-headless",
        "opencv-contrib-python",
        "opencv-contrib-python-headless",
    ),
    "dateutil": ("python-dateutil",),
    "dotenv": ("python-dotenv",),
    "faiss": ("faiss-cpu", "faiss-gpu", "faiss-gpu-cu12"),
    "fitz": ("pymupdf",),
    "git": ("gitpython",),
    "grpc": ("grpcio",),
    "imblearn": ("imbalanced-learn",),
    "jwt": ("pyjwt",),
    "Levenshtein": ("levenshtein", "python-levenshtein"),
    "magic": ("python-magic",),
    "mlflow": ("mlflow", "mlflow-skinny"),
    "mpl_toolkits": ("matplotlib",),
    "onnxruntime": ("onnxruntime", "onnxruntime-gpu"),
    "OpenSSL": ("pyopenssl",),
    "PIL": ("pillow", "pillow-simd"),
    "pkg_resources": ("setuptools",),
    "psycopg2": ("psycopg2", "psycopg2-binary"),
    "pylab": ("matplotlib",),
    "ruamel": ("ruamel-yaml",),
    "serial": ("pyserial",),
    "skimage": ("scikit-image",),
    "sklearn": ("scikit-learn", "scikit-learn-intelex"),
    "skopt": ("scikit-optimize",),
    "slugify": ("python-slugify",),
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tensorflow-macos"),
    "umap": ("umap-learn",),
    "xgboost": ("xgboost", "xgboost-cpu"),
    "yaml": ("pyyaml",),
    "zmq": ("pyzmq",),
}

# Modules that many distributions share: any that starts so, or that is named, will do.
_SHARED: Mapping[str, tuple[str, ...]] = {
    "azure": ("azure-",),
    "google": ("google-", "protobuf", "googleapis-common-protos"),
    "opentelemetry": ("opentelemetry-",),
    "zope": ("zope-",),
}

# What installing a package surely brings along, so that code that forgot to ask for it works by luck.
BRINGS: Mapping[str, tuple[str, ...]] = {
    "accelerate": ("torch", "numpy", "safetensors", "huggingface-hub", "pyyaml", "psutil", "packaging"),
    "catboost": ("numpy", "pandas", "scipy", "graphviz", "plotly", "matplotlib", "six"),
    "imbalanced-learn": ("scikit-learn",),
    "huggingface-hub": ("filelock", "fsspec", "packaging", "pyyaml", "tqdm", "typing-extensions"),
    "keras": ("numpy", "h5py", "absl-py", "rich", "packaging"),
    "lightgbm": ("numpy", "scipy"),
    "matplotlib": ("numpy", "pillow", "python-dateutil", "packaging", "pyparsing", "cycler", "kiwisolver"),
    "mlflow": ("mlflow-skinny", "numpy", "pandas", "scikit-learn", "scipy", "matplotlib", "pyarrow", "flask"),
    "mlflow-skinny": ("cloudpickle", "pyyaml", "click", "gitpython", "packaging", "protobuf", "requests"),
    "numba": ("numpy", "llvmlite"),
    "onnx": ("numpy", "protobuf"),
    "onnxruntime": ("numpy", "protobuf"),
    "pandas": ("numpy", "python-dateutil"),
    "requests": ("urllib3", "certifi", "idna", "charset-normalizer"),
    "scikit-image": ("numpy", "scipy", "pillow", "networkx", "imageio"),
    "scikit-learn": ("numpy", "scipy", "joblib", "threadpoolctl"),
    "scipy": ("numpy",),
    "seaborn": ("numpy", "pandas", "matplotlib"),
    "sentence-transformers": ("transformers", "torch", "scikit-learn", "scipy", "huggingface-hub", "tqdm"),
    "spacy": ("numpy", "thinc", "pydantic", "requests", "tqdm", "jinja2", "srsly", "cymem", "preshed"),
    "statsmodels": ("numpy", "scipy", "pandas", "patsy", "packaging"),
    "tensorflow": ("keras", "numpy", "h5py", "protobuf", "requests", "six", "typing-extensions"),
    "tokenizers": ("huggingface-hub",),
    "torch": ("filelock", "fsspec", "jinja2", "networkx", "sympy", "typing-extensions"),
    "torchaudio": ("torch",),
    "torchvision": ("torch", "numpy", "pillow"),
    "transformers": (
        "tokenizers",
        "huggingface-hub",
        "safetensors",
        "numpy",
        "pyyaml",
        "regex",
        "tqdm",
        "filelock",
        "packaging",
    ),
    "umap-learn": ("numpy", "scipy", "scikit-learn", "numba", "pynndescent", "tqdm"),
    "xgboost": ("numpy", "scipy"),
}

_ADDED = {"graphlib": 9, "zoneinfo": 9, "tomllib": 11, "annotationlib": 14, "compression": 14}
_REMOVED = {
    **dict.fromkeys(("asynchat", "asyncore", "distutils", "imp", "smtpd"), 12),
    **dict.fromkeys(
        ("aifc", "audioop", "cgi", "cgitb", "chunk", "crypt", "imghdr", "lib2to3", "mailcap"), 13
    ),
    **dict.fromkeys(("msilib", "nis", "nntplib", "ossaudiodev", "pipes", "sndhdr", "spwd", "sunau"), 13),
    **dict.fromkeys(("telnetlib", "uu", "xdrlib"), 13),
}
_STANDARD = sys.stdlib_module_names | _ADDED.keys() | _REMOVED.keys()
# What Python 2 called them; pickles of the old protocols still do, and are translated when they are loaded.
_OLD_NAMES = frozenset({"__builtin__", "copy_reg", "exceptions", "cPickle", "cStringIO", "StringIO"})

# The new home of NumPy 2, of which 1.26.1 and later have these parts, so that they load some of its pickles.
_NUMPY_2 = "numpy._core"
_IN_NUMPY_1 = frozenset({"_dtype", "_dtype_ctypes", "_internal", "_multiarray_umath", "multiarray", "umath"})


def lacks_of_numpy_2(module: str, version: str) -> bool:
    """Whether a dotted module is one of NumPy 2 that a pinned version of NumPy does not have."""
    home, _, part = module.partition(f"{_NUMPY_2}.")
    if home or (not part and module != _NUMPY_2):
        return False
    numbers = tuple(int(one) for one in re.findall(r"[0-9]+", version)[:3])
    return numbers < (1, 26, 1) or (numbers < (2,) and part not in {"", *_IN_NUMPY_1})


def is_standard(module: str, python: tuple[int, int] | None) -> bool:
    """Whether a top-level module is in the standard library of a Python; None = of any."""
    if module not in _STANDARD and module not in _OLD_NAMES:
        return False
    if python is None:
        return True
    return (3, _ADDED.get(module, 0)) <= python < (3, _REMOVED.get(module, 1000))


def removed_in(module: str) -> str:
    """The Python that no longer has a module, or empty."""
    return f"3.{_REMOVED[module]}" if module in _REMOVED else ""


def distributions_of(module: str, provided: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Distributions that bring a top-level module, as far as anybody here knows."""
    return (*MODULES.get(module, ()), *provided.get(module, ()), normalised(module))


def is_required(module: str, names: Collection[str], provided: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether one of these distributions brings a top-level module."""
    if not names or not set(distributions_of(module, provided)).isdisjoint(names):
        return bool(names)
    return any(name.startswith(_SHARED.get(module, ())) for name in names)


def brought_along(names: Iterable[str]) -> Mapping[str, str]:
    """What these distributions bring along, and which of them does."""
    found: dict[str, str] = {}
    todo = [(name, name) for name in names]
    while todo:
        name, root = todo.pop()
        new = [one for one in BRINGS.get(name, ()) if one not in found]
        found.update(dict.fromkeys(new, root))
        todo += [(one, root) for one in new]
    return found
