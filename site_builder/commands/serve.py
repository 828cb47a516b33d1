"""`serve`: build, serve, rebuild on change, reload the browser."""

from __future__ import annotations

import argparse

from site_builder.commands.options import add_site, load, parse_count


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_site(parser)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=parse_count, default=8000)
    parser.add_argument("--open", action="store_true", help="open the browser")


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted; return the exit status."""
    from site_builder.serve import serve

    config = load(options, drafts=options.drafts, record=False)
    return serve(config, host=options.host, port=options.port, open_browser=options.open)
