"""Bad versions whose files are not what they should be: formats, pickles, secrets, and code that cannot be loaded."""

from __future__ import annotations

import gzip

from tests.corpus.bundles import gguf_model, joblib_model, onnx_external, scikit_learn, torch_model
from tests.corpus.cases import Bad, Make, first, sha256, version, waived, waiver
from tests.corpus.edits import putting, without
from tests.support import artifacts

_FIRST = "models/first/"
_ADAPTER = artifacts.safetensors({"lora.weight": (2, 4)})
_LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"


def _plus(path: str, data: bytes | str) -> Make:
    return version(putting({path: data}))


PICKLES = (
    Bad(
        "a pickle that runs a program",
        "scan",
        "posix.system'",
        _plus("extra.pkl", artifacts.hostile_pickle()),
    ),
    Bad(
        "a pickle that runs a program, by the oldest protocol",
        "scan",
        "loading it can do anything",
        _plus("extra.pkl", artifacts.hostile_pickle(0)),
    ),
    Bad(
        "a pickle that reaches the system through a harmless module",
        "scan",
        "loading it can do anything",
        _plus("extra.pkl", b"\x80\x04\x8c\x05numpy\x8c\x1b_distributor_init.os.system\x93\x8c\x02id\x85R."),
    ),
    Bad(
        "a hostile pickle in a PyTorch zip",
        "scan",
        "posix.system",
        _plus("extra.pt", artifacts.torch_zip(artifacts.hostile_pickle())),
    ),
    Bad(
        "a hostile pickle in a compressed joblib",
        "scan",
        "posix.system",
        _plus("extra.joblib", artifacts.joblib_file(artifacts.Hostile(), compress=3)),
    ),
    Bad(
        "an array of objects that runs a program",
        "scan",
        "posix.system",
        _plus("extra.npy", artifacts.object_npy(artifacts.hostile_pickle())),
    ),
    Bad(
        "an estimator that nobody waived",
        "scan",
        r"names 'numpy\.|sklearn\.linear_model.*loading it runs that code",
        first("generic", scikit_learn),
        _FIRST,
    ),
    Bad(
        "an estimator whose waiver has expired",
        "scan",
        "loading it runs that code",
        waived(scikit_learn, "model.pkl", expires="2026-01-02"),
        _FIRST,
    ),
    Bad(
        "an estimator with the waiver of another file",
        "scan",
        "loading it runs that code",
        first("generic", joblib_model, card=waiver("scan", sha256(b"another"))),
        _FIRST,
    ),
    Bad(
        "a hostile pickle that somebody waived",
        "scan",
        "loading it can do anything",
        waived(torch_model, "extra.pkl", putting({"extra.pkl": artifacts.hostile_pickle()})),
        _FIRST,
    ),
)
FORMATS = (
    Bad(
        "a pickle that is called safetensors",
        "scan",
        "is called one thing and is another: .* pickle",
        _plus("adapter.safetensors", artifacts.plain_pickle()),
    ),
    Bad(
        "a safetensors file that was cut off",
        "scan",
        "adapter.safetensors",
        _plus("adapter.safetensors", _ADAPTER[:-8]),
    ),
    Bad(
        "a safetensors file with bytes that no tensor has",
        "scan",
        "adapter.safetensors",
        _plus("adapter.safetensors", _ADAPTER + b"MZ and a program"),
    ),
    Bad(
        "an ONNX graph with weights outside of the bundle",
        "scan",
        "model.onnx",
        first(
            "generic",
            onnx_external,
            putting({"model.onnx": artifacts.onnx(location="../../other/model.onnx.data")}),
        ),
        _FIRST,
    ),
    Bad(
        "an ONNX graph whose weights were forgotten",
        "scan",
        "model.onnx.data",
        first("generic", onnx_external, without("model.onnx.data")),
        _FIRST,
    ),
    Bad(
        "a GGUF file with more tensors than it has bytes for",
        "scan",
        "model.gguf",
        first("generic", gguf_model, putting({"model.gguf": artifacts.gguf(tensors=1 << 40)})),
        _FIRST,
    ),
    Bad(
        "an archive",
        "scan",
        "zip archive; it holds other files",
        _plus("data.zip", artifacts.zipped({"a": b"b"})),
    ),
    Bad("a tar archive", "scan", "tar archive; it holds", _plus("data.tar", artifacts.tarred({"a": b"b"}))),
    Bad(
        "a compressed file", "scan", "compressed file", _plus("data.csv.gz", gzip.compress(b"a,b\n", mtime=0))
    ),
    Bad("a program", "scan", "executable; it is a program", _plus("serve.so", artifacts.elf())),
    Bad("a shell script", "scan", "is a program", _plus("run.sh", "#!/bin/sh\nrm -r /tmp/x\n")),
    Bad(
        "bytes of no known kind",
        "scan",
        "is of no format that can be judged",
        _plus("blob.dat", bytes(range(256))),
    ),
    Bad(
        "a layer file that may hold code",
        "scan",
        "may hold layers with Python code",
        _plus("head.h5", b"\x89HDF\r\n\x1a\n" + bytes(64)),
    ),
    Bad(
        "YAML that makes objects",
        "scan",
        "has YAML tags",
        _plus("extra.yaml", "a: !!python/object:os.system []\n"),
    ),
    Bad(
        "a part of a Git repository",
        "scan",
        "Git repository",
        _plus("objects/ab/cdef", artifacts.git_object()),
    ),
    Bad("a private key", "scan", "is a private key", _plus("server.pem", artifacts.private_key())),
    Bad("a file of credentials", "scan", "keep credentials", _plus("netrc", "machine example.org\n")),
    Bad(
        "a token in a card",
        "scan",
        "README.md', line 3: this looks like a secret",
        _plus("README.md", f"# Reviews\n\ntoken = '{artifacts.token()}'\n"),
    ),
    Bad(
        "weights that are a pointer of Git LFS",
        "required-artifacts",
        "pytorch_model.bin is weights by its name, and its bytes say text",
        version(without("model.safetensors"), putting({"pytorch_model.bin": _LFS})),
    ),
)
CASES = (*PICKLES, *FORMATS)
