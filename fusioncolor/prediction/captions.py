"""Names for photographs on pages."""

import itertools
from collections import Counter
from collections.abc import Iterable
from pathlib import Path


def captions(sources: Iterable[str]) -> dict[str, str]:
    """Names photographs by their files, with as many folders around as tell those of the same name apart."""
    names, left = {}, {source: Path(source).parts for source in sources}
    for depth in itertools.count(1):
        if not left:
            return names
        tails = {source: "/".join(parts[-depth:]) for source, parts in left.items()}
        counts = Counter(tails.values())
        names |= {source: tail for source, tail in tails.items() if counts[tail] == 1 or depth == len(left[source])}
        left = {source: parts for source, parts in left.items() if source not in names}
