"""Run the notebooks and build the book from them.

notebooks   the pages there are, their parameters and profiles
running     a notebook through papermill, in a pool of processes, when something it depends on changed
reference   the outputs kept in the repository, for nbval
book        assemble the executed notebooks and the prose, build them with Jupyter Book
links       what a built book must not have: broken links, things loaded from the network
"""

from .book import build_book
from .notebooks import NotApplicable, Page, all_pages, page_parameters, profiles, select_pages, settings
from .reference import refresh_references
from .running import Job, Outcome, plan, read_outcome, run_jobs, state_of

__all__ = [
    "Job", "NotApplicable", "Outcome", "Page", "all_pages", "build_book", "page_parameters", "plan", "profiles",
    "read_outcome", "refresh_references", "run_jobs", "select_pages", "settings", "state_of",
]
