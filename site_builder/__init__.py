"""site-builder: a static website generator for archives of articles.

The public surface is small: `build`, `Config`, `Report` and the errors. Everything is imported when it is
first asked for, so that `import site_builder` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from site_builder.build import build
    from site_builder.config import Config
    from site_builder.errors import (
        ConfigError,
        ContentError,
        MachineError,
        Problem,
        RefusedError,
        SiteBuilderError,
    )
    from site_builder.model import Report
    from site_builder.sources import load_config

__all__ = [
    "Config",
    "ConfigError",
    "ContentError",
    "MachineError",
    "Problem",
    "RefusedError",
    "Report",
    "SiteBuilderError",
    "__version__",
    "build",
    "load_config",
]

_ROOMS = {
    "build": "build",
    "load_config": "sources",
    "Config": "config",
    "Report": "model",
    "Problem": "errors",
    "SiteBuilderError": "errors",
    "ConfigError": "errors",
    "ContentError": "errors",
    "RefusedError": "errors",
    "MachineError": "errors",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name in _ROOMS:
        from importlib import import_module

        return getattr(import_module(f"site_builder.{_ROOMS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
