"""What is kept stays within its bytes, and what was used longest ago leaves first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.inspection.memory import Memory


def test_what_was_used_longest_ago_leaves_first() -> None:
    memory = Memory(100)
    memory.put("a", 1, 40)
    memory.put("b", 2, 40)
    assert memory.get("a") == 1
    memory.put("c", 3, 40)
    assert ("a" in memory, "b" in memory, "c" in memory) == (True, False, True)
    assert memory.get("b") is None


def test_what_is_larger_than_all_is_not_kept_and_drives_nothing_out() -> None:
    memory = Memory(100)
    memory.put("a", 1, 40)
    memory.put("whale", 2, 101)
    assert "whale" not in memory
    assert memory.get("a") == 1


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 60)), max_size=60))
def test_bytes_are_those_of_what_is_kept(orders: list[tuple[str, int]]) -> None:
    memory = Memory(100)
    sizes: dict[str, int] = {}
    for key, size in orders:
        memory.put(key, key.upper(), size)
        sizes[key] = size
        assert memory.bytes <= 100
        assert memory.bytes == sum(size for key, size in sizes.items() if key in memory)
        assert memory.get(key) == key.upper()
