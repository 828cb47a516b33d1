"""site-builder: a static website generator for archives of articles.

The public surface is small: `build`, `load_config`, `Config`, `Report` and the errors. What renders (Jinja, Markdown,
the server) is imported only where and when it is used.
"""

from __future__ import annotations

__version__ = "0.1.0"

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
