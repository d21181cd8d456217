"""What a training of four large files leaves, such as the shipped gates let pass."""

from __future__ import annotations

import json
import os
import shutil
import struct
from pathlib import Path


def trained(folder: Path, size: int) -> Path:
    """Four files of random numbers in the format of safetensors, and what else a version needs; generated once."""
    if not folder.exists():
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        count = size << 20
        header = {"w": {"dtype": "F32", "shape": [count // 4], "data_offsets": [0, count]}}
        text = json.dumps(header).encode()
        for number in range(1, 5):
            with (part / f"model-{number}.safetensors").open("wb") as stream:
                stream.write(struct.pack("<Q", len(text)) + text)
                for _ in range(size):
                    stream.write(os.urandom(1 << 20))
        (part / "metrics.json").write_text('{"f1": 0.93}\n')
        told = {"epochs": 3, "git_commit": f"{0xBE7C:040x}", "git_dirty": False}
        (part / "train_args.json").write_text(json.dumps(told))
        (part / "data_version.txt").write_text("v3\n")
        part.rename(folder)
    return folder
