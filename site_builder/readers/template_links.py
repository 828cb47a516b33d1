"""Links whose address is a tag of another generator's templates, rewritten to the path of a source.

Blanks within the tag would keep Markdown from seeing the link at all. Only addresses of links are looked at: every
other tag stays in the text as it is. Whether a path leads to an article is not known here.
"""

from __future__ import annotations

import re

_DESTINATION = r"(?P<before>\]\(|^ {0,3}\[[^\]\n]{1,200}\]:[ \t]*)"
_HOST = r"\{\{-?[ \t]*site\.(?:base)?url[ \t]*-?\}\}"
_SITE = re.compile(rf"{_DESTINATION}(?:{_HOST}){{1,2}}", re.M)
_LINK = re.compile(
    rf"{_DESTINATION}(?:{_HOST})?\{{%-?[ \t]*(?P<tag>link|post_url)[ \t]+(?P<path>[^\s%]+)[ \t]*-?%\}}", re.M
)
_REF = re.compile(
    _DESTINATION + r"\{\{[<%][ \t]*(?:rel)?ref[ \t]+[\"`']?(?P<path>[^\s\"`'>%]+)[\"`']?[ \t]*[%>]\}\}", re.M
)
_FILTERED = re.compile(
    rf"{_DESTINATION}\{{\{{-?[ \t]*[\"'](?P<path>[^\s\"']+)[\"'][ \t]*\|[ \t]*(?:relative|absolute)_url[ \t]*-?\}}\}}",
    re.M,
)


def name_linked_sources(text: str) -> str:
    """Return Markdown in which links by `link`, `post_url`, `ref` and `relref` name the source that they mean.

    A path from the root of the content begins with `@/`; the address of the site itself falls away.
    """
    if "{" not in text or ("{{" not in text and "{%" not in text):
        return text
    text = _LINK.sub(_name_source, text)
    text = _REF.sub(lambda m: m["before"] + re.sub(r"\A/", "@/", m["path"]), text)
    text = _FILTERED.sub(r"\g<before>\g<path>", text)
    return _SITE.sub(r"\g<before>", text)


def _name_source(match: re.Match[str]) -> str:
    path = match["path"].removeprefix("/")
    if match["tag"] == "post_url":
        path = f"_posts/{path}" if path.endswith((".md", ".markdown")) else f"_posts/{path}.md"
    return f"{match['before']}@/{path}"
