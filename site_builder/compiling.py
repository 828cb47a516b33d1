"""The templates of a build, compiled: those that the last build kept, or new ones, made aside while pages are planned.

To compile them takes as long as to render a thousand articles, and each worker would do it anew. No page depends on it:
a template that is not compiled here is compiled where it is first rendered. What is rendered is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import ExitStack
from functools import partial

from site_builder.aside import can_copy, run_aside
from site_builder.inputs import Inputs
from site_builder.render import Recipe, compile_templates, dump_codes, name_look, use_codes
from site_builder.store import Store
from site_builder.views import Frame
from site_builder.workers import WORTH_A_POOL


class Compiler:
    """Has the templates of one build compiled, once for this process and for the copies of it that will work."""

    def __init__(self, inputs: Inputs, store: Store, stack: ExitStack) -> None:
        """Take what is built and where compiled templates are kept; `stack` ends what is begun."""
        self._inputs = inputs
        self._store = store
        self._stack = stack
        self._waits: dict[str, Callable[[], bytes]] = {}

    def begin(self, frame: Frame, names: Collection[str], articles: int) -> None:
        """Begin to compile templates of these names aside, for a site of this frame.

        Not where they are kept, nor for few articles: these are rendered sooner by who compiles what they need.
        """
        if articles < WORTH_A_POOL or self._inputs.config.jobs == 1 or self._waits or not can_copy():
            return
        templates = self._inputs.theme.templates
        look = name_look(frame, templates)
        if not self._store.load_codes(self._key(look)):
            work = partial(compile_templates, frame, templates, names)
            self._waits[look] = self._stack.enter_context(run_aside(work))

    def prepare(self, recipe: Recipe) -> None:
        """Let this process have what is compiled for a recipe."""
        key = self._key(recipe.look)
        if wait := self._waits.get(recipe.look):
            codes = wait()
            self._store.save_codes(key, codes)
        else:
            codes = self._store.load_codes(key)
        use_codes(recipe, codes)

    def keep(self, recipe: Recipe) -> None:
        """Keep what this process compiled while it rendered, for the next build."""
        if codes := dump_codes(recipe):
            self._store.save_codes(self._key(recipe.look), codes)

    def _key(self, look: str) -> str:
        return f"{self._inputs.engine} {look}"
