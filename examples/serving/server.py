"""Serve whatever `current/` is: `MODEL_DIR=/srv/model python server.py`, with FastAPI and uvicorn.

A release is served by its own `predict.py`, the function that its signature describes. `POST /reload`, which the hook of
`modelmark watch` calls and only this machine may, loads the new release beside the old one and then changes one
reference: a request that has begun is answered by the model it began with, and none waits.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException, Request

_LOOPBACK = {"127.0.0.1", "::1"}
_loading = threading.Lock()


@dataclass(frozen=True)
class Model:
    """One release in memory.

    Attributes:
        predict: its function.
        about: version, tag, assignment and SHA-256 of the manifest, as `pull` wrote them beside it.
    """

    predict: Callable[[dict[str, Any]], dict[str, Any]]
    about: dict[str, Any]

    @property
    def facts(self) -> dict[str, Any]:
        """What clients and the hook are told."""
        return {key: self.about[key] for key in ("model", "version", "assignment", "manifest_sha256")}


def load(directory: Path) -> Model:
    """Load what `directory/current` is now. The link is followed once, so nothing of two releases is mixed."""
    release = (directory / "current").resolve(strict=True)
    about = json.loads((release / ".modelmark.json").read_text("utf-8"))
    names = {path.stem for path in release.glob("*.py")}
    with _loading:
        # Every release has modules of the same names: they are imported anew, and kept by their functions alone.
        hidden = {name: sys.modules.pop(name) for name in names if name in sys.modules}
        sys.path.insert(0, str(release))
        importlib.invalidate_caches()
        try:
            predict = importlib.import_module("predict").predict
        finally:
            sys.path.remove(str(release))
            for name in names:
                sys.modules.pop(name, None)
            sys.modules.update(hidden)
    return Model(predict, about)


def create_app(directory: Path) -> FastAPI:
    """The server of one directory."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.model = load(directory)
        yield

    app = FastAPI(title="modelmark serving example", lifespan=lifespan)

    def serving() -> Model:
        model: Model = app.state.model
        return model

    @app.post("/predict")
    def predict(inputs: dict[str, Any]) -> dict[str, Any]:
        model = serving()
        try:
            outputs = model.predict(inputs)
        except (KeyError, TypeError, ValueError) as error:
            raise HTTPException(422, f"these inputs do not fit the signature: {error}") from error
        return {"outputs": outputs, "model": model.facts}

    @app.get("/version")
    def version() -> dict[str, Any]:
        return serving().facts

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/reload")
    def reload(request: Request) -> dict[str, Any]:
        if request.client is None or request.client.host not in _LOOPBACK:
            raise HTTPException(403, "only this machine may ask for that")
        try:
            app.state.model = load(directory)
        except Exception as error:
            raise HTTPException(
                500, f"the new release cannot be loaded: {type(error).__name__}: {error}"
            ) from error
        return serving().facts

    return app


def main() -> None:
    """Serve until somebody stops it; SIGTERM lets requests end first."""
    app = create_app(Path(os.environ.get("MODEL_DIR", "/srv/model")))
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    # Behind a proxy of its own pod every client would look like this machine: who asks is who connected.
    uvicorn.run(app, host=host, port=port, log_level="warning", proxy_headers=False)


if __name__ == "__main__":
    main()
