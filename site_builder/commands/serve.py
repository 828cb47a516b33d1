"""`serve`: build, serve, rebuild on change, reload the browser."""

from __future__ import annotations

import argparse

from site_builder.commands.options import add_site, load, parse_count

EXAMPLES = """\
site-builder serve --open            # and show it in the browser
site-builder serve --drafts --port 0 # a preview with drafts, on any free port
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_site(parser)
    host = "what to listen on (default 127.0.0.1: this machine only; with 0.0.0.0 everybody in the network can read)"
    parser.add_argument("--host", default="127.0.0.1", metavar="HOST", help=host)
    port = "default 8000; a port in use gives way to the next free one, 0 takes any"
    parser.add_argument("--port", type=parse_count, default=8000, metavar="PORT", help=port)
    parser.add_argument("--open", action="store_true", help="open the browser")
    poll = (
        "look for changes every half second: for mounted folders (network, containers) of whose changes the system "
        "gives no notice"
    )
    parser.add_argument("--poll", action="store_true", help=poll)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted; return the exit status."""
    from site_builder.serve import serve

    config = load(options, drafts=options.drafts, record=False)
    return serve(config, host=options.host, port=options.port, open_browser=options.open, poll=options.poll)
