"""The plan: every file of the site, with everything that decides its bytes, before anything is rendered.

A pure function of the archive, the frame and the templates' digests. How outputs are rendered or stored is not known
in this room. `Plan` is the whole; `articles`, `listings` and `files` are its parts, by what an output shows.
"""

from site_builder.plan.whole import Plan, order_writes

__all__ = ["Plan", "order_writes"]
