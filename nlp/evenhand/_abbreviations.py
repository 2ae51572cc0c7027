"""Words that carry a full stop without ending a sentence, as closed lists; imports nothing.

Collected for English social care, school, health and police notes. Entries are lower-case and without their
last full stop. A word that ends a sentence as often as it is an abbreviation (sat, sun, may, wed, dec) is
left out on purpose.
"""

from __future__ import annotations


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Always followed by what they introduce, so they never end a sentence.
NEVER_LAST = _words("""
    mr mrs ms mx dr prof rev revd fr sr cllr sgt insp supt det dc ds di pc wpc lt capt col hon
    e.g eg i.e ie approx circa ca c cf viz vs v tel mob ext ref para paras pp p ss esp incl excl
    dept asst gen poss prob nos fao attn messrs mme
""")

# Units and short forms that may end a sentence: the next word's capital decides.
MAY_BE_LAST = _words("""
    a.m p.m am pm etc wk wks yr yrs hr hrs min mins mth mths mo mos mnth mnths sec secs wt ht kg mg ml cm mm km ft
    lb lbs obs appt appts mtg hosp sch info temp max inc ltd co plc jnr jr snr dob d.o.b meds med ed edn est
    dist govt assoc univ jan feb apr aug sept oct nov mon tue tues weds thur thurs fri
""")

# Words of their own too: an abbreviation only before a number ("no. 7", "cat. 2").
BEFORE_NUMBER = _words("no cat")

# Saint or street: it ends a sentence only before a word that commonly starts one.
STREET = _words("st rd ave av ln cres sq ct gdns terr blvd mt")

# After "4 p.m." or "12." these go on with the same sentence.
MONTHS = _words("""
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
""")
DAYS = _words("monday tuesday wednesday thursday friday saturday sunday mon tue tues wed weds thu thurs fri")

# After an initial or a street, these start a new sentence rather than go on with a name.
STARTERS = _words("""
    a an the he she they it we i you his her their its our my this that these those there then when while if
    as after before since until although because but and so or no not yes in on at by from for with without
    to of mum dad mother father mom parent parents child children brother sister sibling siblings
    grandmother grandfather gran nan stepfather stepmother carer carers family school police staff concerns
    concern home health professionals what who why where how however also both all each every one two three
""")

# "Level B. Concerns remain": after these a single capital is a label and no initial.
LABELLED = _words("""
    level levels tier plan grade class group type stage option block flat unit year set hepatitis vitamin
    category band priority appendix section
""")

# A line that ends in one of these goes on in the next line.
RUNNING_ON = _words("""
    and or but nor the a an of with by for from that which who than as is was were are be been has have had
    to into at in on
""")
