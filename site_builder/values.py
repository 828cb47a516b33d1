"""Classes of fields: `dataclass` as the standard library has it, but quick to make.

The standard library compiles up to seven functions for each class when its module is imported, which takes 0.5 ms of
every start, and to add one article takes some sixty classes: a tenth of the time that the user waits. Here only
`__init__` is compiled for each class; what else a class of fields needs is the same function for all of them. They are
dataclasses still, for `fields` and `replace` of the standard library and for type checkers. What the classes are for is
not known here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn

_NAMES = "__field_names__"
_VALUES = "__field_values__"
_FACTORY = object()
"""Stands for an argument that was not given, of a field that has a factory."""


def _make_dataclass(
    cls: type | None = None,
    /,
    *,
    frozen: bool = False,
    slots: bool = False,
    kw_only: bool = False,
    eq: bool = True,
    repr: bool = True,
) -> Any:  # noqa: ANN401 - for type checkers it is the standard library's
    """Make a class one of fields, as `dataclasses.dataclass` does with the same arguments.

    No field has a rule of its own for being compared, hashed or shown, and none is for `__init__` alone.
    """
    if cls is None:
        return lambda cls: _make_dataclass(cls, frozen=frozen, slots=slots, kw_only=kw_only, eq=eq, repr=repr)
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)
    fields = dataclasses.fields(made)
    names = tuple(field.name for field in fields)
    setattr(made, _NAMES, names)
    setattr(made, _VALUES, staticmethod(_make_getter(names)))
    made.__init__ = _compile_init(made, fields, frozen=frozen, slots=slots)
    if eq:
        made.__eq__ = _equal
        made.__hash__ = _hash if frozen else None
    if repr:
        made.__repr__ = _show
    if frozen:
        made.__setattr__ = _refuse_to_set
        made.__delattr__ = _refuse_to_delete
        if slots:
            made.__reduce__ = _reduce
    return made


def _make_getter(names: tuple[str, ...]) -> Callable[[object], tuple[object, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def _compile_init(
    cls: type, fields: tuple[dataclasses.Field[Any], ...], *, frozen: bool, slots: bool
) -> Callable[..., None]:
    scope: dict[str, object] = {"_FACTORY": _FACTORY, "_set": object.__setattr__}
    lines: list[str] = []
    plain: list[str] = []
    named: list[str] = []
    for field in fields:
        name = value = field.name
        argument = name
        if field.default_factory is not dataclasses.MISSING:
            scope[f"_make_{name}"] = field.default_factory
            argument = f"{name}=_FACTORY"
            value = f"_make_{name}() if {name} is _FACTORY else {name}" if field.init else f"_make_{name}()"
        elif field.default is not dataclasses.MISSING:
            scope[f"_default_{name}"] = field.default
            argument = f"{name}=_default_{name}"
            value = name if field.init else f"_default_{name}"
        elif not field.init:
            continue  # whoever has it sets it later
        if field.init:
            (named if field.kw_only else plain).append(argument)
        if not frozen:
            lines.append(f"self.{name} = {value}")
        elif slots:
            # A slot of a frozen class is set by its descriptor, which asks nobody.
            scope[f"_set_{name}"] = getattr(cls, name).__set__
            lines.append(f"_set_{name}(self, {value})")
        else:
            lines.append(f"_set(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    arguments = ", ".join(["self", *plain, *(["*", *named] if named else [])])
    body = "\n  ".join(lines or ["pass"])
    exec(f"def __init__({arguments}):\n  {body}", scope)  # noqa: S102 - from names of fields alone
    init: Callable[..., None] = scope["__init__"]  # type: ignore[assignment]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


def _equal(self: Any, other: Any) -> Any:  # noqa: ANN401
    if self is other:
        return True
    if type(self) is not type(other):
        return NotImplemented
    return self.__field_values__(self) == other.__field_values__(other)


def _hash(self: Any) -> int:  # noqa: ANN401
    return hash(self.__field_values__(self))


def _show(self: Any) -> str:  # noqa: ANN401
    shown = (f"{name}={value!r}" for name, value in zip(self.__field_names__, self.__field_values__(self), strict=True))
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse_to_set(self: object, name: str, value: object) -> NoReturn:  # noqa: ARG001
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> NoReturn:  # noqa: ARG001
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _reduce(self: Any) -> tuple[object, ...]:  # noqa: ANN401
    return _restore, (type(self), self.__field_values__(self))


def _restore(cls: Any, values: tuple[object, ...]) -> object:  # noqa: ANN401
    """Return a frozen value that was sent to another process."""
    value = object.__new__(cls)
    for name, member in zip(cls.__field_names__, values, strict=True):
        object.__setattr__(value, name, member)
    return value


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    dataclass = _make_dataclass
