"""Fuzzing: what must hold whatever the bytes are, and what feeds it."""
