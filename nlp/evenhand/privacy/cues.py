"""What stands beside names in case notes: titles, relations, labels, verbs. The words are in data/word-lists.toml."""

from __future__ import annotations

from evenhand.privacy.words import word_list

# Somebody's name comes right after these, whatever word it is.
TITLES = word_list("cues", "titles")
# The same, but these stand before other words too: "PC world", "sister reports", "judge ordered".
ROLES = word_list("cues", "roles")
# Somebody's name comes after these in whatever letters.
NAMING = word_list("cues", "naming")
CALLING = word_list("cues", "calling")
PRONOUNS = word_list("cues", "pronouns")
NAME_NOUNS = word_list("cues", "name_nouns")
# Beginnings of a line that a name follows after a colon.
LABELS = word_list("cues", "labels")
GREETINGS = word_list("cues", "greetings")
CLOSINGS = word_list("cues", "closings")
# What people do: right after a name.
VERBS = word_list("cues", "verbs")
# Somebody right after these.
BEFORE_PEOPLE = word_list("cues", "before_people")
# The same, and little else than people there.
TO_PEOPLE = word_list("cues", "to_people")
# Two words that somebody comes after.
DEALING = frozenset(
    (word, link)
    for link in ("to", "with", "by", "from", "for", "about")
    for word in word_list("cues", f"dealing_{link}")
)
# A place rather than a person right after these.
BEFORE_PLACES = word_list("cues", "before_places")
# What makes the word before them a place, a service, a law or a thing.
AFTER_THINGS = word_list("cues", "after_things")
# Of the words above, what is a surname too.
SURNAME_LIKE = word_list("cues", "surname_like")
# Parts of names that stand in small letters.
PARTICLES = word_list("cues", "particles")
# Months and days that are given names: only with a reason.
CALENDAR = word_list("cues", "calendar")
# Words that carry sentences: names never, unless a name stands right beside them.
FUNCTION_WORDS = word_list("cues", "function_words")
# What is a thing after a name in small letters too: "Down's syndrome", "Clare's law".
ALWAYS_THINGS = word_list("cues", "always_things")
# Verbs that no imperative or modal is: a word before them at the head of a sentence is what the sentence is about.
THIRD_PERSON = word_list("cues", "third_person")
# What goes on about somebody after a comma: "Hope, his twin".
APPOSITIONS = word_list("cues", "appositions")
# "The X family".
AFTER_FAMILY = word_list("cues", "after_family")
# After "Will" these tell that it is a name: no modal stands before them.
NEVER_AFTER_MODAL = word_list("cues", "never_after_modal")
# "He called" is a telephone call, "a boy called" gives a name.
CALLERS = word_list("cues", "callers")
# A place rather than somebody of the same name right after these.
TOWARDS_PLACES = BEFORE_PLACES | {"from", "to", "of"}
# What an explanation of slang ends in.
DRUGS = frozenset({
    "cocaine", "coke", "crack", "heroin", "ketamine", "ket", "mdma", "ecstasy", "meth", "crystal", "lsd", "acid",
    "cannabis", "weed", "amphetamine", "speed",
})  # fmt: skip
# What is somebody's right after a name whose apostrophe was left out: "jodies phone".
BELONGINGS = frozenset({
    "phone", "house", "place", "flat", "room", "bed", "bag", "file", "letter", "school", "class", "teacher",
    "birthday", "party", "stuff", "coat", "name", "car", "tea",
})  # fmt: skip
