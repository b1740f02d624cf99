"""The store: an artefact is whole or absent, made once however many ask, and never served damaged."""

import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from lcacore.store import (
    Busy,
    CorruptArtefact,
    Store,
    _bare_source,
    checksum,
    code_key,
    find_data,
    find_model,
    not_waiting,
    project_root,
    shipped_model,
    store,
    write_atomically,
)


def files(root: Path) -> list[str]:
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file() and p.suffix != ".lock")


def writer(text="hello", calls=None):
    def make(folder):
        if calls is not None:
            calls.append(folder)
        (folder / "a.txt").write_text(text)
        return {"made": text}

    return make


# --- made once -------------------------------------------------------------------------------------

def test_built_once_and_kept_apart_by_key(tmp_path):
    calls, s = [], Store(tmp_path)
    first = s.build("x", {"k": 1, "l": [1, 2]}, writer(calls=calls))
    assert s.build("x", {"l": (1, 2), "k": 1}, writer(calls=calls)) == first and len(calls) == 1
    assert Store(tmp_path).build("x", {"k": 1, "l": [1, 2]}, writer(calls=calls)) == first and len(calls) == 1
    assert s.build("x", {"k": 2}, writer()) != first and s.build("y", {"k": 1, "l": [1, 2]}, writer()) != first
    assert (first / "a.txt").read_text() == "hello" and s.info(first) == {"made": "hello"}
    record = json.loads((first / "artefact.json").read_text())
    assert record["key"] == {"k": 1, "l": [1, 2]} and record["files"]["a.txt"] == {"bytes": 5, "blake2b": checksum(first / "a.txt")}


def test_the_folder_appears_only_when_complete(tmp_path):
    def make(folder):
        writer()(folder)
        assert folder.name.startswith(".") and folder.suffix == ".part"
        assert [p for p in folder.parent.iterdir() if p.is_dir()] == [folder], "nothing under the final name yet"

    folder = Store(tmp_path).build("x", {"k": 1}, make)
    assert folder.is_dir() and not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("error", [RuntimeError("boom"), KeyboardInterrupt()])
def test_a_failed_make_leaves_nothing(tmp_path, error):
    def make(folder):
        writer()(folder)
        raise error

    with pytest.raises(type(error)):
        Store(tmp_path).build("x", {"k": 1}, make)
    assert files(tmp_path) == [] and not list(tmp_path.rglob("*.part"))
    assert Store(tmp_path).build("x", {"k": 1}, writer()).exists(), "and the lock is free again"


def test_no_space_left_says_what_to_do(tmp_path):
    def make(folder):
        writer()(folder)
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match=r"no space left for artefact x/.*LCACORE_STORE.*nothing was lost") as caught:
        Store(tmp_path).build("x", {"k": 1}, make)
    assert caught.value.errno == errno.ENOSPC and files(tmp_path) == []


def test_what_a_killed_process_left_is_cleared(tmp_path):
    s = Store(tmp_path)
    folder = s.build("x", {"k": 1}, writer())
    stale, other = folder.parent / f".{folder.name}.0badc0de.part", folder.parent / ".another.0badc0de.part"
    for part in (stale, other):
        part.mkdir()
    (folder / "a.txt").unlink()
    with pytest.warns(CorruptArtefact):
        Store(tmp_path).build("x", {"k": 1}, writer())
    assert not stale.exists() and other.exists(), "another key's folder may be in use"


# --- checksums -------------------------------------------------------------------------------------

def alter(folder):
    (folder / "a.txt").write_text("hellO")


def truncate(folder):
    (folder / "a.txt").write_text("hell")


def lose(folder):
    (folder / "a.txt").unlink()


def garble(folder):
    (folder / "artefact.json").write_text('{"files": ')


def unrecord(folder):
    (folder / "artefact.json").unlink()


@pytest.mark.parametrize("damage", [alter, truncate, lose, garble, unrecord])
def test_damage_is_found_said_and_mended(tmp_path, damage):
    folder = Store(tmp_path).build("x", {"k": 1}, writer())
    damage(folder)
    with pytest.warns(CorruptArtefact, match=rf"artefact x/{folder.name} does not match its checksums.*making it again"):
        again = Store(tmp_path).build("x", {"k": 1}, writer())
    assert again == folder and (folder / "a.txt").read_text() == "hello" and files(folder) == ["a.txt", "artefact.json"]


# --- two processes ---------------------------------------------------------------------------------

SLOW = """
import sys, time
from lcacore.store import Store
def make(folder):
    (folder / "who").write_text(sys.argv[2])
    print("making", flush=True)
    time.sleep(float(sys.argv[3]))
folder = Store(sys.argv[1]).build("x", {"k": 1}, make)
print((folder / "who").read_text(), flush=True)
"""


def start(root, who, seconds):
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    return subprocess.Popen([sys.executable, "-c", SLOW, str(root), who, str(seconds)], stdout=subprocess.PIPE, text=True, env=environment)


def test_the_second_process_waits_for_the_first_and_reads_what_it_made(tmp_path):
    first = start(tmp_path, "first", 1.5)
    assert first.stdout.readline() == "making\n"
    second = start(tmp_path, "second", 0)
    time.sleep(0.7)
    assert second.poll() is None, "it waits"
    assert first.communicate(timeout=30)[0] == "first\n"
    assert second.communicate(timeout=30)[0] == "first\n", "it made nothing itself"
    assert first.returncode == second.returncode == 0


def test_who_does_not_wait_is_told_that_another_is_at_work(tmp_path):
    first = start(tmp_path, "first", 1)
    assert first.stdout.readline() == "making\n"
    with not_waiting(), pytest.raises(Busy):
        Store(tmp_path).build("x", {"k": 1}, lambda folder: None)
    assert first.communicate(timeout=30)[0] == "first\n"
    with not_waiting():  # made by now: nothing to wait for
        assert (Store(tmp_path).build("x", {"k": 1}, lambda folder: None) / "who").read_text() == "first"


def test_a_killed_process_frees_the_lock(tmp_path):
    first = start(tmp_path, "first", 60)
    assert first.stdout.readline() == "making\n"
    first.kill()
    first.communicate()
    second = start(tmp_path, "second", 0)
    assert second.communicate(timeout=30)[0] == "making\nsecond\n"
    assert not list(tmp_path.rglob("*.part"))


# --- remember --------------------------------------------------------------------------------------

def test_remembered_values_come_back_equal(tmp_path):
    s, calls = Store(tmp_path), []

    def make():
        calls.append(1)
        return {"n": np.int64(3), "x": np.arange(6.0).reshape(2, 3), "names": ["a", "é"], "words": np.array(["u", "v"], dtype=object), "deep": {"a": [1, None]}}

    for _ in range(2):
        out = s.remember("value", {"k": 1}, make)
        assert {k: out[k] for k in ("n", "names", "words", "deep")} == {"n": 3, "names": ["a", "é"], "words": ["u", "v"], "deep": {"a": [1, None]}}
        np.testing.assert_array_equal(out["x"], np.arange(6.0).reshape(2, 3))
        assert isinstance(out["x"], np.memmap) and not out["x"].flags.writeable
    assert calls == [1]
    with pytest.raises(TypeError, match="not a set"):
        s.remember("value", {"k": 2}, lambda: {"bad": {1}})
    assert len(list((tmp_path / "value").glob("*/value.json"))) == 1


def test_store_follows_its_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("LCACORE_STORE", str(tmp_path / "a"))
    a = store()
    assert a.root == (tmp_path / "a").resolve() and store() is a
    monkeypatch.setenv("LCACORE_STORE", str(tmp_path / "b"))
    assert store().root == (tmp_path / "b").resolve()


# --- keys of code, and places ----------------------------------------------------------------------

def test_code_key_ignores_comments_and_docstrings(tmp_path):
    def bare(text):
        (tmp_path / "m.py").write_text(text)
        return _bare_source(tmp_path / "m.py")

    plain = bare("def f(x):\n    return x + 1\n")
    assert bare('"""Module."""\n\n# why\ndef f(x):\n    """Doc."""\n    return (x  +  1)  # because\n') == plain
    assert bare("def f(x):\n    return x + 2\n") != plain
    assert bare("def f(y):\n    return y + 1\n") != plain
    assert bare('x = "text"\n') != bare('x = "other"\n'), "a string that is a value counts"


def test_code_key_of_modules_and_packages(tmp_path, monkeypatch):
    package = tmp_path / "pack_for_test"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "inner.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    code_key.cache_clear()
    first = code_key("pack_for_test")
    (package / "inner.py").write_text("x = 2\n")
    code_key.cache_clear()
    assert code_key("pack_for_test") != first, "a package counts all its modules"
    assert code_key("lcacore.types") != code_key("lcacore.store") != code_key("lcacore.types", "lcacore.store")
    with pytest.raises(ValueError, match="no source for module"):
        code_key("no_such_module_at_all")


def test_places(tmp_path, monkeypatch):
    (tmp_path / "data" / "ud" / "X").mkdir(parents=True)
    (tmp_path / "models" / "m").mkdir(parents=True)
    monkeypatch.setenv("LCACORE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LCACORE_MODELS", str(tmp_path / "models"))
    assert find_data("X", "ud") == find_data("ud/X") == find_data(str(tmp_path / "data" / "ud" / "X")) == (tmp_path / "data" / "ud" / "X").resolve()
    assert find_model("m") == (tmp_path / "models" / "m").resolve() and find_model("none") is None
    monkeypatch.delenv("LCACORE_DATA")
    with pytest.raises(FileNotFoundError, match="no corpus at X; LCACORE_DATA is not set"):
        find_data("X", "ud")
    with pytest.raises(ValueError, match="no shipped model 'zzz'"):
        shipped_model("zzz")
    (tmp_path / "_toc.yml").write_text("")
    (tmp_path / "data" / "deep").mkdir()
    monkeypatch.delenv("LCACORE_ROOT", raising=False)
    monkeypatch.chdir(tmp_path / "data" / "deep")
    assert project_root() == tmp_path.resolve()


def test_write_atomically_keeps_the_old_file_when_it_fails(tmp_path):
    path = tmp_path / "deep" / "a.txt"
    write_atomically(path, "é")
    assert path.read_text(encoding="utf-8") == "é"
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    assert path.read_text(encoding="utf-8") == "é" and files(tmp_path) == ["deep/a.txt"]
