"""The command `lcacore`: list the pages, run them, build the book."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

__all__ = ["main"]


class UsageError(Exception):
    """What was asked makes no sense; the message says why and what to do. Exit code 2."""


class Failed(Exception):
    """What was asked went wrong. Exit code 1."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code (0 well, 1 something failed, 2 wrong usage)."""
    options = _parser().parse_args(arguments)
    if threading.current_thread() is threading.main_thread():  # being told to end is like Ctrl-C: clean up, then go
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return options.act(options) or 0
    except UsageError as error:
        print(f"lcacore: {error}", file=sys.stderr)
        return 2
    except Failed as error:
        print(f"lcacore: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `lcacore list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("\nlcacore: interrupted; what was finished is kept", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="lcacore",
        description="Neuron analysis of language models, as a book of pages that anyone can run again.",
        epilog="examples:\n  lcacore run durrani2023/table2\n  lcacore run durrani2023/table2 -p seeds=[0]\n  lcacore run all --profile real --record\n  lcacore book",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, act: Callable, about: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=about, description=about)
        sub.set_defaults(act=act)
        return sub

    def profile(sub):
        sub.add_argument("--profile", default="mini", metavar="NAME", help="mini (the default), real or paper: which models and corpora")

    def jobs(sub):
        sub.add_argument("--jobs", type=_count, default=_cores(), metavar="N", help="processes at a time (default: the cores, at most 4)")

    sub = command("list", _list, "The pages of the book and the profiles that each runs in.")
    sub.add_argument("ids", nargs="*", metavar="ID", help="only these; one page alone shows its parameters")

    sub = command("run", _run, "Run pages; with parameters of your own if you like.")
    sub.add_argument("ids", nargs="+", metavar="ID", help="a page (durrani2023/table2), a paper (durrani2023), or all")
    profile(sub)
    sub.add_argument("-p", dest="parameters", action="append", default=[], metavar="NAME=VALUE", help="set a parameter; the value is read as YAML; may be repeated")
    jobs(sub)
    sub.add_argument("--record", action="store_true", help="keep the results in notebooks/recorded, with their origin")
    sub.add_argument("--fresh", action="store_true", help="run also what is up to date")

    sub = command("book", _book, "Run what changed and build the book in _build/html.")
    jobs(sub)

    sub = command("status", _status, "State of each page: fresh or not, its time, its claims.")
    profile(sub)

    sub = command("reference", _reference, "Keep the last run's results in the notebooks, as the reference that nbval compares with.")
    sub.add_argument("ids", nargs="*", metavar="ID", default=["all"])

    sub = command("zoo", _zoo, "The miniature models: list them, check them, train them again, plan their cost.")
    sub.add_argument("what", choices=["list", "check", "train", "plan"])
    sub.add_argument("names", nargs="*", metavar="NAME", help="models (train needs one, or all: every model that is missing or whose config has changed)")
    sub.add_argument("--out", metavar="FOLDER", help="train: write the models under this folder (default: the artefact store)")
    sub.add_argument("--steps", type=_count, metavar="N", help="train: another number of steps than the config's")
    sub.add_argument("--jobs", type=_count, default=2, metavar="N", help="train all: processes at a time, one thread each (default: 2)")
    return parser


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        if "invalid choice" in message and "COMMAND" in message:
            message += "; `lcacore --help` shows the commands"
        super().error(message)


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}; give a whole number from 1")
    return int(text)


def _cores() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 4)


def _root() -> Path:
    from .store import project_root

    try:
        return project_root()
    except ValueError as error:
        raise UsageError(str(error)) from None


def _usage(call: Callable, *args, **kwargs):
    """`call(...)`, its ValueError (an unknown name, profile or page) being a usage error."""
    try:
        return call(*args, **kwargs)
    except ValueError as error:
        raise UsageError(str(error)) from None


# --- list, status ----------------------------------------------------------------------------------

def _list(options) -> None:
    from .pages import NotApplicable, page_parameters, profiles, select_pages, settings

    root = _root()
    pages = _usage(select_pages, root, options.ids or ["all"])
    rows, reasons = [], []
    for page in pages:
        runs = []
        for name in profiles(root):
            try:
                _usage(settings, root, page, name)
                runs.append(name)
            except NotApplicable as reason:
                reasons.append(f"{page.id} is not applicable in profile {name}: {reason}")
        rows.append((page.id, page.title, " ".join(runs)))
    print(_table(("page", "title", "profiles"), rows))
    if reasons and options.ids:
        print("\n" + "\n".join(reasons))
    if len(pages) == 1 and options.ids:
        rows = [(name, repr(value)) for name, value in _usage(page_parameters, pages[0]).items()]
        print("\n" + _table(("parameter", "default"), rows))
        print(f"\nlcacore run {pages[0].id} -p {rows[0][0]}=…" if rows else "")


def _status(options) -> None:
    from .pages import NotApplicable, all_pages, plan, read_outcome, state_of
    from .pages.book import verdicts
    from .pages.running import read_result

    root = _root()
    rows, total, count = [], 0.0, {}
    for page in all_pages(root):
        try:
            job = _usage(plan, root, page, options.profile)
        except NotApplicable as reason:
            rows.append((page.id, "not applicable", "", "", "", "", str(reason)))
            continue
        state, last = state_of(job), read_outcome(job)
        total += last.seconds if last else 0
        claims = verdicts(read_result(job))
        count = {name: count.get(name, 0) + n for name, n in claims.items()}
        shown = [str(n) if state in ("fresh", "stale") else "" for n in claims.values()]
        rows.append((page.id, state, f"{last.seconds:.1f}" if last else "", *shown, last.error.splitlines()[0] if last and last.error else ""))
    rows.append(("all", "", f"{total:.1f}", *map(str, count.values()), "") if count else ("all", "", "", "", "", "", ""))
    print(_table(("page", "state", "seconds", "hold", "do not", "n.a.", ""), rows, right=(2, 3, 4, 5)))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]

    def line(row):
        return "  ".join(text.rjust(w) if i in right else text.ljust(w) for i, (text, w) in enumerate(zip(row, widths, strict=True))).rstrip()

    return "\n".join([line(head), line(["-" * w for w in widths]), *map(line, rows)])


# --- run, book, reference --------------------------------------------------------------------------

def _parameters(given: Sequence[str]) -> dict:
    found = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals or not name.strip().isidentifier():
            raise UsageError(f"-p {item!r}: give name=value, for example -p seeds=[0,1]")
        try:
            found[name.strip()] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise UsageError(f"-p {item!r}: the value is no YAML ({error})") from None
    return found


def _run(options) -> int:
    from .pages import NotApplicable, plan, select_pages, state_of

    root = _root()
    overrides = _parameters(options.parameters)
    if options.record and overrides:
        raise UsageError("--record keeps a profile's own results; leave out -p, or change the profile's file in notebooks/params")
    if options.record and options.profile == "mini":
        raise UsageError("--record is for the other profiles; profile mini's results are kept in the notebooks by `lcacore reference`")
    jobs, skipped = [], 0
    for page in _usage(select_pages, root, options.ids):
        try:
            jobs.append(_usage(plan, root, page, options.profile, overrides))
        except NotApplicable as reason:
            skipped += 1
            print(f"{page.id} is not applicable in profile {options.profile}: {reason}")
    todo = [job for job in jobs if options.fresh or state_of(job) != "fresh"]
    failed = _run_all(root, todo, options.jobs)
    good = [job for job in jobs if job.page.id not in {f.id for f in failed}]
    if options.record:
        from .pages.recording import record

        for job in good:
            print(f"recorded {record(root, job).relative_to(root)}")
    _summary(root, good, {job.page.id for job in todo})
    if len(good) == len(jobs) == 1 and (overrides or options.profile != "mini"):
        _own_page(root, good[0])
    return _report_failures(failed)


def _own_page(root: Path, job) -> None:
    """Show a run that is not the book's as a page of its own."""
    from .pages import build_book

    folder = root / "_build" / "own" / job.profile / f"{job.page.paper}-{job.output.stem.replace('@', '-')}"
    try:
        first = build_book(root, [job], folder)
    except RuntimeError as error:
        raise Failed(str(error)) from None
    print(f"Open its page:\n  {(first.parent / 'notebooks' / f'{job.page.id}.html').as_uri()}")


def _run_all(root: Path, jobs: Sequence, workers: int) -> list:
    """Run jobs under a progress bar; returns the outcomes that failed."""
    from tqdm import tqdm

    from .pages import run_jobs

    failed = []
    if not jobs:
        return failed
    with tqdm(total=len(jobs), desc="notebooks", unit="page", file=sys.stderr, dynamic_ncols=True, mininterval=1) as bar:
        bar.refresh()

        def done(job, outcome):
            if outcome.status == "failed":
                failed.append(outcome)
                tqdm.write(f"FAILED  {outcome.id}: {outcome.error.splitlines()[0]}", file=sys.stderr)
            bar.set_postfix_str(f"{outcome.id} {outcome.seconds:.0f} s", refresh=False)
            bar.update()

        run_jobs(jobs, workers=workers, done=done)
    return failed


def _summary(root: Path, jobs: Sequence, ran: set[str]) -> None:
    from .pages import read_outcome
    from .pages.book import verdicts
    from .pages.running import read_result

    if not jobs:
        return
    rows = []
    for job in jobs:
        claims = verdicts(read_result(job))
        last = read_outcome(job)
        rows.append((job.page.id, f"{last.seconds:.1f}" if job.page.id in ran else "fresh", *map(str, claims.values()), str(job.output.relative_to(root))))
    print(_table(("page", "seconds", "hold", "do not", "n.a.", "executed notebook"), rows, right=(1, 2, 3, 4)))


def _report_failures(failed: Sequence) -> int:
    for outcome in failed:
        rule = "-" * 100
        print(f"\n{rule}\nnotebooks/{outcome.id}.ipynb failed in profile {outcome.profile} after {outcome.seconds:.0f} s\n{rule}\n{outcome.error}", file=sys.stderr)
    if failed:
        print(f"\nlcacore: {len(failed)} notebook(s) failed: {', '.join(o.id for o in failed)}", file=sys.stderr)
    return 1 if failed else 0


def _book(options) -> int:
    from .pages import NotApplicable, all_pages, build_book, plan, state_of
    from .pages.book import forget_page

    root, start = _root(), time.perf_counter()
    jobs = []
    for page in all_pages(root):
        try:
            jobs.append(_usage(plan, root, page))
        except NotApplicable as reason:
            print(f"{page.id} is not in this book: {reason}")
    todo = [job for job in jobs if state_of(job) != "fresh"]
    print(f"notebooks: {len(todo)} of {len(jobs)} to run" + (f" on {options.jobs} processes" if todo else ", nothing changed"))
    failed = _run_all(root, todo, options.jobs)
    if failed:
        for outcome in failed:
            forget_page(root, outcome.id)
        code = _report_failures(failed)
        print("lcacore: no book was built", file=sys.stderr)
        return code
    ran = time.perf_counter() - start
    print(f"book: building {len(jobs)} pages with warnings as errors", flush=True)
    try:
        first = build_book(root, jobs)
    except RuntimeError as error:
        raise Failed(str(error)) from None
    print(f"book: done in {time.perf_counter() - start:.0f} s (notebooks {ran:.0f} s). Open it:\n  {first.as_uri()}")
    return 0


def _reference(options) -> None:
    from .pages import refresh_references, select_pages

    root = _root()
    changed = _usage(refresh_references, root, _usage(select_pages, root, options.ids))
    for page in changed:
        print(f"renewed {page.source.relative_to(root)}")
    print(f"{len(changed)} reference(s) changed")


# --- zoo -------------------------------------------------------------------------------------------

def _zoo(options) -> int:
    from .zoo import commands

    def note(text, last=True):
        """On a terminal a line that the next one overwrites, unless it is the last."""
        print(text, file=sys.stderr, end="\n" if last or not sys.stderr.isatty() else "\r", flush=True)

    try:
        _usage(getattr(commands, options.what), options, lambda *table: print(_table(*table)), lambda text: print(text, flush=True), note)
    except RuntimeError as error:
        raise Failed(str(error)) from None
    return 0


if __name__ == "__main__":
    sys.exit(main())
