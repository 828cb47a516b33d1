"""Batches of work, as picklable values with a function each: what `workers` hand to a process, or to another machine.

Each job is a `pool.Job`. What comes of an item does not depend on how the items were cut into jobs. Who does a job, and
when, is not known here.
"""
