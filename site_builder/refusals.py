"""What a build refuses before it touches anything, because it could destroy something.

Looks at folders and numbers only; whether an output folder is ours is `publish`'s to say.
"""

from __future__ import annotations

from site_builder.config import Config
from site_builder.errors import RefusedError, error

LARGE_ARCHIVE = 50
GONE_AT_MOST = 10
"""Of a large archive, one part in so many may go from one build to the next without `force`."""


def refuse_unsafe_folders(config: Config) -> None:
    """Raise RefusedError for an output that holds, or lies in, what the site is made from."""
    output = config.output.resolve()
    kept = {"articles": config.content, "templates": config.templates, "rules": config.rules, "cache": config.cache}
    for what, folder in kept.items():
        other = folder.resolve() if folder else None
        if other is not None and (output == other or output in other.parents or other in output.parents):
            message = f"the output would lie in the folder of the site's {what}, or hold it ({folder})"
            raise RefusedError(error(str(config.output), message, "name another folder with --output"))


def refuse_sudden_emptiness(config: Config, now: int, was: int, *, published: bool) -> None:
    """Raise RefusedError when a published archive would be taken away: a mount that is not there must not do that.

    `now` and `was` are numbers of sources, of this build and of the last; `published` says whether there is a site.
    """
    much_is_gone = was >= LARGE_ARCHIVE and (was - now) * GONE_AT_MOST > was
    if config.force or not (much_is_gone or (now == 0 and (was > 0 or published))):
        return
    message = f"{now} articles are here, and {was or 'some'} are published"
    raise RefusedError(error(config.shown, message, "use --force if the others are really to go"))
