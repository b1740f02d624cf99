"""Packed weights: how far a decoded weight may be from the one that was packed, and differences from a base."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lcacore.weights import PACKED, base_of, load_packed, pack, save_packed, unpack

weights = arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 7)), elements=st.floats(-1e3, 1e3, width=32))


@settings(max_examples=100, deadline=None)
@given(weights)
def test_eight_bits_are_at_most_half_a_step_off(w):
    q, scale = pack(w)
    assert q.dtype == np.int8 and q.shape == w.shape
    assert (np.abs(unpack(q, scale, w.shape) - w) <= 0.5001 * scale[:, None] + 1e-30).all()
    np.testing.assert_allclose(scale, np.abs(w).max(1) / 127, rtol=1e-6, atol=1e-38)


@settings(max_examples=100, deadline=None)
@given(weights, st.integers(2, 7))
def test_fewer_bits_are_no_worse_than_without_cutting_off(w, bits):
    q, scale = pack(w, bits)
    assert q.dtype == np.uint8 and q.shape == (len(w), -(-w.shape[1] * bits // 8))
    step = np.abs(w).max(1, keepdims=True) / (2 ** (bits - 1) - 1)
    plain = np.rint(np.divide(w, step, out=np.zeros_like(w), where=step > 0)) * step
    assert (((unpack(q, scale, w.shape, bits) - w) ** 2).sum(1) <= ((plain - w) ** 2).sum(1) * 1.001 + 1e-20).all()


@pytest.mark.parametrize("bits", range(2, 9))
def test_whole_numbers_come_back_exactly(bits):
    most = 2 ** (bits - 1) - 1
    w = np.random.default_rng(bits).integers(-most, most + 1, (5, 3, 7)).astype(np.float32)
    w[:, 0, 0] = most
    assert np.array_equal(unpack(*pack(w, bits), w.shape, bits), w)


def test_packing_what_is_packed_changes_nothing():
    w = np.random.default_rng(0).standard_normal((6, 4, 5)).astype(np.float32)
    once = unpack(*pack(w), w.shape)
    np.testing.assert_allclose(unpack(*pack(once), w.shape), once, rtol=1e-6)


def test_what_cannot_be_packed():
    for wrong, message in ((np.ones(3), "two axes"), (np.array([[np.nan]]), "not finite")):
        with pytest.raises(ValueError, match=message):
            pack(wrong)
    with pytest.raises(ValueError, match="bits 9"):
        pack(np.ones((2, 2)), bits=9)


@pytest.fixture
def models(tmp_path):
    """A base and a model tuned from it: one weight moved, one vector moved, one weight as it was, one new."""
    rng = np.random.default_rng(0)
    base = {"a": rng.standard_normal((20, 30)), "b": rng.standard_normal(30), "c": rng.standard_normal((4, 5))}
    (tmp_path / "base").mkdir()
    save_packed(tmp_path / "base", base)
    start = load_packed(tmp_path / "base")
    tuned = {"a": start["a"] + 0.01 * rng.standard_normal((20, 30)), "b": start["b"] + 0.01, "c": start["c"], "head": rng.standard_normal((3, 30))}
    return tmp_path, start, tuned


@pytest.mark.parametrize(("bits", "relative"), [(8, 0.01), (4, 0.15)])
def test_a_difference_is_kept_finely_since_it_is_small(models, bits, relative):
    from lcacore.store import checksum

    root, start, tuned = models
    (root / "tuned").mkdir()
    path = save_packed(root / "tuned", tuned, base="base", base_state=start, base_key=checksum(root / "base" / PACKED), bits=bits)
    back = load_packed(root / "tuned")
    assert base_of(root / "tuned") == root / "base" and sorted(back) == sorted(tuned)
    moved = tuned["a"] - start["a"]
    assert np.linalg.norm(back["a"] - tuned["a"]) <= relative * np.linalg.norm(moved)
    assert np.array_equal(back["c"], start["c"]), "what did not change takes no room and comes back exactly"
    np.testing.assert_allclose(back["b"], tuned["b"], atol=1e-5)
    np.testing.assert_allclose(back["head"], tuned["head"], atol=0.02)  # new weights are packed as themselves
    again = path.read_bytes()
    assert save_packed(root / "tuned", tuned, base="base", base_state=start, base_key=checksum(root / "base" / PACKED), bits=bits).read_bytes() == again


def test_a_base_that_changed_is_noticed(models):
    root, start, tuned = models
    (root / "tuned").mkdir()
    save_packed(root / "tuned", tuned, base="base", base_state=start, base_key="another")
    with pytest.raises(ValueError, match="other weights; train tuned again"):
        load_packed(root / "tuned")


def test_files_of_other_programs_are_refused(tmp_path):
    from safetensors.numpy import save_file

    save_file({"a": np.ones((2, 2), np.float32)}, tmp_path / PACKED)
    with pytest.raises(ValueError, match="no packed weights"):
        load_packed(tmp_path)
    (tmp_path / PACKED).write_bytes(json.dumps({}).encode())
    with pytest.raises(ValueError, match="no packed weights"):
        load_packed(tmp_path)
