"""Draw the splits once, at random under balance constraints and without any model; then they stay."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evenhand.errors import InputError
from evenhand.scheme import LEVELS, Level
from evenhand_training.corpus import schema
from evenhand_training.corpus.areas import LEFT_OUT, group_areas
from evenhand_training.corpus.near_repeats import NEAR_REPEAT_THRESHOLD, near_pairs, near_repeats
from evenhand_training.corpus.reader import Corpus
from evenhand_training.corpus.splits import FOLDS, REPEATS, AuthoredParts, Group, LeftOut, Part, Splits

TEST_GROUPS = 15  # leaves two thirds of the areas, and three quarters of the rows, to learn from
TEST_ROWS = (215, 255)  # about 230: halves the interval of a 60-row test; more would starve the training side
# Of the rows. A quarter was wanted; 0.31 is the least that admits a group large enough to bring the share of
# level-informative rows near that of development, since most such rows are in six large groups.
LARGEST_GROUP_SHARE = 0.31
INFORMATIVE_SHARE = 0.4  # least share of level-informative test rows; development has about two thirds
LEVEL_DISTANCE = 0.1  # most total variation between the level shares of test and development
DRAWS = 1_000_000  # far more than the few thousand that a draw needs

# Of the units of each file; a seventh of the training side is enough to choose a stopping point.
AUTHORED_SHARES: dict[Part, float] = {"train": 0.7, "validation": 0.1, "test": 0.2}


@dataclass
class _Tally:
    areas: tuple[str, ...]
    reason: str | None
    rows: int
    informative: int
    levels: Counter[Level]


def make_splits(corpus: Corpus, seed: int) -> Splits:
    """Draw test groups, folds and authored parts; the same corpus and seed give the same splits.

    Raises:
        InputError: no draw met the balance constraints.
    """
    tallies = _tally(corpus)
    test = _draw_test(tallies, random.Random(f"test {seed}"))  # noqa: S311 - drawing a sample, no secret
    folds = _draw_folds({name: tally.rows for name, tally in tallies.items() if name not in test}, seed)
    groups = tuple(
        Group(
            id=name,
            areas=tally.areas,
            joined_because=tally.reason,
            rows=tally.rows,
            informative_rows=tally.informative,
            split="test" if name in test else "development",
            folds=folds.get(name, ()),
        )
        for name, tally in sorted(tallies.items())
    )
    test_areas = {area for group in groups if group.split == "test" for area in group.areas}
    test_rows = frozenset(row.id for row in corpus.descriptors if corpus.area(row) in test_areas)
    authored = draw_authored_parts(list(corpus.authored_units()), seed)
    return Splits(
        version=corpus.version,
        seed=seed,
        near_repeat_threshold=NEAR_REPEAT_THRESHOLD,
        left_out=tuple(LeftOut(area=area, reason=reason) for area, reason in sorted(LEFT_OUT.items())),
        groups=groups,
        test_rows=test_rows,
        authored=authored,
        removed=repeats_of_test(corpus, test_rows, authored.test),
    )


def is_informative(descriptor: schema.Descriptor, document: schema.Document) -> bool:
    """Whether a row can tell anything about levels: its document shows levels outside the row's own set."""
    return not set(document.visible_codes) <= set(descriptor.levels)


def repeats_of_test(corpus: Corpus, published: frozenset[str], authored: frozenset[str]) -> frozenset[str]:
    """Ids of rows outside the test that in any of their texts nearly repeat a test row."""
    rows: list[schema.Row] = [*corpus.descriptors, *corpus.authored_units()]
    test = published | authored
    against = [text for row in rows if row.id in test for text in row.texts]
    owners = [(row.id, text) for row in rows if row.id not in test for text in row.texts]
    found = near_repeats([text for _, text in owners], against, threshold=NEAR_REPEAT_THRESHOLD)
    return frozenset(owners[index][0] for index in found)


def draw_authored_parts(units: Sequence[schema.Row], seed: int) -> AuthoredParts:
    """Split units into parts, stratified by kind and severity; near repeats of each other stay together."""
    shuffler = random.Random(f"authored {seed}")  # noqa: S311
    strata: dict[str, list[list[schema.Row]]] = defaultdict(list)
    for cluster in _clusters(units):
        strata[_stratum(cluster[0])].append(cluster)
    parts: dict[Part, set[str]] = {"train": set(), "validation": set(), "test": set()}
    filled: dict[str, Counter[Part]] = defaultdict(Counter)
    for name, clusters in sorted(strata.items()):
        shuffler.shuffle(clusters)
        clusters.sort(key=len, reverse=True)
        counts, within = filled[name.split("/")[0]], Counter[Part]()
        for cluster in clusters:
            part = min(AUTHORED_SHARES, key=lambda part: _fullness(part, within, counts))
            parts[part].update(unit.id for unit in cluster)
            counts[part] += len(cluster)
            within[part] += len(cluster)
    return AuthoredParts(validation=frozenset(parts["validation"]), test=frozenset(parts["test"]), folds={})


def deal_units(units: Sequence[schema.Row], *, hands: int, seed: int) -> dict[str, int]:
    """Deal sets and notes into equal hands, stratified by kind and severity; near repeats of each other stay together.

    How the folds of sets and notes were drawn, and which half of the sets of 2026.4 became test rows.
    """
    shuffler = random.Random(f"hands {seed}")  # noqa: S311
    strata: dict[str, list[list[schema.Row]]] = defaultdict(list)
    for cluster in _clusters(units):
        strata[_stratum(cluster[0])].append(cluster)
    dealt: dict[str, int] = {}
    sizes: dict[str, list[int]] = defaultdict(lambda: [0] * hands)
    for name, clusters in sorted(strata.items()):
        shuffler.shuffle(clusters)
        held = sizes[name.split("/")[0]]
        within = [0] * hands
        for cluster in sorted(clusters, key=len, reverse=True):
            hand = min(range(hands), key=lambda hand: (within[hand], held[hand]))
            dealt.update(dict.fromkeys((unit.id for unit in cluster), hand))
            within[hand] += len(cluster)
            held[hand] += len(cluster)
    return dealt


def _fullness(part: Part, within: Counter[Part], overall: Counter[Part]) -> float:
    share = AUTHORED_SHARES[part]
    # Even within a stratum first; what rounding leaves over is evened out over the kind.
    surplus = within[part] - share * (within.total() + 1)
    return surplus + (overall[part] - share * (overall.total() + 1))


def _stratum(unit: schema.Row) -> str:
    kind = type(unit).__name__
    if isinstance(unit, schema.AuthoredText):
        return f"{kind}-{unit.topic}/{unit.severity}/{unit.assertion}"
    if isinstance(unit, schema.AccumulationSet):
        return f"{kind}/{unit.type}"
    if isinstance(unit, schema.Narrative):
        return f"{kind}/{unit.type}/{unit.severity}"
    if isinstance(unit, schema.CounterfactualTemplate):
        return f"{kind}/{unit.attribute}"
    severity = getattr(unit, "severity", getattr(unit, "low_severity", "any"))
    return f"{kind}/{severity}"


def _clusters(units: Sequence[schema.Row]) -> list[list[schema.Row]]:
    owners = [(number, text) for number, unit in enumerate(units) for text in unit.texts]
    parent = list(range(len(units)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for i, j in near_pairs([text for _, text in owners], threshold=NEAR_REPEAT_THRESHOLD):
        parent[root(owners[j][0])] = root(owners[i][0])
    clusters: dict[int, list[schema.Row]] = defaultdict(list)
    for number, unit in enumerate(units):
        clusters[root(number)].append(unit)
    return list(clusters.values())


def _tally(corpus: Corpus) -> dict[str, _Tally]:
    groups = group_areas({corpus.area(row) for row in corpus.descriptors})
    tallies = {group.id: _Tally(group.areas, group.reason, 0, 0, Counter()) for group in groups}
    by_area = {area: tallies[group.id] for group in groups for area in group.areas}
    for row in corpus.descriptors:
        tally = by_area.get(corpus.area(row))
        if tally is None:
            continue
        tally.rows += 1
        tally.informative += is_informative(row, corpus.document(row.doc_id))
        tally.levels.update(row.levels)
    return tallies


def _draw_test(tallies: dict[str, _Tally], generator: random.Random) -> frozenset[str]:
    names = sorted(tallies)
    for _ in range(DRAWS):
        chosen = generator.sample(names, TEST_GROUPS)
        if _is_balanced([tallies[name] for name in chosen], tallies.values()):
            return frozenset(chosen)
    message = f"no balanced test among {DRAWS} draws of {TEST_GROUPS} groups; relax the constraints"
    raise InputError(message)


def _is_balanced(test: Sequence[_Tally], everything: Iterable[_Tally]) -> bool:
    rows = sum(tally.rows for tally in test)
    if not TEST_ROWS[0] <= rows <= TEST_ROWS[1]:
        return False
    if max(tally.rows for tally in test) > LARGEST_GROUP_SHARE * rows:
        return False
    if sum(tally.informative for tally in test) < INFORMATIVE_SHARE * rows:
        return False
    inside: Counter[Level] = sum((tally.levels for tally in test), Counter())
    outside: Counter[Level] = sum((tally.levels for tally in everything), Counter())
    outside.subtract(inside)
    return _distance(inside, outside) <= LEVEL_DISTANCE


def _distance(left: Counter[Level], right: Counter[Level]) -> float:
    return sum(abs(left[level] / left.total() - right[level] / right.total()) for level in LEVELS) / 2


def _draw_folds(rows: dict[str, int], seed: int) -> dict[str, tuple[int, ...]]:
    folds: dict[str, list[int]] = defaultdict(list)
    for repeat in range(REPEATS):
        generator = random.Random(f"folds {seed} {repeat}")  # noqa: S311
        weight = {name: count * generator.uniform(0.5, 1.5) for name, count in sorted(rows.items())}
        sizes = [0] * FOLDS
        for name in sorted(weight, key=lambda name: weight[name], reverse=True):
            fold = sizes.index(min(sizes))
            sizes[fold] += rows[name]
            folds[name].append(fold)
    return {name: tuple(found) for name, found in folds.items()}
