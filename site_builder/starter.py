"""A new site, as `new` makes it: it builds at once, and says in its files what comes next.

Never over an existing file. The files' texts are here; what a build makes of them is not known.
"""

from __future__ import annotations

from pathlib import Path

from site_builder.errors import MachineError, RefusedError, error

SITE_TOML = """\
# The settings of this site. All are optional; each is shown with its default.

title = "Arsip"
# description = ""                 # one sentence about the archive
language = "id"                    # of the interface: "id" or "en"; each article has its own
# base_url = "https://owner.github.io/repo/"   # where the site will be: for the feed, the sitemap, canonical links
# navigation = [{title = "Tentang", page = "about"}, {title = "GitHub", url = "https://github.com/owner/repo"}]
# footer = ""                      # for every page; an empty line begins a paragraph, [words](address) is a link

[theme]
# accent = "#8c1c13"               # the colour of a few lines and small words
# accent_dark = ""                 # the same on dark pages; empty: made from accent
# recent_from = 2022               # articles of earlier years carry a notice of their year

[names]
# archive = "Koran lama"           # what the archive's own pages are called: home, archive, about, titles, sections …

[addresses]
# article = "articles/{slug}.html" # also {year}, {month}, {day}, {section}; an end in / makes folders
ledger = "addresses.csv"           # keeps every address for ever; keep this file with your articles

[listings]
# page_size = 20                   # articles on a page of a listing

[outputs]
# data = true                      # articles/<slug>.json beside each article
# source = true                    # the untouched source beside each article

[search]
# engine = "auto"                  # "pagefind", "titles", or "none" for a site without search

[text]
# encodings = []                   # tried before windows-1252, for old files
# detector = "words"               # of languages; or "py3langid", with the extra `language`
# disable = []                     # names of rules that are switched off; `site-builder explain FILE` names them
# sections = []                    # section names that may end a title line, as in "Title | World | News"

[import]
# map = {}                         # of dumps: our field = theirs, such as {text = "maintext"}

[limits]
# seconds = 5.0                    # the time that reading one article may take
# megabytes = 8                    # the size that one article may have
"""

FIRST_ARTICLE = """\
---
title: Your archive is ready
section: Guide
tags: [first steps]
lang: en
---

This page was made from `content/first-steps.md`. Put your own articles beside it, as they are:

- **Raw text** (`.txt`): what you copied from a news page, with its captions, its credits and its “read also” lines.
  Nothing is lost: what is not part of the story is shown apart, and the untouched text stands beside the page.
- **Markdown** (`.md`), with or without front matter like the lines at the top of this file.

Then run `site-builder build`, and open `output/index.html`. While you write, `site-builder serve` shows every change
in your browser.

What is not known stays unknown: an article without a date is listed as undated. Write `date: 2024-03-01` into its front
matter, or begin the name of its file with the day (`2024-03-01-title.txt`).

When this page has served its purpose, delete its file and build again.
"""

TEMPLATES_NOTE = """\
Templates of your own go here. A file of the same name takes the place of the default theme's, and can extend it:

    {% extends "!default/article.html" %}
    {% block article_footer %}{{ super() }}<p>…</p>{% endblock %}

`assets/style.css` here takes the place of the default style sheet; `strings/en.toml` changes single words.
"""

WORKFLOW = """\
# Builds the archive and publishes it on GitHub Pages whenever main changes.
name: Publish the archive
on:
  push:
    branches: [main]
  workflow_dispatch:
permissions:
  contents: read
  pages: write
  id-token: write
concurrency:
  group: pages
  cancel-in-progress: false
jobs:
  publish:
    runs-on: ubuntu-latest
    environment:
      name: github-pages
      url: ${{ steps.deployment.outputs.page_url }}
    steps:
      - uses: actions/checkout@v7
      - uses: actions/setup-python@v6
        with:
          python-version: "3.13"
      - id: pages
        uses: actions/configure-pages@v6
      - run: pip install 'site-builder[images]'
      - run: site-builder build --base-url "${{ steps.pages.outputs.base_url }}/"
      - uses: actions/upload-pages-artifact@v5
        with:
          path: output
      - id: deployment
        uses: actions/deploy-pages@v5
"""

FILES = {
    "site.toml": SITE_TOML,
    "content/first-steps.md": FIRST_ARTICLE,
    "templates/README.txt": TEMPLATES_NOTE,
    ".gitignore": "output/\n.site-builder-cache/\n",
    ".gitattributes": "# Articles are kept byte for byte.\ncontent/** -text\n",
    ".github/workflows/pages.yml": WORKFLOW,
}


def make_site(folder: Path) -> tuple[str, ...]:
    """Make a new site in `folder`, which may be missing or empty; return the paths of its files.

    Raises RefusedError, and makes nothing, when one of the files is already there.
    """
    there = [name for name in FILES if (folder / name).exists()]
    if there:
        hint = "name a new folder"
        raise RefusedError(
            *(error(str(folder / name), "is already there, and nothing was made", hint) for name in there)
        )
    try:
        for name, text in FILES.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as exc:
        raise MachineError(error(str(folder), f"the site cannot be made: {exc.strerror}")) from exc
    return tuple(str(folder / name) for name in FILES)
