"""What stands beside names in case notes: titles, relations, labels, verbs. Words only."""

from __future__ import annotations

# Somebody's name comes right after these, whatever word it is.
TITLES = frozenset("mr mrs ms miss mx dr prof professor rev revd reverend imam cllr councillor hhj sir dame sgt wpc".split())
# The same, but these stand before other words too: "PC world", "sister reports", "judge ordered".
ROLES = frozenset(
    """pc pcso ds dc di dci insp sergeant constable inspector detective judge nurse midwife consultant paediatrician doctor
    uncle auntie aunty aunt aunti nan nana nanny nannie gran granny grandma grandad grandpa nain taid cousin sister brother bro sis
    sibling sib mum mummy mam mother dad daddy father stepdad stepmum stepfather stepmother step-dad step-mum son daughter niece
    nephew baby husband wife partner boyfriend girlfriend bf gf ex friend mate neighbour twin twins half-brother half-sister
    stepbrother stepsister stepson stepdaughter carer foster guardian child pupil student boy girl lad yp teenager toddler sw hv gp midwife
    worker practitioner keyworker teacher mentor officer solicitor manager headteacher head tutor psychologist registrar counsellor
    caretaker landlord lodger coach babysitter childminder sibs kids children siblings girls boys brothers sisters cousins
    uncles aunts daughters sons fr sr father elder pastor matron umm abu khala khalti khalto hooyo ayah ate kuya lola lolo tita tito oma opa
    bibi amma abla teyze baba mama papa auntie great-aunt great-gran mother-in-law father-in-law sister-in-law brother-in-law
    granddaughter grandson goddaughter godmother godfather stepsis stepbro client patient service-user tenant caller referrer
    chair dietitian dietician physio therapist psychiatrist secretary receptionist hairdresser midwives interpreters clerk senior junior
    assistant guard driver advocate chaplain escort dsl senco idva isva ewo cpn hca leader interpreter reg paeds""".split()
)
# Somebody's name comes after these in whatever letters.
NAMING = frozenset("called named aka alias nicknamed name's christened names".split())
CALLING = frozenset("call calls calling called named nicknamed".split())
PRONOUNS = frozenset("him her them me us it himself herself themselves you".split())
NAME_NOUNS = frozenset("name names surname forename forenames firstname lastname alias signed nickname".split())
# Beginnings of a line that a name follows after a colon.
LABELS = frozenset(
    """child yp mother mum father dad parent parents carer carers sibling siblings sibs sw ssw hv gp ep dsl senco ewo lado iro
    worker social practitioner keyworker referrer caller re from to cc signed author by name names client patient pupil student
    subject present attendees attending attended apologies chair completed teacher tutor teachers contact partner guardian
    nurse midwife consultant officer oic adult adults male female victim suspect perpetrator household members resident family
    brother sister nan gran grandmother aunt uncle stepdad stepfather stepmum applicant respondent mgm mgf pgm pgf interpreter manager escort allocated pa
    seen case allocated baby twin person people who reporter informant witness user mentor lead dear hi hello hiya love regards
    thanks sincerely faithfully wishes cheers me pa son daughter husband wife kids children lodger tenant donor dob""".split()
)
GREETINGS = frozenset("dear hi hello hiya hey morning afternoon".split())
CLOSINGS = frozenset("regards sincerely faithfully wishes thanks cheers love truly thx xx rgds kr bw".split())
# What people do: right after a name.
VERBS = frozenset(
    """is was has had says said states stated reports reported told tells asked asks denies denied disclosed discloses lives lived
    attends attended presented presents appeared appears seemed seems feels felt wants wanted needs does did doesn't didn't will
    would can cannot can't won't isn't wasn't hasn't hadn't went came comes gets got loves likes hates goes refuses refused
    struggles remains continues shared described describes explained rang phoned called texted emailed who aged whose thinks
    thought believes believed moved left stayed stays sleeps slept looked looks became started stopped keeps kept hit hits pushed
    slapped kicked punched bit threw shouted screamed cried ran walked woke found gave gives took takes brought brings made makes
    arrived returned agreed declined admitted claims claimed alleges alleged mentioned added replied confirmed understands knows
    knew works worked plays played eats ate drinks drank smokes uses used hid reached turned turns saw sees posts born dob may
    joined misses missed enjoys met showed shows spoke speaks talks talked also always never still sometimes often just now then
    and & could should might must wouldn't couldn't don't were are have been being became sat stood sent rung answered opened""".split()
)
# Somebody right after these.
BEFORE_PEOPLE = frozenset(
    """with by and & for from about to re regarding both either between when while that if because said says but as although whether
    towards toward against behind beside like than hit pushed bit punched kicked slapped loves misses of where after before why how
    also so since until today yesterday seeing supporting via cc allocated discussed d/w or @ + plus w his her their is are was""".split()
)
# The same, and little else than people there.
TO_PEOPLE = frozenset(
    """told tell tells asked ask asks saw met meet meets meeting contacted contact rang ring phoned phone texted text emailed email
    message messaged visited visit showed thank thanks loves love hates likes hit kicked punched slapped bit hugged pushed
    supervised seeing love miss misses between unborn little young wee our poor""".split()
)
# A place rather than a person right after these.
BEFORE_PLACES = frozenset("in at near around through via outside into off along towards across".split())
# What makes the word before them a place, a service, a law or a thing.
AFTER_THINGS = frozenset(
    """street road lane avenue close hospital clinic centre center school primary secondary academy college university council trust
    team service services hub estate infirmary surgery practice unit project foundation charity law act order scale
    syndrome disease disorder score test programme program method model pathway assessment plan meeting conference line helpline
    app questionnaire guidelines competence competent rule tool form report review inquiry pct ccg nhs juniors infants nursery
    high grammar borough county city town station airport beach market square terrace gardens crescent drive hotel inn hostel
    refuge mosque temple synagogue gurdwara cathedral society association federation institute group ltd plc limited fc united
    rovers wanderers albion club stadium league cup vodka rum whisky gin beer lager cider wine tablets mg mcg ml syrup cream inhaler ward
    day eve bridge river valley isle island islands bay coast sea border league party award fund appeal bank bus railway wish scheme park
    house cottage farm ward branch shop store cafe pub bread tea sauce cake biscuits cereal milk formula""".split()
)
# Of the words above, what is a surname too.
SURNAME_LIKE = frozenset("street lane close ward day bridge bank park bread house farm marsh".split())
# Parts of names that stand in small letters.
PARTICLES = frozenset("van de da dos das del della di bin binti bint ibn al el ul ur von der den la le ni nic ap ab ferch y e o mac mc st te ter ten".split())
# Months and days that are given names: only with a reason.
CALENDAR = frozenset("april may june july august january march friday sunday monday saturday wednesday tuesday summer autumn winter spring".split())
# Words that carry sentences: names never, unless a name stands right beside them.
FUNCTION_WORDS = frozenset(
    """a an and any are as at be been but by can could did do does for from get got had has have he her here hers him his how i if in
    into is it its just let may me might mine more most my no nor not of off on once or our ours out over own per said same see shall
    she should so some such than that the their theirs them then there these they this those to too under until up us very was we
    were what when where which while who whom why will with would yes yet you your yours ta oh ok ha hi hey""".split()
)
# What is a thing after a name in small letters too: "Down's syndrome", "Clare's law".
ALWAYS_THINGS = frozenset(
    "law syndrome disease test scale score scheme formula milk bread tea cereal competence competent questionnaire tablets cream".split()
)
# Verbs that no imperative or modal is: a word before them at the head of a sentence is what the sentence is about.
THIRD_PERSON = frozenset(
    """is was has had says said states stated reports reported told tells asks asked denies denied disclosed lives lived attends attended
    presents presented appears appeared seems seemed feels felt wants wanted needs does did likes loves hates goes went refuses refused
    who isn't wasn't hasn't hadn't doesn't didn't came comes gets got became stopped started shared""".split()
)
# What goes on about somebody after a comma: "Hope, his twin".
APPOSITIONS = frozenset("his her their my our who aged whose mum's dad's mother's father's".split())
