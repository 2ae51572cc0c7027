"""Invented texts to try the page with: nobody in them exists, and placeholders stand where names would."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """A text to try: `id` is that of its link, `name` says who writes and in what form."""

    id: str
    name: str
    text: str


EXAMPLES: tuple[Example, ...] = (
    Example(
        "cold",
        "A school, about the cold",
        "[CHILD] says there is no heating at home until Friday and came in without a coat twice this week. She is a"
        " chatty girl and her uniform is clean.",
    ),
    Example(
        "overcrowded",
        "A family, about their flat",
        "Five of us are in a one-bedroom flat with damp on the bedroom wall. The baby has been to A&E twice with his"
        " chest and the landlord does not answer.",
    ),
    Example(
        "incidents",
        "One line of a threshold document",
        "Incidents of domestic violence in the home",
    ),
    Example(
        "belt",
        "A school nurse, about a mark",
        "[CHILD], aged 7, has a bruise on his left arm in the shape of a buckle. He said it was from the belt and that"
        " he does not want to go home tonight.",
    ),
    Example(
        "settled",
        "A health visitor, about nothing much",
        "Two-year review. [CHILD] is on track in all areas, immunisations are up to date and mum enjoys rhyme time on"
        " Wednesdays. No concerns.",
    ),
    Example(
        "referral",
        "A referral, in many voices",
        "I am worried about [CHILD] (Y5) and his sister. Mum fails to engage and has been in this chaotic relationship"
        " for years. The meter ran out on Sunday and the children went to bed at five to keep warm.\n\nOn Tuesday"
        " [CHILD] told his teaching assistant: “I hide in the bathroom when he shouts. I put my sister in the bath.” A"
        " neighbour has called the police twice since Christmas; no injuries were seen. Attendance is 81%, down from"
        " 96% last year.\n\nMum has put herself at risk by letting him back in the house. She collects both children on"
        " time every day and came to the meeting last week with her own mother. She agreed that we may share this.",
    ),
    Example(
        "carer",
        "A parent, who asks for help",
        "I don't know who else to write to. My son [CHILD] is eleven, he is autistic and does not talk, and since the"
        " summer he sleeps two or three hours a night. He has started to hit me and his little brother, who is five and"
        " frightened to be in a room with him.\n\nSchool are good with him. My husband works nights because we need the"
        " money, so it is me and my mum, and mum is seventy-four. I have asked for respite three times and been told"
        " there is a waiting list. I love him to bits. I am so tired that I fell asleep at the wheel on Thursday with"
        " both boys in the car. Please can somebody help us before something happens.",
    ),
)


def example_text(example_id: str) -> str:
    """The text of an example; "" for an id that there is not."""
    return next((one.text for one in EXAMPLES if one.id == example_id), "")
