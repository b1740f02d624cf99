"""German: every concept has its word, words inflect as they should, sentences derive, agree and put their verbs in place."""

import os
import re
import subprocess
import sys
from itertools import islice, pairwise
from random import Random

import pytest
from trees import heads_of_tree

from lcacore import grammar
from lcacore.grammar import german
from lcacore.grammar.ccg import derives
from lcacore.grammar.english import words as english
from lcacore.grammar.german import words as lexicon
from lcacore.grammar.german.forms import compared, conjugate, noun_form, participle
from lcacore.grammar.meaning import Clause, Message, Quality, Relation, Thing, Time
from lcacore.grammar.messages import messages
from lcacore.types import fingerprint

HE, SHE = Thing("pronoun", cls="role", gender="Masc"), Thing("pronoun", cls="role", gender="Fem")
TEACHER = Thing("noun", "teacher", "role", determiner="the")
BOOK = Thing("noun", "book", "text", determiner="the")


def said(clause, **message):
    return " ".join(german.realise(Message(message.pop("kind", "statement"), clause, **message)).words)


def rows(sentence):
    feats = [dict(f.split("=") for f in fs.split("|") if "=" in f) for fs in sentence.layer("feats")]
    return list(zip(sentence.words, sentence.layer("xpos"), feats, [int(h) for h in sentence.layer("head")], sentence.layer("deprel"), strict=True))


@pytest.fixture(scope="module")
def sentences():
    return german.generate(900, "tests")


# --- words -----------------------------------------------------------------------------------------

def test_german_has_a_word_for_every_english_concept():
    for noun in english.nouns():
        assert lexicon.noun(noun.lemma, noun.cls).lemma
    for verb in english.verbs():
        assert lexicon.verb(verb.sense).lemma
    for cls, words in english.adjectives().items():
        assert all(lexicon.adjective(word.rstrip("!"), cls) for word in words)
    assert all(lexicon.adverb(word) for words in english.adverbs().values() for word in words)
    assert all(lexicon.name(word, cls) for cls, words in english.names().items() for word in words)
    for noun, firsts in english.compounds().items():
        cls = next(n.cls for n in english.nouns() if n.lemma == noun)
        assert all(lexicon.noun(noun, cls, first).lemma for first in firsts)
    for cls, participles in english.participles().items():
        assert all(lexicon.participle(verb, "past" if tag == "VBN" else "pres", cls) for verb, tag in participles)


def test_a_concept_that_is_lacking_is_named():
    with pytest.raises(ValueError, match="unicorn"):
        german.realise(Message("statement", Clause("sleep:intr-human|animal", Thing("noun", "unicorn", "animal", determiner="the"))))
    with pytest.raises(ValueError, match="yodel"):
        german.realise(Message("statement", Clause("yodel:intr-human", HE)))


@pytest.mark.parametrize(
    ("concept", "cls", "forms"),
    [("house", "place.in", "Haus Haus Haus Hauses Häuser Häusern"), ("student", "role", "Student Studenten Studenten Studenten Studenten Studenten"),
     ("name", "news", "Name Namen Namen Namens Namen Namen"), ("bus", "vehicle", "Bus Bus Bus Busses Busse Bussen"), ("city", "place.in", "Stadt Stadt Stadt Stadt Städte Städten"),
     ("garden", "place.in", "Garten Garten Garten Gartens Gärten Gärten"), ("museum", "place.in", "Museum Museum Museum Museums Museen Museen"),
     ("desk", "thing", "Schreibtisch Schreibtisch Schreibtisch Schreibtisches Schreibtische Schreibtischen"), ("car", "vehicle", "Auto Auto Auto Autos Autos Autos")],
)
def test_noun_forms(concept, cls, forms):
    noun = lexicon.noun(concept, cls)
    got = [noun_form(noun, "Sing", case) for case in ("Nom", "Acc", "Dat", "Gen")] + [noun_form(noun, "Plur", case) for case in ("Nom", "Dat")]
    assert got == forms.split()


def test_compounds_link_their_parts_and_women_have_their_nouns():
    assert [lexicon.noun(*c).lemma for c in (("book", "text", "school"), ("table", "surface", "kitchen"), ("song", "text", "love"), ("player", "role", "football"))] == ["Schulbuch", "Küchentisch", "Liebeslied", "Fußballspieler"]
    women = [lexicon.feminine(lexicon.noun(w, "role")) for w in ("teacher", "doctor", "dentist", "customer", "victim", "mother")]
    assert [w.lemma for w in women] == ["Lehrerin", "Ärztin", "Zahnärztin", "Kundin", "Opfer", "Mutter"] and women[0].plural == "Lehrerinnen"


@pytest.mark.parametrize(
    ("entry", "forms"),
    [("lesen", "lese liest liest lesen lest lesen las last gelesen lies läse"), ("auf|stehen", "stehe stehst steht stehen steht stehen stand standet aufgestanden steh stünde"),
     ("arbeiten", "arbeite arbeitest arbeitet arbeiten arbeitet arbeiten arbeitete arbeitetet gearbeitet arbeite arbeitete"), ("halten", "halte hältst hält halten haltet halten hielt hieltet gehalten halte hielte"),
     ("lächeln", "lächle lächelst lächelt lächeln lächelt lächeln lächelte lächeltet gelächelt lächle lächelte"), ("vor|bereiten", "bereite bereitest bereitet bereiten bereitet bereiten bereitete bereitetet vorbereitet bereite bereitete"),
     ("vergessen", "vergesse vergisst vergisst vergessen vergesst vergessen vergaß vergaßt vergessen vergiss vergäße"), ("reparieren", "repariere reparierst repariert reparieren repariert reparieren reparierte repariertet repariert repariere reparierte"),
     ("werden", "werde wirst wird werden werdet werden wurde wurdet geworden werde würde"), ("öffnen", "öffne öffnest öffnet öffnen öffnet öffnen öffnete öffnetet geöffnet öffne öffnete")],
)
def test_verb_forms(entry, forms):
    v = lexicon.entry_verb(entry)

    def form(mood, tense, person, number):
        return conjugate(v.lemma, v.base, mood, tense, person, number)

    got = [form("Ind", "Pres", p, n) for n in ("Sing", "Plur") for p in (1, 2, 3)] + [form("Ind", "Past", 3, "Sing"), form("Ind", "Past", 2, "Plur")]
    got += [participle(v.lemma, v.prefix, v.base), form("Imp", "Pres", 2, "Sing"), form("Sub", "Past", 3, "Sing")]
    assert got == forms.split()


def test_degrees():
    assert [compared(a, "Cmp") for a in ("alt", "gut", "hoch", "teuer", "dunkel", "müde", "klar")] == ["älter", "besser", "höher", "teurer", "dunkler", "müder", "klarer"]
    assert [compared(a, "Sup") for a in ("alt", "groß", "kalt", "frisch", "schnell", "wütend", "modisch", "neu")] == ["ältest", "größt", "kältest", "frischest", "schnellst", "wütendst", "modischst", "neuest"]


# --- sentences from messages written by hand --------------------------------------------------------

def test_verbs_stand_second_first_and_last():
    read = Clause("read:trans-human-text", SHE, BOOK, tense="past", time=Time("adverb", "yesterday"))
    assert said(read) == "Sie las gestern das Buch ."
    assert said(read, time_first=True) == "Gestern las sie das Buch ."
    assert said(read, kind="question") == "Las sie gestern das Buch ?"
    rise = Clause("get:part-human-up", HE, tense="pres")
    assert said(rise) == "Er steht auf ."
    assert said(Clause("know:that-human", SHE, complement=rise, tense="pres")) == "Sie weiß , dass er aufsteht ."
    assert said(Clause("try:to-human|org", SHE, complement=Clause("get:part-human-up", tense="pres"), tense="past")) == "Sie versuchte , aufzustehen ."
    assert said(rise, linked=("because", Clause("be:be-human", HE, predicate=Quality("hungry"), tense="pres")), linked_first=True) == "Weil er hungrig ist , steht er auf ."
    assert said(Clause("get:part-human-up"), kind="command") == "Steh auf !"
    assert said(Clause("get:part-human-up"), kind="command", formal=True) == "Stehen Sie auf !"


def test_tenses_moods_and_voices():
    def way(**changes):
        return said(Clause("read:trans-human-text", TEACHER, BOOK, **changes))

    assert way(tense="past", perfect=True) == "Der Lehrer hatte das Buch gelesen ."
    assert way(tense="fut") == "Der Lehrer wird das Buch lesen ."
    assert way(tense="pres", modal="would") == "Der Lehrer würde das Buch lesen ."
    assert way(tense="pres", modal="would", perfect=True) == "Der Lehrer hätte das Buch gelesen ."
    assert way(tense="past", passive=True, perfect=True) == "Das Buch war vom Lehrer gelesen worden ."
    assert way(tense="pres", modal="must") == "Der Lehrer muss das Buch lesen ."
    went = Clause("go:obl-human|animal-place-to", SHE, oblique=Relation("to", Thing("noun", "station", "place.at", determiner="the")), tense="pres", perfect=True)
    assert said(went) == "Sie ist zum Bahnhof gegangen ."
    tired = Clause("be:be-human", HE, predicate=Quality("tired"), tense="past", mood="Sub")
    assert said(Clause("say:that-human", SHE, complement=tired, tense="past")) == "Sie sagte , dass er müde sei ."
    assert said(Clause("sleep:intr-human|animal", HE, tense="pres", modal="would"), linked=("if", tired)) == "Er würde schlafen , wenn er müde wäre ."


def test_government_negation_and_what_german_says_otherwise():
    assert said(Clause("help:trans-human-human", SHE, TEACHER, tense="pres")) == "Sie hilft dem Lehrer ."
    assert said(Clause("help:trans-human-human", SHE, TEACHER, tense="past", passive=True)) == "Sie half dem Lehrer ."  # a dative becomes no subject
    assert said(Clause("wait:obl-human-human|event-for", SHE, oblique=Relation("for", TEACHER), tense="pres", negated=True)) == "Sie wartet nicht auf den Lehrer ."
    it = Thing("pronoun", cls="event")
    assert said(Clause("wait:obl-human-human|event-for", SHE, oblique=Relation("for", it), tense="pres")) == "Sie wartet darauf ."
    assert said(Clause("read:trans-human-text", SHE, Thing("noun", "book", "text", determiner="a"), tense="pres", negated=True)) == "Sie liest kein Buch ."
    assert said(Clause("read:trans-human-text", SHE, BOOK, tense="pres", negated=True)) == "Sie liest das Buch nicht ."
    sing = Clause("sing:intr-human", tense="pres")
    assert said(Clause("like:to-human|org", SHE, complement=sing, tense="pres")) == "Sie singt gern ."
    assert said(Clause("want:to-human|org", SHE, complement=sing, tense="past")) == "Sie wollte singen ."
    assert said(Clause("be:be-human", SHE, predicate=Thing("noun", "teacher", "role", determiner="a"), tense="pres")) == "Sie ist Lehrerin ."
    assert said(Clause("give:ditr-human-human-thing|money|text|food", SHE, BOOK, recipient=Thing("noun", "child", "role", number="Plur", determiner="the"), tense="past")) == "Sie gab den Kindern das Buch ."


def test_noun_phrases_in_their_cases():
    def seen(**changes):
        return said(Clause("see:trans-human-human", HE, Thing(**{"kind": "noun", "concept": "teacher", "cls": "role", **changes}), tense="past")).removeprefix("Er sah ")

    old = (Quality("old"),)
    assert seen(determiner="the", qualities=old) == "den alten Lehrer ."
    assert seen(determiner="a", qualities=old) == "einen alten Lehrer ."
    assert seen(determiner="", number="Plur", qualities=old) == "alte Lehrer ."
    assert seen(determiner="the", gender="Fem", qualities=(Quality("young", "Sup"),)) == "die jüngste Lehrerin ."
    assert seen(concept="prisoner", determiner="a") == "einen Gefangenen ."
    assert seen(concept="boy", determiner="owner", owner=Thing("noun", "judge", "role", determiner="the")) == "den Jungen des Richters ."
    assert seen(concept="friend", determiner="owner", owner=Thing("person", cls="role", first="Mary", gender="Fem")) == "den Freund von Mary ."
    slept = Clause("sleep:intr-human|animal", tense="past", gap="subject")
    helped = Clause("help:trans-human-human", SHE, tense="past", gap="object")
    assert seen(determiner="the", relative=slept) == "den Lehrer , der schlief ."
    assert seen(determiner="the", number="Plur", relative=helped) == "die Lehrer , denen sie half ."


# --- sentences drawn -------------------------------------------------------------------------------

def test_every_sentence_derives_its_category(sentences):
    assert [s.words for s in sentences if not derives(s.layer("ccg"), s.category)] == []


def test_neutral_sentences_derive_too():
    for message in islice(messages("neutral", "plain"), 300):
        sentence = german.realise(message)
        assert sentence.words == german.realise(message).words
        assert derives(sentence.layer("ccg"), sentence.category), sentence


def test_words_in_another_order_do_not_derive(sentences):
    shuffler, underived = Random(0), 0
    for s in sentences[:200]:
        mixed = list(s.layer("ccg"))
        shuffler.shuffle(mixed)
        underived += not derives(mixed, s.category)
    assert underived > 175


def test_dependencies_are_trees_with_one_root(sentences):
    for s in sentences:
        heads_of_tree(s)


def test_determiners_and_adjectives_agree_with_their_noun(sentences):
    checked = 0
    for s in sentences:
        table = rows(s)
        for word, xpos, feats, head, relation in table:
            noun = table[head - 1]
            if relation.split(":")[0] in ("det", "amod") and xpos in ("ART", "PPOSAT", "PDAT", "ADJA", "PIAT") and noun[1] == "NN" and "Case" in feats:
                assert [feats[name] for name in ("Case", "Gender", "Number")] == [noun[2][name] for name in ("Case", "Gender", "Number")], (word, s)
                checked += 1
    assert checked > 800


def test_subjects_are_nominative_and_agree_with_the_finite_verb(sentences):
    checked = 0
    for s in sentences:
        table = rows(s)
        for i, (word, _, feats, head, relation) in enumerate(table, 1):
            if not relation.startswith("nsubj") or "Case" not in feats or any(r[3] == i and r[4] == "conj" for r in table):
                continue
            assert feats["Case"] == "Nom", (word, s)
            finite = [r for r in [table[head - 1], *(r for r in table if r[3] == head and r[4].startswith(("aux", "cop")))] if r[2].get("VerbForm") == "Fin"]
            assert len(finite) <= 1, s
            if finite and finite[0][2]["Mood"] != "Imp":
                assert finite[0][2]["Number"] == feats["Number"], s
                assert finite[0][2]["Person"] == feats.get("Person", "3"), s
                checked += 1
    assert checked > 700


def test_prepositions_govern_their_case(sentences):
    cases = {"mit": "Dat", "von": "Dat", "aus": "Dat", "bei": "Dat", "nach": "Dat", "zu": "Dat", "für": "Acc", "ohne": "Acc", "durch": "Acc", "um": "Acc", "während": "Gen"}
    checked = 0
    for s in sentences:
        table = rows(s)
        for word, xpos, _, head, relation in table:
            if relation == "case" and xpos in ("APPR", "APPRART") and word.lower() in cases and "Case" in table[head - 1][2]:
                assert table[head - 1][2]["Case"] == cases[word.lower()], (word, s)
                checked += 1
    assert checked > 150


def test_nouns_have_capitals_and_commas_stand_alone(sentences):
    for s in sentences:
        for word, xpos in zip(s.words, s.layer("xpos"), strict=True):
            assert xpos not in ("NN", "NE") or word[0].isupper() or word == "Dr.", s
        assert not any(a == "," and b in ",.?!" for a, b in pairwise(s.words)), s
        assert not {"zu dem", "zu der", "in dem", "von dem", "an dem", "bei dem"} & {f"{a} {b}" for (a, x), (b, y) in pairwise(zip(s.words, s.layer("xpos"), strict=True)) if y == "ART"}, s


def test_a_separable_verb_leaves_its_prefix_at_the_end_or_joins_it(sentences):
    apart = together = 0
    for s in sentences:
        for word, xpos, lemma in zip(s.words, s.layer("xpos"), s.layer("lemma"), strict=True):
            apart += xpos == "PTKVZ"
            if xpos == "VVIZU":
                assert re.search(r"\wzu\w", word) and word.replace("zu", "", 1).replace("zu", "") in (lemma, lemma.replace("zu", "")), word
                together += 1
    assert apart > 40 and together > 5


def test_no_english_leaks_and_the_tags_are_german(sentences):
    words = {w.lower() for s in sentences for w in s.words}
    assert not words & {"the", "of", "and", "house", "teacher", "with", "because", "was not", "is", "school"}
    tags = {t for s in sentences for t in s.layer("xpos")}
    stts = "NN NE ART ADJA ADJD ADV APPR APPRART CARD ITJ KON KOUS KOUI KOKOM PPER PRF PPOSAT PDAT PDS PIAT PIS PRELS PWS PWAT PWAV PROAV PTKNEG PTKVZ PTKZU PTKA VVFIN VVINF VVIZU VVPP VVIMP VAFIN VAINF VAPP VAIMP VMFIN VMINF VMPP $. $,"
    assert tags <= set(stts.split())
    universal = {"NN": "NOUN", "NE": "PROPN", "ADJA": "ADJ", "PTKVZ": "ADP", "KOUS": "SCONJ", "$,": "PUNCT"}
    for s in sentences:
        assert all(universal.get(x, u) == u for x, u in zip(s.layer("xpos"), s.layer("upos"), strict=True))
        for feats in s.layer("feats"):
            names = [f.partition("=")[0] for f in feats.split("|")]
            assert feats == "_" or names == sorted(names, key=str.lower)


def test_both_pasts_and_all_moods_are_in_use(sentences):
    seen = [(f.get("Mood"), f.get("Tense"), x) for s in sentences for _, x, f, *_ in rows(s)]
    assert {m for m, *_ in seen} >= {"Ind", "Sub", "Imp"}
    assert {("Ind", "Past", "VVFIN"), ("Ind", "Pres", "VVFIN"), ("Sub", "Past", "VAFIN"), ("Sub", "Pres", "VAFIN")} <= set(seen)
    assert sum(x == "VVPP" for *_, x in seen) > 100


# --- as a language of the world ---------------------------------------------------------------------

def test_generation_does_not_depend_on_the_process():
    code = "from lcacore import grammar; from lcacore.types import fingerprint; print(fingerprint([[s.words, s.layer('ccg')] for s in grammar.generate('de', 80, seed=5)]))"
    here = fingerprint([[s.words, s.layer("ccg")] for s in grammar.generate("de", 80, seed=5)])
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "77"})
    assert other.stdout.strip() == here


def test_the_corpus_leaves_room_and_lacks_its_withheld_words():
    corpus = grammar.corpus("de")
    facts = grammar.statistics(corpus)
    assert facts["types"] > 3500 and 9 < facts["mean_length"] < 11.5 and facts["unseen"] < 0.06
    assert facts["baselines"]["xpos"] < 0.94 and facts["baselines"]["chunk"] < 0.90 and facts["baselines"]["deprel"] < 0.81
    train, test = (set(corpus.split(name).labels("lemma")) for name in ("train", "test"))
    assert german.withheld("text") < german.withheld("train")
    assert not train & german.withheld("train") and test & german.withheld("train")


def test_suffixes_are_endings_that_the_words_show(sentences):
    seen = {}
    for s in sentences:
        for word, xpos, suffix in zip(s.words, s.layer("xpos"), s.layer("suffix"), strict=True):
            assert not suffix or (suffix[0] == "-" and word.lower().endswith(suffix[1:])), (word, suffix)
            seen.setdefault(word, set()).add((xpos, suffix))
    known = {"begann": ("VVFIN", ""), "schien": ("VVFIN", ""), "hielt": ("VVFIN", ""), "redete": ("VVFIN", "-te"), "arbeitete": ("VVFIN", "-te"), "Lehrerin": ("NN", "-in"), "Kinder": ("NN", "-er"), "gesagt": ("VVPP", "-t")}
    assert all(label in seen[word] for word, label in known.items() if word in seen)


def test_german_and_english_say_the_same_in_parallel():
    for english_side, german_side in grammar.parallel(("en", "de"), size=60, seed=2):
        assert english_side.words[-1] == german_side.words[-1] or german_side.words[-1] == "!"
