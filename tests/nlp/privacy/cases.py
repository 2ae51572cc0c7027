"""Made sentences for the privacy tests: what must be found, in double angle brackets, and what must be left alone."""

from __future__ import annotations

from evenhand.privacy import Kind


def _cases(listed: str) -> tuple[str, ...]:
    """Cases that stand one after the other with a broken bar between them, whatever the line breaks."""
    return tuple(case.strip() for case in listed.replace("\n", " ").split("¦"))


FOUND: dict[Kind, tuple[str, ...]] = {
    Kind.DATE_OF_BIRTH: (
        "Date of Birth\n<<21/12/2007>>",
        "Surname / DOB / result\nPemberton / <<20.02.1981>> / no",
        *_cases(
            """
DOB: <<14/03/2016>> ¦ D.O.B. <<3.4.15>> seen at clinic ¦ date of birth is given as <<7th November 2012>> ¦ She was
born at 34 weeks on <<3/4/2015>>. ¦ Born in Leeds on the <<2nd of May 2009>> ¦ his birthday is <<12 June>> ¦ (d.o.b
<<2014-09-30>>) ¦ dob<<010215>> ¦ DoB - <<11 Feb 08>> ¦ Kelly Smith (<<22.08.2011>>) lives with her father ¦ Mohamed
Abdi, <<5-6-2013>>, Year 5 ¦ b. <<March 2018>> ¦ DOBs <<1/2/12>> and <<3/4/15>> ¦ <<09/09/2010>> (DOB) ¦ aged 6
(<<17/02/2019>>) ¦ dob given as <<Sept 3rd 2014>> ¦ She turns 16 on <<4 March 2026>> ¦ D O B <<3 4 15>> ¦
dateofbirth <<03/04/2015>> ¦ date of brith <<04/06/2014>> ¦ DOB <<l4/O3/2016>> ¦ dob <<14Mar2016>> ¦ dob <<04/2015>>
¦ born on the <<3rd of the 4th 2015>> ¦ date of birth is the <<fourteenth of March 2016>> ¦ he turned nine on the
<<4th of May>> ¦ birthday next Tuesday <<14 March>> ¦ She is 9, <<03/02/2015>>, and lives with her nan ¦ Kelly
Smith, female, <<14/03/2016>> ¦ Kelly Smith | <<14/03/2016>> | Year 4 ¦ Female, 14, <<03/02/2010>>. Fell from a
horse. ¦ mum had her baby on Monday <<3rd Feb 2025>> ¦ born 36+2 at 0412 on <<14/06/2024>> ¦ Delivered by EMCS
<<03/02/25>> ¦ Passport: <<3 Feb 2015>> ¦ <<03/02/2015>>: Kelly born at 39 weeks ¦ <<3 Feb 2015>> is Kelly's
birthday ¦ births: eldest <<7 Jul 2011>>, middle <<07/07/14>> (yes!), youngest <<1/9/20>>. ¦ UPN A976892120767 |
<<03/04/2015>> | x ¦ NHS no 943 476 5919 (<<03/04/15>>)
"""
        ),
    ),
    Kind.NHS_NUMBER: _cases(
        """
NHS number <<943 476 5919>> ¦ <<9434765919>> on the register ¦ NHS No: <<943-476-5919>> ¦ nhs no. <<123 456 7890>> ¦
NHS#<<4857773456>> ¦ NHS: <<401.023.2137>> ¦ NHS <<943/476/5919>> ¦ NHSno<<9434765919>> ¦ N H S no <<943 476 5919>>
¦ NHS: <<94 34 76 59 18>> ¦ NHS number for child: <<9434765918>> ¦ NHS No (mother) <<943 476 591>> ¦ patient
<<943-476-5918>> ¦ spine has <<6434765918>>
"""
    ),
    Kind.NATIONAL_INSURANCE: _cases(
        """
NI number <<JX 48 20 61 B>> ¦ nino <<pz714409c>> ¦ National Insurance: <<NR-30-55-17-A>> ¦ her NI is <<SB441920B>> ¦
N.I. no <<AB 123456 C>> ¦ NINO, she gave me <<ST 17 82 03>>, last letter missing ¦ NI <<JX/48/20/61/B>>
"""
    ),
    Kind.UPN: _cases(
        """
UPN <<H823200418017>> ¦ upn: <<d90412011800a>> ¦ <<J330214115009>> Y5 SEN support ¦ unique pupil number is
<<T913204518223>>
"""
    ),
    Kind.POSTCODE: (
        "<<ne4  5xy>>, no fixed address",
        *_cases(
            """
lives in <<LS8 2AB>> ¦ <<sw1a 1aa>> ¦ Postcode <<M11AE>> ¦ moved from <<B33 8TH>> to <<EC1A 1BB>> ¦ <<GIR 0AA>> ¦
<<W1A 0AX>>. ¦ <<DN55 1PT>> ¦ postcode <<hx59 4rd>>
"""
        ),
    ),
    Kind.ADDRESS: _cases(
        """
lives at <<12 Oak Road>> ¦ <<Flat 3, 88 Pellmere Road>> ¦ police called to <<42b Quern Street>> at 2am ¦ POLICE
ATTENDED <<17 SALTBURY CRESCENT>> ¦ she is at <<34 weir st>> tonight ¦ <<The Old Forge, Withy Lane>> ¦ <<Flat 2a,
Hexley House>> ¦ moved to <<20 Pinder's Rise>> in May ¦ <<1-3 High Street>> ¦ neighbour at <<7 The Green>> ¦ address
<<9, Bank Bottom>> ¦ <<Rose Cottage, Mill Lane>> ¦ <<Apartment 14, Cobblers Wharf>> ¦ <<Plot 6, Hollow Lane Caravan
Park>> ¦ staying at <<221 baker street>> ¦ <<15 St Mary's Avenue>> ¦ POLICE SUDDEN DEATH. <<16 CAUSEY FOOT>>. MALE
INFANT ¦ <<16 Broadway>>, Leeds, LS8 2AB ¦ <<Hafod, Church Hill>>, LS8 2AB ¦ he lives <<41 corn mill drive>> ¦ she's
at <<6 chapel fold>> ¦ lives on <<Quern Way>> ¦ lives on <<larch tree road>> ¦ address: <<Rose Cottage, Upper
Slaughter>> ¦ seen at <<16 Causey>> today ¦ back to <<9 Pellmere>> for tea ¦ Placement: <<Rowan Tree House>> ¦ at
<<Tallow Heights, block C>> ¦ Premises: <<Mobile home 4, Reedham Turn>> ¦ im at <<room 12, the Beeches>> now ¦ known
as <<The Gables>>
"""
    ),
    Kind.PHONE: _cases(
        """
ring her on <<07700 900318>> ¦ <<07700900641>> ¦ mob <<07700-900-812>> ¦ <<+44 7700 900556>> ¦ <<(0115) 496 0361>> ¦
Tel: <<020 7946 0958>> ¦ <<0044 7700 900 123>> ¦ <<01632 960118>> after 3pm ¦ tel <<960 441>> ¦ <<+353 87 123 4567>>
¦ <<0161.496.0733>> ¦ mum's number is <<7700 900 264>> ¦ <<+44 (0)20 7946 0581>> ¦ rang from clinic <<0116 496
0237>> ¦ Mum:<<07700900318>> ¦ mob<<07700900318>> ¦ <<O7700 9OO318>> ¦ <<07700—900—318>> ¦ Mother 34 <<07700
900318>> ¦ <<07700 900 318>>/<<07700 900 319>> ¦ <<0808 157 0123>> is hers ¦ m: <<7700 900264>>
"""
    ),
    Kind.EMAIL: _cases(
        """
<<p.ravindran@council.example>> ¦ email <<kelly_smith07@mail.co.uk>> please ¦ <<dsl@oakfield-sch.example>> ¦
<<kelly.smith [at] mail [dot] com>> ¦ <<jo.bloggs at gmail.com>> ¦ To: <<mash.inbox@westmarshire.gov.uk>>;
<<x.y@z.org>>
"""
    ),
    Kind.CASE_NUMBER: _cases(
        """
crime ref <<WM/20417/24>> ¦ Mosaic ID <<772041>> ¦ LCS <<1184206>> ¦ case no. <<LV23C00123>> ¦ Hospital number:
<<RX4481907>> ¦ CAD <<3317>> of 12/03/24 ¦ court ref <<ZC24C00391>> ¦ file <<40071926>> ¦ Liquidlogic no <<0093317>>
¦ our ref: <<MPS/1234/24>> ¦ Incident number <<0417-220125>> ¦ record <<10293847>> refers ¦ URN <<01AB2345623>> ¦
custody ref <<42CU/3310/25>> ¦ Mosaic ID there <<774120>> ¦ Hospital number <<H 220 9174>> ¦ (hospital <<RXA
558-210>>) ¦ mosaic <<M1138206>> ¦ log <<417 of 22/01/25>> ¦ <<204177>> (crime ref) ¦ <<20417724>> is his LCS number
¦ LCS no's <<118823>>, <<118824>> ¦ niche <<06cc/41872/25>> ¦ our ref <<2024/00417>> ¦ ticket <<#20417>> ¦ PNCID
<<08/219934K>> ¦ H.O. <<Y1409773/2>> ¦ claim no <<9434765911>>
"""
    ),
    Kind.SCHOOL: _cases(
        """
moved here from <<Thornwick Bank Primary>> ¦ attends <<St Wendreda's RC Primary>> ¦ is in Year 9 at <<Rookhope
Academy>> ¦ <<GREAVESIDE COMMUNITY COLLEGE>> RANG ¦ y9 at <<lambrigg high>> ¦ he goes to <<St Anne's>> and likes it
¦ <<Ladybird Steps Day Nursery>> report ¦ <<Ashgrove Park Girls' High School>> ¦ excluded from <<Kestrelmoor Sixth
Form College>> ¦ School: <<Larkrise Infants>> ¦ goes to <<st marys primary>> ¦ outside <<hallam vale high>> ¦ goes
to <<oak tree primary>> ¦ at <<sunny days nursery>> ¦ Nursery (<<Puddleduck House>>) rang ¦ nursery at <<Busy Bees>>
¦ School: <<Low Wood>> ¦ BUS PASS SHOWS <<BROOK COLLEGE>> ¦ PASS FOR <<EASTMERE COLLEGIATE>> ¦ <<St Bega's CE (VA)
Primary School>> ¦ <<Ysgol Bryn Coch>> in Mold ¦ studies at <<Elmgate>> ¦ <<Greenhithe CP School>> ¦ to <<elmgate
acadamy>> ¦ teacher says not at <<Beckfoot Rise>>
"""
    ),
    Kind.SOCIAL_MEDIA: (
        'on Facebook, "<<Stevo Hargreave>>"',
        *_cases(
            """
she posts as <<@lil.vex_07>> ¦ insta: <<kayleigh.x>> ¦ her snap is <<moonpie2011>> ¦
<<facebook.com/jaymo.realrunner>> ¦ Roblox username <<DragonSlayer99>> ¦ messaging her on Discord as
<<DarkPaladin#4471>> ¦ <<https://www.instagram.com/bexbanter/>> ¦ tiktok <<@puffdaddy_deliveries>> ¦ psn
<<aimb0t_alfonso>> ¦ on insta <<cami.lupe__>> ¦ <<__kez__>> messaged ¦ her tiktok name <<bexxbanter>> ¦
<<u/GhostlyBeans>> posted it ¦ on FB messenger nightly as <<Big Geoff Property>> ¦ acct <<x.summer.sesh>> has posted
¦ <<TobiPlaysz>> is my YouTube ¦ add <<puffdaddyz>> on snap ¦ plays as <<TTV_Slayz>> ¦ <<lonely.lad.leeds>> on insta
¦ nominal uses <<@6ix.montz>> ¦ vinted <<kezclothes22>>
"""
        ),
    ),
    Kind.NAME: (
        "Kind regards,\n<<Despina>>",
        *_cases(
            """
Home visit to <<Kelly Smith>> today. ¦ Mum <<Ngoc Anh Phan>> said he was fine. ¦ Mrs <<Rosenblatt>> rang. ¦ her
sister <<Hodan>> collects her ¦ His name is <<Tomasz>>. ¦ a boy called <<Levi>> hit him ¦ told <<Grace>> that he
would ¦ SW: <<Berivan Aktaş>> ¦ POLICE SPOKE TO <<SIOBHAN MCGOLDRICK>> AT THE SCENE OF THE INCIDENT ¦ hi its about
<<kayleigh>> in yr 8 ¦ Signed: <<P. Ravindran>> ¦ <<Abdirahman>>'s passport was lost ¦ <<Temi>>, <<Kunle>> and
<<Folasade Akinwale>> were seen ¦ Dr <<Wickramanayake>> reviewed him ¦ stepdad <<Baz>> moved out ¦ <<Hope>>, his
twin, attends every day ¦ met with <<Caoimhe O'Hanrahan>> and nan ¦ he lives with <<Mohammed>> and <<Shabnam>> ¦
Name: <<Summer Bright>> ¦ <<Oluwaseun>> has asked to go home ¦ <<Nguyễn Thị Hương>> came with an interpreter
"""
        ),
    ),
}
CLEAN: dict[Kind, tuple[str, ...]] = {
    Kind.DATE_OF_BIRTH: _cases(
        """
Seen on 14/03/2024 at home. ¦ EDD 19 April, booked at 12 weeks. ¦ The baby was born 3/52 early. ¦ He moved here in
March 2015. ¦ Strategy meeting 12.11.24, next review 3rd May 2025. ¦ DOB not known ¦ Born at 28 weeks, weighing
1.2kg. ¦ Baby due to be born 14/03/2025 ¦ passport expires 07/08/2026 ¦ Twins seen 12/03/2024 at home ¦ Born at
home, seen 12/03/2024 ¦ 12/03/2024 - mum said he was born early ¦ contact with dad 12/03/2024, 2pm ¦ Male arrested
12/03/2024 ¦ He is back on 3 March ¦ Birth plan agreed 12/03/2024
"""
    ),
    Kind.NHS_NUMBER: _cases(
        """
Call 111 or 999. ¦ NHS 111 were called twice. ¦ The NHS paid £1234567890.
"""
    ),
    Kind.NATIONAL_INSURANCE: _cases(
        """
NI contributions are paid. ¦ No NI number yet.
"""
    ),
    Kind.UPN: _cases(
        """
UPN not on file ¦ Attendance is 62.5%, 21 sessions of 34.
"""
    ),
    Kind.POSTCODE: _cases(
        """
Take 5ml twice a day ¦ Form SS10 and section 47 ¦ level B2 2hr sessions ¦ on the M1 3rd time this week ¦ E4 2nd
floor ¦ class b2 3rd set
"""
    ),
    Kind.ADDRESS: _cases(
        """
3 children in the road at 9pm ¦ 2 weeks on the street ¦ She slept on the street for 3 nights. ¦ 10 minutes down the
road ¦ He has 2 older siblings, 1 at home. ¦ a 2 bed house ¦ 15 year old drive ¦ flat 2 bed, damp ¦ 1 parent, 2
children close in age ¦ Section 20 way of working ¦ The family has a caravan on the site. ¦ lives in a house on a
main road ¦ living in a council house ¦ at 9 Monday morning ¦ at 12 Dad left ¦ Address: Not known ¦ outside 2 Police
cars ¦ at Leeds Crown Court ¦ moved to Moss Side ¦ seen at Great Ormond Street ¦ 2 old friends close by ¦ took 3
buses to the park ¦ AT 2200 POLICE ATTENDED AND AT 12 MOTHER LEFT ¦ BOYS' ROOM 1 BUNK, 1 MATTRESS
"""
    ),
    Kind.PHONE: _cases(
        """
BP 120/80, sats 98%, weight 10.25 kg ¦ 01/02/2015 to 03/04/2015 ¦ £1,250.00 in arrears ¦ Childline 0800 1111 ¦ 0-19
service ¦ Samaritans 116 123 ¦ m 12345 ¦ 12 12 2024 from 0900 to 1030
"""
    ),
    Kind.EMAIL: _cases(
        """
sent by email to the team ¦ meet @ 3pm ¦ at home. Dot to dot
"""
    ),
    Kind.CASE_NUMBER: _cases(
        """
section 47 enquiry, s17 plan ¦ case conference in 2024 ¦ the case is closed ¦ PHQ-9 score 14, GAD-7 12 ¦ reference
made to 12 weeks ¦ file note 03/04/2024 ¦ covid-19 restrictions ¦ BP 118/70, Hb 118 ¦ SF-36 and SDQ-25 were done in
FEB-24 ¦ the number of 200 children ¦ no 101 call ¦ birth weight 2980 g ¦ school year 2024/2025
"""
    ),
    Kind.SCHOOL: _cases(
        """
the primary school rang ¦ The Primary School is worried. ¦ She is in the nursery class. ¦ His school says attendance
is high. ¦ Year 6 at a special school ¦ High levels of anxiety. School refusal. ¦ attends CAMHS and A&E ¦ St John
Ambulance came ¦ Pupil Referral Unit ¦ BE SHARED WITH THE SCHOOL NURSE ¦ MUM RANG COLLEGE ¦ School: Attendance is
poor ¦ School: No Concerns ¦ from the village school ¦ in high school ¦ The ICPC and CP Plan
"""
    ),
    Kind.SOCIAL_MEDIA: (
        'She said on Facebook "I hate you"',
        *_cases(
            """
she is on Instagram all night ¦ his phone was taken @school ¦ snapchat is banned at home ¦ Facebook and TikTok posts
were seen ¦ He plays Roblox with friends ¦ file chronology_v2.docx attached ¦ u/s scan @ 34 weeks ¦ Facebook as a
way to meet ¦ Account of 12/03/2024: he said no
"""
        ),
    ),
    Kind.NAME: _cases(
        """
Mum reports that Dad drinks. ¦ Prescribed Sertraline 50mg and Melatonin. ¦ CAMHS, MASH and Ofsted were told on
Monday. ¦ He will be seen in May. ¦ The family are Somali and speak Arabic. ¦ MUM REPORTED THAT THE CHILDREN WERE
ASLEEP UPSTAIRS AND WARM ¦ Clare's Law and Sarah's Law disclosures were made. ¦ He plays Fortnite and Minecraft, and
wears Nike. ¦ MGM and SW met the HV on Tuesday. ¦ She was referred to Barnardo's by Early Help. ¦ mr and mrs next
door heard shouting ¦ He will miss school. ¦ Grey Goose and Lambert & Butler bought with his card ¦ Down's syndrome
and Prader-Willi were ruled out. ¦ Child A hit Child B. Mr X and Ms Y were told. ¦ They moved here from Lewisham to
be near family in Bradford.
"""
    ),
}
PLACEHOLDERS = (
    "[CHILD] told [MOTHER] that [FATHER'S PARTNER] hit him.",
    "[NAME 1] lives at [ADDRESS], [POSTCODE]; DOB [DATE OF BIRTH]; NHS [NHS NUMBER].",
    "Child A and Sibling 2 were seen with XX and Mr X.",
    "[Redacted] attends [SCHOOL]. Tel [PHONE]. [...]",
    "Mum [x] and dad [PERSON_2] rang [SOCIAL WORKER].",
)


def split(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without its marks and where the marked stretches are."""
    text, spans = "", []
    for number, part in enumerate(marked.replace(">>", "<<").split("<<")):
        if number % 2:
            spans.append((len(text), len(text) + len(part)))
        text += part
    return text, spans
