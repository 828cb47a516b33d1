"""Checking: all that is wrong or doubtful in the sources and the built site, in groups.

`findings` (what is found, kept small), `pages` (the files of the built site: links, anchors, titles, sizes), `articles`
(addresses, near copies, what reading told), `keys` (front matter that looks misspelt), `unused` (rules, templates,
words and files that nothing needs). Nothing of the site is changed, nothing is printed here, and no text is held: an
archive of any size is looked at piece by piece.
"""

from __future__ import annotations

from site_builder.checking.articles import check_articles
from site_builder.checking.findings import Finding, Findings
from site_builder.checking.pages import Measures, check_pages
from site_builder.checking.unused import check_unused
from site_builder.config import Config
from site_builder.errors import warning
from site_builder.survey import Progress, Survey, survey_sources
from site_builder.values import dataclass

__all__ = ["Finding", "Findings", "Measures", "Result", "check_site"]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a check found."""

    findings: Findings
    articles: int
    """How many articles and pages there are among the sources."""
    measures: Measures | None
    """Of the built site; None where there is none."""


def check_site(config: Config, progress: Progress) -> Result:
    """Check the sources of a site, and the built site if there is one.

    What the last build read is taken from its state, if that is fresh; else what changed is read again, and that the
    site is behind is a warning. Raises ConfigError for settings, rules, templates or a ledger that are wrong, and where
    there is no content folder; MachineError when a build is at work.
    """
    findings = Findings(config.shown)
    with survey_sources(config, progress) as survey:
        findings.tell(survey.inputs.problems)
        articles = check_articles(survey, findings)
        check_unused(survey, articles.rules, articles.files, findings)
        is_built = (config.output / "index.html").is_file()
        if is_built:
            _compare(survey, findings)
        measures = check_pages(config, survey.store, findings, progress) if is_built else None
    return Result(findings=findings, articles=articles.count, measures=measures)


def _compare(survey: Survey, findings: Findings) -> None:
    """Tell that the built site is not that of the sources."""
    place, hint = survey.config.output.name, "run site-builder build"
    if survey.store is None:
        message = "nothing is known of how the site was built, so all sources were read anew"
    elif survey.changes:
        message = f"the site is behind: {survey.changes[0]} since the last build"
    elif not survey.is_fresh:
        message = "the site is not the one that the last build with this cache made"
    else:
        return
    findings.add("behind", warning(place, message, hint))
