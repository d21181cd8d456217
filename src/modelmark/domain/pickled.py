"""Which names a pickle may use: the few that rebuild values and do nothing else, and those that nobody may excuse."""

from __future__ import annotations

from modelmark.domain.formats import Safety

_STORAGES = [
    "BFloat16",
    "Bool",
    "Byte",
    "Char",
    "ComplexDouble",
    "ComplexFloat",
    "Double",
    "Float",
    "Half",
    "Int",
    "Long",
    "Short",
    "QInt32",
    "QInt8",
    "QUInt8",
]
# Reviewed one by one: each takes plain values and gives a value; none calls what it is given, reads or imports.
HARMLESS = frozenset(
    {
        "collections OrderedDict",
        "numpy dtype",
        "numpy ndarray",
        "numpy.core.multiarray _reconstruct",
        "numpy._core.multiarray _reconstruct",
        "torch._utils _rebuild_tensor_v2",
        *(f"torch {kind}Storage" for kind in _STORAGES),
    }
)
# A name with one of these words anywhere in it reaches the machine, or other code: `numpy` `_distributor_init.os.execv`
# is as bad as `os` `execv`, and a scanner that compares whole modules does not see it.
_MODULES = frozenset(
    [
        "os",
        "posix",
        "nt",
        "sys",
        "subprocess",
        "socket",
        "shutil",
        "ctypes",
        "importlib",
        "runpy",
        "pty",
        "multiprocessing",
        "webbrowser",
        "pickle",
        "_pickle",
        "pip",
        "pkgutil",
        "code",
        "codeop",
        "commands",
        "marshal",
        "imp",
        "zipimport",
        "signal",
        "threading",
        "_thread",
        "asyncio",
    ]
)
_NAMES = frozenset(
    [
        "eval",
        "exec",
        "compile",
        "execfile",
        "open",
        "__import__",
        "getattr",
        "setattr",
        "delattr",
        "globals",
        "locals",
        "vars",
        "breakpoint",
        "input",
        "system",
        "popen",
        "__builtins__",
        "__globals__",
        "__subclasses__",
        "__loader__",
        "__spec__",
        "__code__",
        "__class__",
        "__reduce__",
        "apply",
    ]
)
_BUILTINS = frozenset({"builtins", "__builtin__"})


def safety_of(name: str) -> Safety:
    """What a global, as `module name`, may do when the pickle is loaded."""
    if name in HARMLESS:
        return Safety.INNOCUOUS
    module, _, attribute = name.partition(" ")
    parts, below = module.split("."), attribute.split(".")
    reaches = parts[0] in _MODULES or (len(below) > 1 and bool(_MODULES & set(below)))
    if reaches or (module in _BUILTINS and below[0] in _NAMES) or (len(below) > 1 and _NAMES & set(below)):
        return Safety.DANGEROUS
    return Safety.DANGEROUS if "unknown" in (module, attribute) else Safety.SUSPICIOUS


def worse(one: Safety, other: Safety) -> Safety:
    """The worse of two opinions."""
    order = list(Safety)
    return max(one, other, key=order.index)
