"""Classes of fields made quickly behave as those of the standard library."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from functools import cached_property

import pytest

from site_builder.values import dataclass

WAYS = (dataclasses.dataclass, dataclass)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """Has one field."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived(Base):
    """Has a field of every kind."""

    number: int = 3
    names: list[str] = dataclasses.field(default_factory=list)
    kept: int = dataclasses.field(init=False, default=7)


@dataclass(slots=True)
class Later:
    """Gets its field when it is known."""

    number: int
    taken: str = dataclasses.field(init=False)
    double: int = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self.double = 2 * self.number


@dataclass(frozen=True)
class Asked:
    """Is no value: it remembers what it was asked."""

    number: int

    @cached_property
    def double(self) -> int:
        """Twice the number."""
        return 2 * self.number


def _make(way, **options):
    @way(**options)
    class Made:
        first: int
        second: str = "two"
        third: dict[str, int] = dataclasses.field(default_factory=dict)

    return Made


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("slots", [False, True])
@pytest.mark.parametrize("kw_only", [False, True])
def test_made_as_the_standard_library_makes_them(*, frozen: bool, slots: bool, kw_only: bool) -> None:
    theirs, ours = (_make(way, frozen=frozen, slots=slots, kw_only=kw_only) for way in WAYS)
    assert [f.name for f in dataclasses.fields(theirs)] == [f.name for f in dataclasses.fields(ours)]
    shown = [[(p.name, p.kind) for p in inspect.signature(cls).parameters.values()] for cls in (theirs, ours)]
    assert shown[0] == shown[1]
    assert repr(theirs(first=1)) == repr(ours(first=1))
    assert ours(first=1) == ours(first=1, second="two", third={})
    assert ours(first=1) != ours(first=2)
    assert ours(first=1) != theirs(first=1)
    assert dataclasses.replace(ours(first=1), second="2") == ours(first=1, second="2")
    assert ours(first=1).third is not ours(first=1).third
    assert hasattr(ours(first=1), "__dict__") is not slots
    for cls in (theirs, ours):
        with pytest.raises(TypeError, match="first"):
            cls()
        with pytest.raises(TypeError, match="fourth"):
            cls(first=1, fourth=4)
        if not frozen:
            with pytest.raises(TypeError, match="unhashable"):
                hash(cls(first=1))


def test_frozen_values_cannot_be_changed_and_are_hashed_by_their_fields() -> None:
    value = Derived(path="a")
    with pytest.raises(dataclasses.FrozenInstanceError, match="'path'"):
        value.path = "b"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError, match="'path'"):
        del value.path  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.other = 1  # type: ignore[attr-defined]
    assert hash(Base(path="a")) == hash(Base(path="a"))
    assert {Base(path="a"), Base(path="a")} == {Base(path="a")}
    assert Base(path="a") != Derived(path="a")


def test_a_field_that_is_no_argument_is_set_all_the_same() -> None:
    assert Derived(path="a").kept == 7
    with pytest.raises(TypeError, match="kept"):
        Derived(path="a", kept=8)  # type: ignore[call-arg]


def test_a_field_without_a_value_is_set_later() -> None:
    later = Later(2)
    with pytest.raises(AttributeError, match="taken"):
        later.taken  # noqa: B018 - it is the mistake
    later.taken = "now"
    assert repr(later) == "Later(number=2, taken='now', double=4)"


def test_values_go_to_other_processes_and_are_copied() -> None:
    value = Derived(path="a", names=["x"])
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(value, protocol)) == value
        assert pickle.loads(pickle.dumps(Asked(2), protocol)) == Asked(2)
    assert copy.deepcopy(value) == value
    assert copy.copy(value) == value


def test_a_frozen_class_without_slots_remembers_what_is_worked_out_once() -> None:
    asked = Asked(2)
    assert asked.double == 4
    assert vars(asked) == {"number": 2, "double": 4}


def test_without_eq_a_value_is_only_itself() -> None:
    made = _make(dataclass, frozen=True, eq=False)
    assert made(first=1) != made(first=1)
    assert len({made(first=1), made(first=1)}) == 2
