"""Where models come from: this machine alone. Nothing is ever fetched, and loading is quiet."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import ModelError


def offline() -> None:
    """Keep the libraries from the network and from threads of their own; before their import."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"


def model_folder(name: str, instead: str) -> Path:
    """The folder of a model: `name` itself, or where that name lies in the Hugging Face cache.

    Raises:
        ModelError: it is on this machine in neither way; `instead` is the way out.
    """
    folder = Path(name).expanduser()
    if (folder / "config.json").exists():
        return folder
    offline()
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The model {name} is neither a folder nor in the local Hugging Face cache, and "
            f"nothing is fetched; name its folder, or {instead}."
        ) from error


def architectures(folder: Path) -> list[str]:
    """What the model in a folder was made for, as its settings name it.

    Raises:
        OSError, ValueError, AttributeError, TypeError: they cannot be read.
    """
    content = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return [str(kind) for kind in content.get("architectures") or ()]


@contextmanager
def loading(name: str, folder: Path, option: str, threads: int = 0) -> Iterator[None]:
    """Load a model with PyTorch within, from files alone; 0 threads: all cores.

    Raises:
        ModelError: it cannot be loaded; `option` names another.
    """
    offline()
    import torch
    from safetensors import SafetensorError
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if threads:
        torch.set_num_threads(threads)
    try:
        yield
    except (ImportError, OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise ModelError(
            f"The model {name} in {folder} cannot be loaded "
            f"({' '.join(str(error).split())[:200]}); name another with `{option}`."
        ) from error
