"""site-builder: a static website generator for archives of articles.

The public surface is small: `build`, `load_config`, `Config`, `Report` and the errors. What renders (Jinja, Markdown,
the server) is imported only where and when it is used.
"""

# ruff: noqa: E402 - the imports come after what must be done first, since they are what takes time

from __future__ import annotations

import signal
import sys

__version__ = "0.1.0"

# Until `cli.main` can say it in words, Ctrl-C ends our own program without a traceback: nothing has begun yet. A
# program that only imports us is left alone, and so is one that was told to ignore the signal.
_IS_PROGRAM = sys.argv[0].endswith("/site-builder") or (sys.argv[0] == "-m" and "site_builder" in sys.orig_argv)
if _IS_PROGRAM and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

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
