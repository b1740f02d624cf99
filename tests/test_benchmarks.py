"""The benchmarks' own machinery, at sizes that take no time."""

from benchmarks import common, scale
from lcacore import figures


def test_every_job_of_the_scale_is_timed_and_weighed():
    found = scale.measure(600, 12, 44)
    assert len(found) == 8 and all(set(cost) == {"seconds", "mib"} and cost["seconds"] > 0 and cost["mib"] >= 0 for cost in found.values())


def test_jobs_take_turns_and_the_first_round_is_not_timed():
    turns = []
    seconds, results = common.every_turn({name: lambda name=name: turns.append(name) or len(turns) for name in "ab"}, 3)
    assert "".join(turns) == "ababab" and results == {"a": [1, 3, 5], "b": [2, 4, 6]}
    assert [len(values) for values in seconds.values()] == [2, 2]


def test_each_job_of_the_plot_has_a_look_of_its_own_and_may_miss_an_axis():
    cost = {"size": [10, 100], "seconds": [0.1, 1.0], "mib": [2.0, 2.0]}
    shown = figures.cost_growth({"tokens": dict.fromkeys("abcdefgh", cost), "labels": {"b": cost}}).fig
    lines = [line for line in shown.axes[0].get_lines() if not line.get_label().startswith("_")]
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == len(lines) == 8
