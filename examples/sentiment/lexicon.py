"""The words of the generated reviews; each domain praises and complains in its own way."""

from dataclasses import dataclass


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


@dataclass(frozen=True)
class Domain:
    """One domain: what is reviewed, its aspects, and opinions about it as adjectives and clauses."""

    items: tuple[str, ...]
    aspects: tuple[str, ...]
    good: tuple[str, ...]
    bad: tuple[str, ...]
    good_clauses: tuple[str, ...]
    bad_clauses: tuple[str, ...]


GOOD = _words(
    "good great excellent wonderful lovely perfect impressive fantastic pleasant satisfying solid superb"
)
BAD = _words(
    "bad poor terrible awful horrible disappointing mediocre annoying useless dreadful weak unpleasant"
)
LOVE = _words("love like enjoy recommend appreciate admire")
HATE = _words("hate dislike regret resent despise")
DEGREES = ("very", "really", "quite", "so", "rather", "particularly")
NEUTRAL = _lines(
    """
    i bought it in {month}
    my {person} asked me to write this
    this is my second one
    we picked it after reading a few reviews
    it was the first thing i tried this year
    the price was about what i expected
    i paid with a gift card
    my {person} chose the colour
    i have used similar things before
    we were four people
    """
)
MONTHS = _words("january march may july september november")
PEOPLE = _words("sister brother mother father neighbour colleague friend")

DOMAINS = {
    "books": Domain(
        items=_words("book novel sequel biography paperback"),
        aspects=_words("plot ending dialogue prose hero translation chapter pacing"),
        good=_words("gripping moving witty unpredictable vivid original touching haunting"),
        bad=_words("dull predictable shallow confusing tedious clumsy flat pretentious"),
        good_clauses=_lines(
            """
            i ordered everything else by this author
            i read it in one sitting
            it kept me awake until dawn
            it stays with you for weeks
            the last page made me cry
            i have already lent it to my {person}
            """
        ),
        bad_clauses=_lines(
            """
            i gave up after fifty pages
            the author repeats every idea
            it put me to sleep
            the story goes nowhere
            half the pages are filler
            i skipped whole chapters
            """
        ),
    ),
    "kitchen": Domain(
        items=_words("pan kettle blender knife toaster mixer"),
        aspects=_words("handle lid blade motor coating rim spout finish"),
        good=_words("sturdy sharp handy even heavy quick dishwasher-safe balanced"),
        bad=_words("flimsy blunt leaky wobbly rusty greasy unpredictable brittle"),
        good_clauses=_lines(
            """
            nothing sticks to it
            it heats up in seconds
            i use it every morning
            it cleans up in a minute
            my {person} ordered one too
            it replaced three other tools
            """
        ),
        bad_clauses=_lines(
            """
            it rusted after two weeks
            everything sticks to it
            the seal leaks on the counter
            it smells of burnt plastic
            it fell apart in the sink
            i went back to my old one
            """
        ),
    ),
    "electronics": Domain(
        items=_words("phone headset laptop speaker camera tablet"),
        aspects=_words("battery screen sound keyboard charger firmware microphone case"),
        good=_words("crisp bright fast responsive loud reliable compact seamless"),
        bad=_words("laggy dim slow glitchy tinny unreliable noisy bulky"),
        good_clauses=_lines(
            """
            it lasts two days on one charge
            setup took five minutes
            it connects at once
            every update made it better
            calls are clear even outdoors
            it just works
            """
        ),
        bad_clauses=_lines(
            """
            it died after a month
            it drops the connection all day
            it overheats on my desk
            support never answered my mail
            i returned it within a week
            the update broke everything
            """
        ),
    ),
    "travel": Domain(
        items=_words("hotel hostel cruise resort guesthouse tour"),
        aspects=_words("room staff breakfast pool lobby view guide transfer bathroom"),
        good=_words("spotless friendly spacious quiet cosy welcoming generous charming"),
        bad=_words("dirty rude cramped stuffy overbooked shabby loud compact"),
        good_clauses=_lines(
            """
            we woke up to the sea
            the host upgraded us for free
            the beach was at our doorstep
            we slept like babies
            we stayed two extra nights
            they packed lunch for our {person}
            """
        ),
        bad_clauses=_lines(
            """
            there were bugs in the bed
            we queued two hours at check-in
            they charged us twice
            the shower ran cold all week
            a building site woke us at six
            they lost our booking
            """
        ),
    ),
}
