"""Settings: one frozen object, passed down. Defaults < TOML file < environment < flags."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from platformdirs import user_config_path, user_data_path

from index.types import Limits
from qa.errors import SettingsError


def default_index() -> Path:
    """The folder of the index when none is named: `quoth/default` in the user's data folder."""
    return user_data_path("quoth", appauthor=False) / "default"


def default_config() -> Path | None:
    """`quoth/settings.toml` in the user's folder of settings, if there is one."""
    path = user_config_path("quoth", appauthor=False) / "settings.toml"
    return path if path.is_file() else None


def default_sessions() -> Path:
    """The file of kept conversations when none is named: in the user's data folder."""
    return user_data_path("quoth", appauthor=False) / "sessions.sqlite"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a user may set.

    `threshold` (0 to 1) is the confidence below which the answer is "not in these documents":
    higher refuses more and errs less. `model` is "all-MiniLM-L6-v2" (packaged) or any
    sentence-transformers model by name or path; `reranker` any of its cross-encoders, which then
    orders the best passages, or empty for the built-in ranking; `reader` is "quoth-reader", or a
    cross-encoder or question-answering model by name or path, or "off". `keys` changes keys of the
    terminal UI: names as its key sheet has them, with one key or several ("ctrl+o, f6").
    `sessions` is the file that keeps conversations until they are deleted; where `keep` is false,
    none is kept. `generations` is how many former ones of the index `quoth index undo` can go back
    to, in at most `generations_mb` megabytes (0: as much as the present one takes; the last is
    always kept).
    """

    index: Path
    model: str = "all-MiniLM-L6-v2"
    reranker: str = ""
    reader: str = "quoth-reader"
    threshold: float = 0.5
    quotes: int = 3
    passages: int = 10
    threads: int = 0
    theme: str = "quoth-dark"
    quiet: bool = False
    color: bool = True
    keys: Mapping[str, str] = field(default_factory=dict)
    sessions: Path = field(default_factory=default_sessions)
    keep: bool = True
    generations: int = 10
    generations_mb: int = 0

    @property
    def limits(self) -> Limits:
        """How much of the past the index keeps."""
        return Limits(self.generations, self.generations_mb)

    def __post_init__(self) -> None:
        """Refuse values outside their range."""
        if not 0 <= self.threshold <= 1:
            raise SettingsError(f"threshold is {self.threshold}; choose a value from 0 to 1.")
        for name in ("quotes", "passages"):
            if getattr(self, name) < 1:
                raise SettingsError(f"{name} is {getattr(self, name)}; choose 1 or more.")
        for name in ("generations", "generations_mb"):
            if getattr(self, name) < 0:
                raise SettingsError(f"{name} is {getattr(self, name)}; choose 0 or more.")


def _keys(value: object) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value.values()):
        raise TypeError
    return {str(name): key for name, key in value.items() if key.strip(" ,")}


def _convert(name: str, value: object, kind: str, origin: str) -> object:
    converters: dict[str, Callable[..., object]] = {
        "Path": Path, "str": str, "float": float, "int": int, "bool": bool,
        "Mapping[str, str]": _keys,
    }  # fmt: skip
    try:
        if kind == "bool" and isinstance(value, str):
            return value.lower() not in ("", "0", "false", "no")
        if kind == "Path":
            return Path(str(value)).expanduser()
        return converters[kind](value)
    except (TypeError, ValueError):
        meant = "a table of names and keys" if kind.startswith("Mapping") else kind
        raise SettingsError(
            f"{origin} sets {name} to {value!r}, which is not {meant}; correct it there."
        ) from None


def _from_file(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"Settings file {path} cannot be read ({error.strerror}); name another with --config."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"Settings file {path} is not TOML ({error}); correct it.") from None


def load_settings(
    flags: Mapping[str, object] | None = None,
    config: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Merge defaults, the TOML file, `QUOTH_*` variables and flags (None means not given).

    Raises:
        SettingsError: an unknown name, a value of the wrong kind, or an unreadable file.
    """
    environment = os.environ if environment is None else environment
    kinds = {item.name: str(item.type) for item in fields(Settings)}
    values: dict[str, object] = {}
    if config is not None:
        for name, value in _from_file(config).items():
            if name not in kinds:
                raise SettingsError(
                    f"{config} sets {name!r}, which is no setting; known are {', '.join(kinds)}."
                )
            values[name] = _convert(name, value, kinds[name], str(config))
    for name, kind in kinds.items():
        variable = f"QUOTH_{name.upper()}"
        if environment.get(variable):
            values[name] = _convert(name, environment[variable], kind, variable)
    if environment.get("NO_COLOR"):
        values["color"] = False
    for name, value in (flags or {}).items():
        if value is not None:
            values[name] = _convert(name, value, kinds[name], f"--{name}")
    return replace(Settings(index=default_index()), **values)  # type: ignore[arg-type]
