"""The benchmarks' own machinery, at sizes that take no time."""

from benchmarks import scale


def test_every_job_of_the_scale_is_timed_and_weighed():
    found = scale.measure(600, 12, 44)
    assert len(found) == 8 and all(set(cost) == {"seconds", "mib"} and cost["seconds"] > 0 and cost["mib"] >= 0 for cost in found.values())
