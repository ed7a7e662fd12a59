"""Charts of a run as inline SVG: whether confidence can be believed, and how long answers take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qa.evaluation.calibration import Bin

_SIZE = 220
_EDGE = 34
_BARS = 20


def _chart(about: str, marks: Iterable[str]) -> str:
    whole = _SIZE + 2 * _EDGE
    low, high = _EDGE, _EDGE + _SIZE
    lines = "".join(f"M{low} {low + share * _SIZE}H{high}" for share in (0, 0.25, 0.5, 0.75))
    axes = (
        f'<path class="grid" d="{lines}"/><path class="axis" fill="none" d="M{low} {high}H{high}"/>'
    )
    content = f"<title>{about}</title>{axes}{''.join(marks)}"
    return f'<svg role="img" viewBox="0 0 {whole} {whole}" width="{whole}">{content}</svg>'


def _place(x: float, y: float) -> tuple[float, float]:
    """Put a point of the unit square, y upwards, on the page."""
    return round(_EDGE + x * _SIZE, 1), round(_EDGE + (1 - y) * _SIZE, 1)


def _label(x: float, y: float, text: str, anchor: str = "middle") -> str:
    left, top = _place(x, y)
    return f'<text x="{left}" y="{top + 16}" text-anchor="{anchor}">{text}</text>'


def reliability_curve(bins: Sequence[Bin]) -> str:
    """Draw the share of answerable questions over the confidence said; the diagonal is honest."""
    total = sum(item.count for item in bins) or 1
    points = [(*_place(item.confidence, item.answerable), item) for item in bins]
    line = " ".join(f"{x},{y}" for x, y, _ in points)
    marks = [
        f'<path class="honest" d="M{_EDGE} {_EDGE + _SIZE}L{_EDGE + _SIZE} {_EDGE}"/>',
        f'<polyline class="curve" points="{line}"/>',
        *(
            f'<circle class="mark" cx="{x}" cy="{y}" r="{3 + 9 * item.count / total:.1f}">'
            f"<title>{item.count} questions: said {item.confidence:.2f}, "
            f"answerable {item.answerable:.2f}</title></circle>"
            for x, y, item in points
        ),
        *(_label(share, 0, f"{share:g}") for share in (0, 0.5, 1)),
        _label(0.5, -0.07, "confidence said"),
        *(_label(-0.02, share + 0.06, f"{share:g}", "end") for share in (0, 0.5, 1)),
        _label(0, 1.14, "share answerable", "start"),
    ]
    return _chart("Reliability: confidence against the share of answerable questions", marks)


def latency_histogram(milliseconds: Sequence[float]) -> str:
    """Draw how many answers took how long, in bars of equal width from 0."""
    slowest = max(milliseconds, default=0.0) or 1.0
    counts = [0] * _BARS
    for value in milliseconds:
        counts[min(int(value / slowest * _BARS), _BARS - 1)] += 1
    tallest = max(counts) or 1
    width = _SIZE / _BARS
    marks = [
        f'<rect class="mark" x="{_EDGE + number * width + 1:.1f}" '
        f'y="{_place(0, count / tallest)[1]}" width="{width - 2:.1f}" '
        f'height="{count / tallest * _SIZE:.1f}"><title>{count} answers</title></rect>'
        for number, count in enumerate(counts)
        if count
    ]
    marks += [
        *(_label(share, 0, f"{share * slowest:.0f}") for share in (0, 0.5, 1)),
        _label(0.5, -0.07, "milliseconds"),
        _label(-0.02, 1.06, str(tallest), "end"),
        _label(0, 1.14, "answers", "start"),
    ]
    return _chart("Latency: how many answers took how many milliseconds", marks)
