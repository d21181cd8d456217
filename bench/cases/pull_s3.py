"""The same bytes from S3, as moto plays it on loopback: its one process is slower than any client, so only ratios count."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.git_text import environment, run
from bench.measure import MODELMARK, Row, Setting, Timed, alternate, command
from bench.peers import program
from bench.registries import Shape, ensure
from bench.servers import free_port, wait_for
from bench.shipped import move_storage, ship

_BUCKET = "s3://bench"


def from_s3(setting: Setting, source: Path, words: str) -> Iterator[Row]:
    """Against the command line of AWS, and against DVC."""
    made = ensure(setting.work, Shape(4, 1))
    ship(made, source.name, 1, source)
    move_storage(made, f"{_BUCKET}/store")
    target, copy, clone = setting.work / "target", setting.work / "copy", setting.work / "dvc-s3"
    shutil.rmtree(clone, ignore_errors=True)
    run(setting.work, "clone", "--quiet", str(made.hub), str(clone))
    with _moto() as env:
        aws = [program("aws"), "s3"]
        for command_line in (
            ["mb", _BUCKET],
            ["cp", "--quiet", "--recursive", str(made.storage), f"{_BUCKET}/store"],
        ):
            subprocess.run([*aws, *command_line], check=True, env=env, stdout=subprocess.DEVNULL)
        subprocess.run(
            [*aws, "cp", "--quiet", "--recursive", str(source), f"{_BUCKET}/plain"], check=True, env=env
        )

        def forget() -> None:
            for folder in (
                target,
                copy,
                clone / f"models/{source.name}/1/artifacts",
                clone / ".dvc/cache",
                clone / ".dvc/tmp",
            ):
                shutil.rmtree(folder, ignore_errors=True)
            os.sync()

        def timed(line: list[str], cwd: Path) -> Timed:
            return command(line, cwd, forget, env)

        pull = [MODELMARK, "pull", f"{source.name}@1", "--registry", str(made.hub), "--to", str(target)]
        found = alternate(
            setting.runs,
            {
                "ours": timed(pull, setting.work),
                "aws": timed(
                    [*aws, "cp", "--quiet", "--recursive", f"{_BUCKET}/plain", str(copy)], setting.work
                ),
                "dvc": timed(
                    [program("dvc"), "pull", "--quiet", f"models/{source.name}/1/artifacts.dvc"], clone
                ),
            },
        )
        forget()
    yield Row(f"pull {words} from S3 (moto)", found["ours"], ("aws s3 cp --recursive", found["aws"]))
    yield Row(f"pull {words} from S3 (moto)", found["ours"], ("dvc pull FILE", found["dvc"]))


@contextmanager
def _moto() -> Iterator[dict[str, str]]:
    """A server in a process of its own; what a client needs in its environment."""
    port = free_port()
    server = subprocess.Popen(
        [str(Path(sys.executable).with_name("moto_server")), "--host", "127.0.0.1", "--port", str(port)],
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        yield {
            **environment(),
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
    finally:
        server.terminate()
        server.wait()
