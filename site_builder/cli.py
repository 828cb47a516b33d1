"""The command line: arguments in, one command run, an exit status out.

The frame of the parser, and the last stop of everything that goes wrong. Messages go to standard error, results to
standard output; the exit status says what kind of end it was (the manual's commands.md). What a command does, and
with which options, is its module's to know (`site_builder.commands`).
"""

from __future__ import annotations

import argparse
import errno
import signal
import sys
from collections.abc import Callable, Collection, Sequence
from importlib import import_module
from textwrap import fill, indent

from site_builder import __version__
from site_builder.commands.terminal import print_problems
from site_builder.errors import ContentError, MachineError, SiteBuilderError, error

EXIT_BUG = 70
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143

_SCARCE = (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EROFS, errno.EIO)
"""What the system says when it has no more of something: wherever that happens, it is no bug of ours."""

COMMANDS = {
    "new": "make a new site",
    "build": "bring the output to the state of the sources",
    "serve": "build, serve, rebuild on change, reload the browser",
    "add": "take articles into content/, never over an existing file, and say where they will be",
    "check": "tell all that is wrong or doubtful in the sources and the built site",
    "explain": "show each line of a source with its part and rule; or which inputs made an output, and why it was "
    "rendered",
    "rules": "list the rules for raw text, test them on their own examples, or draft new ones from lines that recur",
    "deploy": "put the built output on the branch of the git remote that GitHub Pages serves",
    "completion": "print a script with which bash, fish or zsh completes commands and options",
}
"""Every command, which is the name of its module, and what it is for."""

EXAMPLES = """\
site-builder new my-archive && cd my-archive   # a site of its own
site-builder serve --open                      # see it while you write
site-builder build --content texts             # or any folder of articles
"""

WIDTH = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status. A bug of ours is a traceback and status 70."""
    arguments = sys.argv[1:] if arguments is None else arguments
    called = next((argument for argument in arguments if not argument.startswith("-")), "")
    try:
        if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:  # see `site_builder`: it was so while we were imported
            signal.signal(signal.SIGINT, signal.default_int_handler)
        options = make_parser({called}).parse_args(arguments)
        signal.signal(signal.SIGTERM, _end)
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except SiteBuilderError as exc:
        print_problems(exc.problems, sys.stderr, exc.excerpt)
        return exc.exit_status
    except KeyboardInterrupt:
        print("interrupted; the published site stands", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return ContentError.exit_status
    except OSError as exc:
        if exc.errno not in _SCARCE:
            return _tell_bug()
        place = str(exc.filename or "")
        hint = "make room, or raise the limit; the site that was published before stands"
        print_problems([error(place, f"the machine would not go on: {exc.strerror}", hint)], sys.stderr)
        return MachineError.exit_status
    except MemoryError:
        print_problems([error("", "there is not enough memory", "build with fewer --jobs")], sys.stderr)
        return MachineError.exit_status
    except Exception:  # noqa: BLE001 - the last stop: whatever arrives here is a bug and is shown whole
        return _tell_bug()


def _tell_bug() -> int:
    import traceback

    traceback.print_exc()
    print("this is a bug in site-builder; the published site stands", file=sys.stderr)
    return EXIT_BUG


def _end(*_: object) -> None:
    """End in order when the system asks for it: workers stop, and what was staged is cleared away."""
    raise SystemExit(EXIT_TERMINATED)


def make_parser(wanted: Collection[str] = COMMANDS.keys()) -> argparse.ArgumentParser:
    """Return the parser: it names every command, and knows the options of those `wanted`, whose modules it imports."""
    parser = argparse.ArgumentParser(
        prog="site-builder",
        description="A static website generator for archives of articles.",
        epilog=f"examples:\n{_indent(EXAMPLES)}\n\nsite-builder COMMAND --help tells the options of a command.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"site-builder {__version__}", help="print the version")
    parser.set_defaults(make_parser=make_parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, about in COMMANDS.items():
        command = commands.add_parser(name, help=about, formatter_class=argparse.RawDescriptionHelpFormatter)
        if name in wanted:
            module = import_module(f"site_builder.commands.{name}")
            command.description = fill(f"{about[0].upper()}{about[1:]}.", WIDTH)
            command.epilog = f"examples:\n{_indent(module.EXAMPLES)}"
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    return parser


def _indent(lines: str) -> str:
    return indent(lines.rstrip("\n"), "  ")
