"""What a Spanish verb is said with: its voice, its subject, and its arguments as clitics or phrases, by frame and government."""

from __future__ import annotations

from ..engine import Leaf, Trace
from ..meaning import Clause, Quality, Relation, Thing
from . import words as lexicon
from .base import HUMAN, Agreement, features
from .closed import BY_VERB, TO_ONESELF
from .verbs import Plan, VerbGroups

IMPERSONAL = Agreement("Plur", 3, "Masc", "role")


class Arguments(VerbGroups):
    """The verb of a clause with its subject and its arguments."""

    # --- the verb and its arguments ---

    def choose(self, clause: Clause, plain: bool) -> lexicon.Verb:
        """A verb for the sense; `plain`: none whose subject would be another than the clause's."""
        entries = lexicon.lookup(lexicon.verbs(), clause.sense, "verb")
        if clause.frame == "light" and clause.object is not None:
            light = lexicon.lookup(lexicon.nouns(), (clause.object.concept, clause.object.cls), "noun")[0].light
            return lexicon.Verb(light) if light else entries[0]
        if plain:
            entries = tuple(e for e in entries if not e.experiencer) or entries
        if clause.passive:
            entries = tuple(e for e in entries if not e.governs and not e.pronominal) or entries
        return self.pick(entries)

    def plan(self, clause: Clause, controller: Agreement | None) -> Plan:
        """The verb, its voice, its subject, and its arguments as clitics or phrases."""
        plain = controller is not None or bool(clause.gap) or clause.subject is None or (clause.object is not None and clause.object.kind == "pronoun" and clause.object.person < 3)
        verb = self.choose(clause, plain)
        if verb.experiencer:
            return self.experience(clause, verb)
        direct = not verb.control and verb.governs in ("", "-") and not verb.pronominal and clause.frame in ("trans", "ditr", "tpart", "put")
        if clause.passive and direct and not self.rather_active(clause):
            return self.passive(clause, verb, controller)
        if clause.gap == "subject" or (clause.subject is None and controller is not None and not (clause.passive and clause.gap)):
            plan = Plan(verb, controller)
        elif clause.subject is None:
            plan = Plan(verb, IMPERSONAL)
        else:
            plan = Plan(verb, *self.subject(clause.subject))
            plan.subject_negative = clause.subject.determiner == "no"
        if verb.pronominal:
            plan.clitics.append((self.reflexive(plan.agreement), "expl:pv"))
        if verb.rest:
            head, _, noun = verb.rest.rpartition("_")
            word = Leaf(noun, noun, "NOUN", "NCFS" if noun == "cuenta" else "NCMS", features(f"Gender={'Fem' if noun == 'cuenta' else 'Masc'} Number=Sing"), "CON")
            plan.behind.append((self.framed(word, [], head, []), "PP" if head else "NP", "obl" if head else "obj"))
        self.arguments(clause, plan)
        return plan

    def rather_active(self, clause: Clause) -> bool:
        """Whether a passive is said in the active: lo escribió Ana, llamaron a Juan. Spanish likes it better, most of all in the imperfect."""
        thing = clause.object
        if clause.gap or thing is None or thing.determiner == "no":
            return False
        if clause.progressive and clause.subject is not None:
            return self.chance(0.9)
        going_on = clause.tense in ("imp", "pres") and not clause.perfect
        if clause.subject is not None:
            return self.chance(0.6 if going_on else 0.25)
        return self.agreement_of(thing).human and self.chance(0.6 if going_on else 0.35)

    def subject(self, thing: Thing) -> tuple[Agreement, object]:
        """(agreement, node or None where it is left out)."""
        if thing.kind == "pronoun" and thing.beside is None:
            agreement = self.agreement_of(thing)
            said = thing.cls in HUMAN and self.chance(0.14)
            return agreement, self.said_pronoun(thing, agreement) if said else None
        phrase = self.noun_phrase(thing, "", "subject")
        return phrase.agreement, phrase.node

    def said_pronoun(self, thing: Thing, agreement: Agreement):
        return self.pronoun(Thing("pronoun", cls=thing.cls, number=thing.number, person=thing.person, gender=agreement.gender)).node

    def passive(self, clause: Clause, verb: lexicon.Verb, controller: Agreement | None) -> Plan:
        """se vendió la casa; la casa fue vendida por María."""
        if clause.gap == "object" or clause.object is None:
            agreement, node = controller or IMPERSONAL, None
        else:
            agreement, node = self.subject(clause.object)
        se = clause.subject is None and not agreement.human and agreement.cls != "animal" and agreement.person == 3 and (self.random is None or self.chance(1.0 if clause.progressive else 0.75))
        plan = Plan(verb, agreement, node, passive="se" if se else "ser")
        plan.subject_negative = clause.object is not None and clause.object.determiner == "no" and not clause.gap
        if se:
            plan.clitics.append(("se", "expl:pass"))
        if clause.recipient is not None:
            self.indirect(plan, clause.recipient, doubled=self.chance(0.5))
        if clause.frame == "put" and clause.oblique is not None:
            self.oblique(plan, self.preposition_for(clause.oblique.concept, clause.oblique.thing), clause.oblique.thing)
        if clause.subject is not None:
            agent = self.noun_phrase(clause.subject, "por", "other")
            self.negative = self.negative or agent.negative
            plan.behind.append((agent.node, "PP", "obl:agent"))
        return plan

    def experience(self, clause: Clause, verb: lexicon.Verb) -> Plan:
        """A María le gusta el vino: who feels is the indirect object, what is felt the subject."""
        if clause.complement is not None:
            plan = Plan(verb, Agreement())
            plan.behind.append((self.infinitive(clause.complement, self.agreement_of(clause.subject)), "S[b]\\NP", "csubj"))
        else:
            agreement, node = self.subject(clause.object)
            plan = Plan(verb, agreement)
            if node is not None:
                plan.behind.append((node, "NP", "nsubj"))
        thing = clause.subject
        if thing.kind == "pronoun" and thing.beside is None:
            plan.clitics.append((self.object_clitic(self.agreement_of(thing), True), "iobj"))
            if self.chance(0.2):  # a mí me gusta
                plan.subject = self.pronoun(thing, "a").node
        else:
            phrase = self.noun_phrase(thing, "a", "subject")
            plan.clitics.append(("le" if phrase.agreement.number == "Sing" else "les", "iobj"))
            plan.subject, plan.subject_negative = phrase.node, thing.determiner == "no"
        return plan

    def arguments(self, clause: Clause, plan: Plan) -> None:
        verb, frame = plan.verb, clause.frame
        if frame in ("trans", "tpart", "put", "light", "ditr") and clause.object is not None and clause.gap != "object":
            self.object(plan, clause.object, clause)
        elif clause.gap == "object" and frame != "objto":
            plan.behind.append((Trace(), "NP", "obj"))
        if frame == "ditr" and clause.recipient is not None:
            self.indirect(plan, clause.recipient)
        if frame in ("obl", "put") and clause.oblique is not None and clause.gap != "oblique":
            relation = clause.oblique
            if verb.governs == "-":
                self.object(plan, relation.thing, clause)
            else:
                preposition = BY_VERB.get((verb.lemma, relation.concept), (verb.governs if frame == "obl" else "",))[0]
                self.oblique(plan, preposition or self.preposition_for(relation.concept, relation.thing), relation.thing)
        if clause.complement is not None:
            self.complements(clause, plan)
        if clause.predicate is not None:
            self.predicate(clause, plan)

    def object(self, plan: Plan, thing: Thing, clause: Clause) -> None:
        verb = plan.verb
        if verb.governs not in ("", "-"):
            self.oblique(plan, verb.governs, thing)
            return
        if thing.kind == "pronoun" and thing.beside is None:
            agreement = self.agreement_of(thing)
            same = (agreement.person, agreement.number) == (plan.agreement.person, plan.agreement.number)
            plan.clitics.append((self.object_clitic(agreement, False), "obj") if not (same and agreement.person < 3) else (self.reflexive(agreement), "obj"))
            return
        if thing.determiner == "owner" and self.own(thing, plan.agreement) and (thing.cls == "body" or verb.pronominal):
            # one's own body and clothes: se lavó las manos, levantó la mano
            if verb.lemma in TO_ONESELF and not verb.pronominal:
                plan.clitics.append((self.reflexive(plan.agreement), "expl:pv"))
            thing = Thing(**{**thing.__dict__, "determiner": "the", "owner": None})
        personal = self.personal(thing, verb, clause)
        phrase = self.noun_phrase(thing, "a" if personal else "", "object")
        self.negative = self.negative or phrase.negative
        plan.behind.append((phrase.node, "PP" if personal else "NP", "obj"))

    def counted(self, thing: Thing) -> Agreement:
        """Person, number and sex of a thing, without its words."""
        if thing.kind == "pronoun" and thing.beside is None:
            return self.agreement_of(thing)
        plural = thing.number == "Plur" or (thing.beside is not None and thing.beside[0] == "and")
        return Agreement("Plur" if plural else "Sing", 3, thing.gender or "Masc", thing.cls or "role")

    def own(self, thing: Thing, agreement: Agreement) -> bool:
        owner = thing.owner
        if owner is None or owner.kind != "pronoun" or (owner.person, owner.number) != (agreement.person, agreement.number):
            return False
        return owner.person < 3 or owner.gender in ("", agreement.gender)

    def personal(self, thing: Thing, verb: lexicon.Verb, clause: Clause) -> bool:
        """Whether a direct object takes the personal a: who is known as a person, and animals among themselves."""
        if thing.kind == "person":
            return True
        if thing.kind != "noun" or verb.lemma == "tener" or (thing.determiner == "" and not thing.count):
            return False
        if thing.cls == "role":
            return True
        definite = thing.determiner in ("the", "this", "that", "owner", "both", "all")
        return thing.cls == "animal" and ((definite and self.chance(0.6)) or "-animal-" in clause.sense)

    def indirect(self, plan: Plan, thing: Thing, doubled: bool = True) -> None:
        """An indirect object, doubled by a clitic: le dio el libro a María."""
        if thing.kind == "pronoun" and thing.beside is None:
            plan.clitics.append((self.object_clitic(self.agreement_of(thing), True), "iobj"))
            if thing.cls in HUMAN and self.chance(0.08):  # le dio el libro a ella
                plan.behind.append((self.pronoun(thing, "a").node, "PP", "iobj"))
            return
        phrase = self.noun_phrase(thing, "a", "other")
        self.negative = self.negative or phrase.negative
        plan.behind.append((phrase.node, "PP", "iobj"))
        if doubled:
            plan.clitics.append(("le" if phrase.agreement.number == "Sing" else "les", "iobj"))

    def oblique(self, plan: Plan, preposition: str, thing: Thing) -> None:
        human = thing.cls in HUMAN or thing.kind == "person"
        if preposition == "a" and human and not plan.verb.pronominal:
            self.indirect(plan, thing)
            return
        phrase = self.noun_phrase(thing, preposition, "other")
        self.negative = self.negative or (phrase.negative and preposition != "sin")
        plan.behind.append((phrase.node, "PP", "obl"))

    def predicate(self, clause: Clause, plan: Plan) -> None:
        said, agreement = clause.predicate, plan.agreement
        if type(said) is Quality:
            node, category = self.predicative(said, agreement), "S[adj]\\NP" if "_" not in self.adjective(said).lemma else "PP"
            copula = self.adjective(said).copula
        elif type(said) is Relation:
            node, category = self.related(said), "PP"
            copula = "ser" if agreement.cls in ("event", "contest", "disaster") else "estar"
        else:
            # es maestra: the predicate is of the subject's sex where it says none
            if said.kind == "noun" and not said.gender and agreement.human:
                said = Thing(**{**said.__dict__, "gender": agreement.gender})
            phrase = self.noun_phrase(said, "", "predicate")
            self.negative = self.negative or phrase.negative
            node, category, copula = phrase.node, "NP", "ser"
        if clause.frame == "be":
            plan.verb = lexicon.Verb(copula)
            plan.predicate = (node, category)
        else:
            plan.behind.append((node, category, "xcomp"))

    def complements(self, clause: Clause, plan: Plan) -> None:
        raise NotImplementedError

    def infinitive(self, inner: Clause, controller: Agreement, form: str = "inf"):
        raise NotImplementedError
