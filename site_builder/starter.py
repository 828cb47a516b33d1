"""A new site, as `new` makes it: it builds at once, and says in its files what comes next.

Never over an existing file. The files' texts are here; what a build makes of them is not known.
"""

from __future__ import annotations

import json
from pathlib import Path

from site_builder.config import KEYS
from site_builder.errors import ConfigError, MachineError, RefusedError, error
from site_builder.installed import Requirement

LANGUAGE = "id"

SITE_TOML = """\
# The settings of this site. All are optional; each is shown with its default, and begins to count without its "# ".
# What they mean is told in the manual, on the page Configuration.

title = TITLE
# description = ""                 # one sentence about the archive
language = LANGUAGE                    # of the interface: "id", "en" …; each article has its own
# base_url = ""                    # where the site will be, such as "https://owner.github.io/repo/": for feed, sitemap
# navigation = []                  # such as [{title = "Tentang", page = "about"}, {title = "X", url = "https://…"}]
# footer = ""                      # for every page; an empty line begins a paragraph, [words](address) is a link
# names = {}                       # what our own pages are called: {archive = "Koran lama"}; also home, about, titles …

[theme]
# accent = "#8c1c13"               # the colour of a few lines and small words
# accent_dark = ""                 # the same on dark pages; empty: made from accent
# recent_from = 2022               # articles of earlier years carry a notice of their year

[addresses]
# article = "articles/{slug}.html" # also {year}, {month}, {day}, {section}; an end in / makes folders
ledger = "addresses.csv"           # keeps every address for ever; keep this file with your articles

[listings]
# page_size = 20                   # articles on a page of a listing

[outputs]
# data = true                      # articles/<slug>.json beside each article
# source = true                    # the untouched source beside each article
# feeds = ["archive", "section", "topic"]  # which listings have a feed; [] for none

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
# depth = 2000                     # how many elements of HTML may stand within each other in it
# values = 5000                    # how many values its front matter may hold
# memory = 1000                    # the megabytes of memory that reading it may take
"""

ENGLISH = """\
---
title: Your archive is ready
date: DAY
section: Guide
tags: [first steps]
lang: en
---

This page was made from `content/first-steps.md`. Put your own articles beside it, as they are:

- **Raw text** (`.txt`): what you copied from a news page, with its captions, its credits and its “read also” lines.
  Nothing is lost: what is not part of the story is shown apart, and the untouched text stands beside the page.
- **Markdown** (`.md`), with or without front matter like the lines at the top of this file.

What is not known stays unknown: an article without a date is listed as undated. Write `date: 2024-03-01` into its front
matter, or begin the name of its file with the day (`2024-03-01-title.txt`).

## The next steps

1. **Look at it while you write:** `site-builder serve --open` shows every change in your browser.
2. **Add an article:** put a file into `content/`, and run `site-builder build`. Its last line says what was added.
3. **Give the site a name:** open `site.toml`. Every setting stands there with its default.
4. **Publish it.** On GitHub, make an empty repository, and choose *GitHub Actions* under *Settings → Pages*. Then:

```sh
git init -b main
git add .
git commit -m "Begin the archive"
git remote add origin https://github.com/OWNER/REPO.git
git push -u origin main
```

The workflow in `.github/workflows/pages.yml` builds and publishes the site at every push. Build on your machine before
you commit new articles: `addresses.csv` keeps their addresses for ever, and belongs into the repository.

When this page has served its purpose, delete its file and build again.
"""

INDONESIAN = """\
---
title: Arsip Anda sudah siap
date: DAY
section: Panduan
tags: [langkah pertama]
lang: id
---

Halaman ini dibuat dari `content/first-steps.md`. Letakkan artikel Anda sendiri di sebelahnya, apa adanya:

- **Teks mentah** (`.txt`): yang Anda salin dari halaman berita, lengkap dengan keterangan foto, nama penulis dan baris
  “baca juga”. Tidak ada yang hilang: yang bukan bagian dari berita ditampilkan terpisah, dan teks aslinya tersedia utuh
  di samping halaman.
- **Markdown** (`.md`), dengan atau tanpa keterangan seperti pada baris-baris pertama berkas ini.

Yang tidak diketahui tidak dikarang: artikel tanpa tanggal masuk ke daftar tanpa tanggal. Tulislah `date: 2024-03-01` di
awal berkasnya, atau mulailah nama berkasnya dengan tanggal (`2024-03-01-judul.txt`).

## Langkah berikutnya

1. **Lihat hasilnya sambil menulis:** `site-builder serve --open` menampilkan setiap perubahan di peramban Anda.
2. **Tambahkan artikel:** letakkan berkas di `content/`, lalu jalankan `site-builder build`. Baris terakhirnya memberi
   tahu apa yang ditambahkan.
3. **Beri nama situs Anda:** bukalah `site.toml`. Semua pengaturan ada di sana beserta nilai bawaannya.
4. **Terbitkan.** Di GitHub, buatlah repositori kosong, dan pilih *GitHub Actions* di *Settings → Pages*. Kemudian:

```sh
git init -b main
git add .
git commit -m "Memulai arsip"
git remote add origin https://github.com/OWNER/REPO.git
git push -u origin main
```

Alur kerja di `.github/workflows/pages.yml` membangun dan menerbitkan situs setiap kali ada yang dikirim. Bangunlah di
komputer Anda sebelum menyimpan artikel baru ke repositori: `addresses.csv` menjaga alamatnya untuk selamanya, dan harus
ikut disimpan.

Bila halaman ini sudah tidak diperlukan, hapus berkasnya dan bangun lagi.
"""

ARTICLES = {"id": ("Arsip", INDONESIAN), "en": ("Archive", ENGLISH)}
"""Language of the interface -> title of the site, and its first article; for other languages the English one."""

TEMPLATES_NOTE = """\
Templates of your own go here. A file of the same name takes the place of the default theme's, and can extend it:

    {% extends "!default/article.html" %}
    {% block article_footer %}{{ super() }}<p>…</p>{% endblock %}

`assets/style.css` here takes the place of the default style sheet; `strings/en.toml` changes single words.
"""

WORKFLOW = """\
# Builds the archive and publishes it on GitHub Pages whenever main changes.
# Once, on GitHub: Settings, Pages, Source: GitHub Actions.
name: Publish the archive
on:
  push:
    branches: [main]
  workflow_dispatch:
permissions: {}
concurrency:
  group: pages
  cancel-in-progress: false
jobs:
  build:
    runs-on: ubuntu-latest
    timeout-minutes: 60
    permissions:
      contents: read
      pages: read # where the site will be
    steps:
      - uses: actions/checkout@v7
        with:
          persist-credentials: false
      - uses: actions/setup-python@v7
        with:
          python-version: "3.13"
          cache: pip
          cache-dependency-path: requirements.txt
      - id: pages
        uses: actions/configure-pages@v6
      # What the last run read and made, so that a new article is a small build. Without it the bytes are the same.
      - uses: actions/cache@v6
        with:
          path: |
            .site-builder-cache
            output
          key: site-${{ github.run_id }}-${{ github.run_attempt }}
          restore-keys: site-
      - name: Install site-builder
        run: pip install -r requirements.txt
      - name: Test the rules
        run: site-builder rules test
      - name: Build
        run: site-builder build --base-url "$BASE_URL"
        env:
          BASE_URL: ${{ steps.pages.outputs.base_url }}
      - name: Check the site
        run: site-builder check --base-url "$BASE_URL"
        env:
          BASE_URL: ${{ steps.pages.outputs.base_url }}
      - uses: actions/upload-pages-artifact@v5
        with:
          path: output
  deploy:
    needs: build
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      pages: write
      id-token: write # tells GitHub Pages which workflow it is
    environment:
      name: github-pages
      url: ${{ steps.deployment.outputs.page_url }}
    steps:
      - id: deployment
        uses: actions/deploy-pages@v5
"""

REQUIREMENTS = """\
# What builds the site on GitHub: the program that made this site here.
{line}
"""

UNKNOWN_REQUIREMENT = """\
# What builds the site on GitHub. There is no release of site-builder on the Python Package Index yet, and it was
# installed here from a place that GitHub does not know. Write the address of its git repository, like this:
# {line} @ git+https://github.com/OWNER/site-builder
{line}
"""


def make_site(
    folder: Path, *, day: str, requirement: Requirement, title: str = "", language: str = LANGUAGE
) -> tuple[str, ...]:
    """Make a new site in `folder`, which may be missing or empty; return the paths of its files.

    `day` (YYYY-MM-DD) is the date of its first article, `requirement` what its workflow installs. Without a title it
    gets the one of its language. Raises RefusedError, and makes nothing, when one of the files is already there, and
    ConfigError for a language that is none.
    """
    if message := KEYS["language"][1](language):
        raise ConfigError(error("--language", message))
    files = _write_files(day, requirement, title, language)
    there = [name for name in files if (folder / name).exists()]
    if there:
        hint = "name a new folder"
        raise RefusedError(
            *(error(str(folder / name), "is already there, and nothing was made", hint) for name in there)
        )
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as exc:
        raise MachineError(error(str(folder), f"the site cannot be made: {exc.strerror}")) from exc
    return tuple(str(folder / name) for name in files)


def _write_files(day: str, requirement: Requirement, title: str, language: str) -> dict[str, str]:
    """Return the text of each file by its path."""
    usual, article = ARTICLES.get(language, ARTICLES["en"])
    quoted = json.dumps(title or usual)  # a JSON text is a TOML text as well
    return {
        "site.toml": SITE_TOML.replace("LANGUAGE", json.dumps(language), 1).replace("TITLE", quoted, 1),
        "content/first-steps.md": article.replace("DAY", day, 1),
        "templates/README.txt": TEMPLATES_NOTE,
        "requirements.txt": (REQUIREMENTS if requirement.is_found else UNKNOWN_REQUIREMENT).format(
            line=requirement.line
        ),
        ".gitignore": "output/\n.site-builder-cache/\n",
        ".gitattributes": "# Articles are kept byte for byte.\ncontent/** -text\n",
        ".github/workflows/pages.yml": WORKFLOW,
    }
