"""The data of an article: the JSON file beside its page.

A pure formatter of everything that reading found. A fact that is not known is null, never made up.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from site_builder.model import Article


def format_data(article: Article, url: str, files: Sequence[str] = ()) -> bytes:
    """Return the article as JSON in UTF-8; `url` is the path of its page below the site's root.

    `files` are the paths, below the root, of the files that it shows or links to, empty for those that are not there.

    Keys are those of the command line's contract (the manual's data.md). Positions in `parts` count characters of the
    decoded source.
    """
    fields = {
        "id": article.id,
        "url": url,
        "format": article.format,
        "title": article.title if article.title_from != "made" else None,
        "title_from": article.title_from,
        "sections": article.sections or None,
        "publisher": article.publisher,
        "dateline": article.dateline,
        "date": article.date,
        "date_from": article.date_from,
        "date_text": article.date_text,
        "updated": article.updated,
        "byline": article.byline,
        "captions": article.captions,
        "credits": article.credits,
        "related": article.related,
        "residue": [moved.text for moved in article.residue],
        "labels": article.labels,
        "body": article.body,
        "lang": article.lang,
        "truncated": article.truncated,
        "topics": article.topics,
        "summary": article.summary,
        "summary_from": article.summary_from,
        "source_url": article.source_url,
        "files": [{"id": link.id, "url": path or None} for link, path in zip(article.files, files, strict=True)],
        "encoding": article.encoding,
        "mended": article.mended,
        "source": {"sha256": article.sha256, "bytes": article.bytes, "encoding": article.encoding},
        "extra": article.extra,
        "parts": [part._asdict() for part in article.parts],
    }
    return (json.dumps(fields, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
