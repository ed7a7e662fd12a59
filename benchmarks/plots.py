"""Draw what `scale`, `beside` and `curve` recorded: `python -m benchmarks.plots`.

Writes `results/scale.svg` (log-log, a line a figure), `results/beside.svg` (bars of ratios) and
`results/curve.svg` (what a reader learns over the pairs it has seen, these logarithmic).
"""

from __future__ import annotations

import json
from math import log10
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
WIDTH, HEIGHT, EDGE = 640, 400, 60
COLOURS = ("#0b5394", "#b45f06", "#38761d", "#741b47", "#7f6000", "#134f5c")
LINES = {
    "build_s": "build, s",
    "add_s": "add one document, s",
    "open_ms": "open, ms",
    "p50_ms": "question p50, ms",
    "p95_ms": "question p95, ms",
    "ask_mb": "asking, MB resident",
}
DRAWN = ("full", "second round")  # runs that went on from one another
LEARNT = {
    "first": "right passage first",
    "f1": "answer, token F1",
    "exact": "answer exact",
    "auc": "impossible told apart, AUC",
}


def last(name: str) -> list[dict]:
    """The entries of a history, the newest last."""
    with (RESULTS / f"{name}.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def svg(marks: list[str], height: int = HEIGHT) -> str:
    """A picture that needs no style sheet."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>'
        f"{''.join(marks)}</svg>\n"
    )


def scale() -> str:
    """Every figure over the number of passages, both logarithmic; the newest of each size."""
    rows: dict[int, dict[str, float]] = {}
    for entry in last("scale"):
        for row in entry["rows"]:
            rows.setdefault(row["passages"], {}).update(row)
    values = [row[name] for row in rows.values() for name in LINES if row.get(name)]
    low, high = log10(min(values)) // 1, -(-log10(max(values)) // 1)
    least, most = log10(min(rows)), log10(max(rows))
    marks = []

    def place(passages: float, value: float) -> tuple[float, float]:
        across = (log10(passages) - least) / max(1e-9, most - least)
        up = (log10(value) - low) / (high - low)
        return EDGE + across * (WIDTH - 4 * EDGE), HEIGHT - EDGE - up * (HEIGHT - 2 * EDGE)

    for power in range(int(low), int(high) + 1):
        _, y = place(10**least, 10**power)
        marks.append(f'<path d="M{EDGE} {y:.1f}H{WIDTH - 3 * EDGE}" stroke="#ddd"/>')
        marks.append(
            f'<text x="{EDGE - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>'
        )
    for passages in sorted(rows):
        x, _ = place(passages, 10**low)
        marks.append(
            f'<text x="{x:.1f}" y="{HEIGHT - 36}" text-anchor="middle">{passages:,}</text>'
        )
    ends = []
    for (name, title), colour in zip(LINES.items(), COLOURS, strict=True):
        points = [(n, row[name]) for n, row in sorted(rows.items()) if row.get(name)]
        drawn = [place(*point) for point in points]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in drawn)
        marks.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        ends.append((drawn[-1][1], title, colour))
    y = 0.0
    for end, title, colour in sorted(ends):
        y = max(end, y + 15)
        marks.append(
            f'<text x="{WIDTH - 3 * EDGE + 6}" y="{y + 4:.1f}" fill="{colour}">{title}</text>'
        )
    marks.append(
        f'<text x="{WIDTH / 2 - EDGE}" y="{HEIGHT - 14}" text-anchor="middle">passages</text>'
    )
    return svg(marks)


def beside() -> str:
    """How many times as long as Quoth each of the others takes."""
    seconds = last("beside")[-1]["seconds"]
    longest = max(s[a] / seconds["quoth"][a] for s in seconds.values() for a in s)
    marks, y = [], 20
    for action, colour in (("build", COLOURS[0]), ("ask", COLOURS[1])):
        marks.append(
            f'<text x="10" y="{y + 4}" font-weight="bold">{action}, cold, times Quoth</text>'
        )
        for name, taken in seconds.items():
            y += 22
            ratio = taken[action] / seconds["quoth"][action]
            width = ratio / longest * (WIDTH - 4 * EDGE)
            marks.append(f'<text x="{2 * EDGE - 8}" y="{y + 4}" text-anchor="end">{name}</text>')
            marks.append(
                f'<rect x="{2 * EDGE}" y="{y - 8}" width="{width:.1f}" height="16" '
                f'fill="{colour}"/>'
            )
            marks.append(f'<text x="{2 * EDGE + width + 6:.1f}" y="{y + 4}">{ratio:.1f}</text>')
        y += 34
    return svg(marks, y)


def curve() -> str:
    """What the whole reader learns over the pairs it has seen; the newest of each number."""
    rows = {row["pairs"]: row for row in last("curve") if row["name"] in DRAWN}
    least, most = log10(min(rows)), log10(max(rows))
    marks = []

    def place(pairs: float, value: float) -> tuple[float, float]:
        across = (log10(pairs) - least) / max(1e-9, most - least)
        return EDGE + across * (WIDTH - 5 * EDGE), HEIGHT - EDGE - value * (HEIGHT - 2 * EDGE)

    for tenth in range(0, 11, 2):
        _, y = place(10**least, tenth / 10)
        marks.append(f'<path d="M{EDGE} {y:.1f}H{WIDTH - 4 * EDGE}" stroke="#ddd"/>')
        marks.append(f'<text x="{EDGE - 6}" y="{y + 4:.1f}" text-anchor="end">{tenth / 10}</text>')
    for pairs in sorted(rows):
        x, _ = place(pairs, 0)
        marks.append(f'<text x="{x:.1f}" y="{HEIGHT - 40}" text-anchor="middle">{pairs:,}</text>')
    for (name, title), colour in zip(LEARNT.items(), COLOURS, strict=False):
        points = [place(pairs, row[name]) for pairs, row in sorted(rows.items())]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        marks.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = points[-1]
        marks.append(f'<text x="{x + 8:.1f}" y="{y + 4:.1f}" fill="{colour}">{title}</text>')
    marks.append(
        f'<text x="{WIDTH / 2 - EDGE}" y="{HEIGHT - 14}" text-anchor="middle">'
        "pairs of question and passage learned from</text>"
    )
    return svg(marks)


def main() -> None:
    """Write the pictures."""
    for name, draw in (("scale", scale), ("beside", beside), ("curve", curve)):
        (RESULTS / f"{name}.svg").write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
