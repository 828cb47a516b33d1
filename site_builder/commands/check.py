"""`check`: all that is wrong or doubtful in the sources and the built site."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from site_builder.commands.options import add_site, load
from site_builder.commands.terminal import show_progress
from site_builder.errors import ContentError, printable
from site_builder.wording import count

if TYPE_CHECKING:
    from site_builder.checking import Finding, Measures, Result

EXAMPLES = """\
site-builder check                         # the sources, and the built site if there is one
site-builder build && site-builder check --strict
site-builder check --json > findings.json  # for other programs
"""

SHOWN = 10
"""How many findings of a group are told one by one before the others are only counted."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_site(parser)
    parser.add_argument("--json", action="store_true", help="print everything as JSON, for other programs")
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")
    parser.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help=f"all findings that are kept (else the first {SHOWN} of each group)",
    )


def run(options: argparse.Namespace) -> int:
    """Print what a check finds; return the exit status."""
    from site_builder.checking import check_site

    config = load(options, drafts=options.drafts)
    with show_progress() as progress:
        result = check_site(config, progress or (lambda *_: None))
    if options.json:
        # A name of a file that is no UTF-8 holds halves of characters, which JSON has escapes for.
        whole = json.dumps(_list_all(result), indent=1, ensure_ascii=False)
        print(whole.encode("utf-8", "backslashreplace").decode("utf-8"))
    else:
        for line in _word(result, verbose=options.verbose):
            print(printable(line))
    wrong = result.findings.count("error") or (options.strict and result.findings.count("warning"))
    return ContentError.exit_status if wrong else 0


def _list_all(result: Result) -> dict[str, object]:
    from site_builder.checking.findings import KINDS

    found = result.findings
    measures = result.measures
    return {
        "errors": found.count("error"),
        "warnings": found.count("warning"),
        "articles": result.articles,
        "site": measures
        and {
            "files": measures.files,
            "pages": measures.pages,
            "bytes": measures.bytes,
            "largest": [{"path": path, "bytes": size} for size, path in measures.largest],
        },
        "groups": [
            {
                "group": kind,
                "title": KINDS[kind],
                "errors": group.counts["error"],
                "warnings": group.counts["warning"],
                "findings": [_list_one(finding) for finding in group.findings.values()],
            }
            for kind, group in found.list_groups()
        ],
    }


def _list_one(finding: Finding) -> dict[str, object]:
    problem = finding.problem
    return {
        "severity": problem.severity,
        "places": [problem.place, *finding.places],
        "times": finding.times,
        "message": problem.message,
        "hint": problem.hint,
    }


def _word(result: Result, *, verbose: bool) -> Iterator[str]:
    from site_builder.checking.findings import KINDS

    found = result.findings
    for kind, group in found.list_groups():
        yield f"{KINDS[kind]}: {_count_both(group.counts['error'], group.counts['warning'])}"
        findings = list(group.findings.values())
        shown = findings if verbose else findings[:SHOWN]
        yield from (f"  {_word_one(finding)}" for finding in shown)
        rest = sum(group.counts.values()) - sum(finding.times for finding in shown)
        if rest:
            yield f"  … and {rest:,} more" + ("" if verbose else " (-v shows them)")
        yield ""
    yield from _word_measures(result.measures)
    built = f", {count(result.measures.pages, 'page')} of the site" if result.measures else "; there is no built site"
    yield f"{count(result.articles, 'source')}{built}: {_count_both(found.count('error'), found.count('warning'))}"


def _word_one(finding: Finding) -> str:
    line = f"{finding.problem.severity}: {finding.problem}"
    if finding.times > 1:
        more = finding.times - 1 - len(finding.places)
        line += f" [{finding.times:,} times; also {', '.join(finding.places)}{', …' if more else ''}]"
    return line


def _word_measures(measures: Measures | None) -> Iterator[str]:
    if measures is None:
        return
    share = 100 * measures.bytes / 1e9
    size = f"{count(measures.files, 'file')}, {measures.bytes / 1e6:,.1f} MB"
    yield f"size: {size}, {share:.1f} % of what GitHub Pages takes; the largest:"
    yield from (f"  {size / 1e6:9.2f} MB  {path}" for size, path in measures.largest[:5])


def _count_both(errors: int, warnings: int) -> str:
    parts = [count(number, noun) for number, noun in ((errors, "error"), (warnings, "warning")) if number]
    return ", ".join(parts) or "nothing is wrong"
