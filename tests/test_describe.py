"""Tables about corpora: counted by hand on a corpus small enough to count."""

import pytest

from lcacore import describe


@pytest.fixture
def spec(tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "train.tsv").write_text("the\tD\nfish\tN\n\nfish\tN\nfish\tV\n\nwe\tP\n\n")
    (folder / "dev.tsv").write_text("we\tP\n\n")
    (folder / "test.tsv").write_text("we\tP\nfish\tV\n\nowls\tN\n\n")
    return f"tsv:{folder}"


def test_a_task_counts_sentences_tags_and_what_a_lookup_table_gets_right(spec):
    row = describe.tasks({"POS": f"{spec}#label"}).loc["POS"]
    assert row[["Train", "Dev", "Test", "Tags", "words"]].tolist() == [3, 1, 2, 4, 9]
    # we P is known; fish is most often N; owls is unseen and gets train's commonest label, N
    assert row.majority == pytest.approx(200 / 3) and row.commonest == pytest.approx(100 / 3) and row.unseen == pytest.approx(100 / 3)


def test_a_layer_that_is_not_there_is_named(spec):
    with pytest.raises(ValueError, match="label"):
        describe.tasks({"POS": f"{spec}#xpos"})


def test_parallel_sentences_stand_side_by_side():
    table = describe.side_by_side(["mini:parallel-en", "mini:parallel-de"], 3)
    assert table.shape == (3, 2) and not (table["mini:parallel-en"] == table["mini:parallel-de"]).any()


def test_corpora_are_described_in_a_row_each():
    table = describe.corpora(["mini:parallel-en"])
    assert table.loc["mini:parallel-en", "sentences"] == 3000 and 5 < table.loc["mini:parallel-en", "words a sentence"] < 15
