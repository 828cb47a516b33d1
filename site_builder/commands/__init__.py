"""The commands, one module each: the options of its parser (`add_arguments`) and what it does with them (`run`).

A module is imported when its command is called, and imports what the command needs when that is called; `options` and
`terminal` are what commands share. Which commands there are is known to `site_builder.cli` alone.
"""
