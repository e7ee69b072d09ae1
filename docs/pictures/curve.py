"""How many labels a topic needs: measures it, and draws it.

    .venv/bin/python docs/pictures/curve.py --measure LABELS.jsonl     writes learning-curve.csv, then draws; about a minute
    .venv/bin/python docs/pictures/curve.py                            draws learning-curve.svg from learning-curve.csv

Measured: the words and the rule of the topic nato-ukraine in config.toml, with weights that nobody has thought about (every group and
pair 1, what speaks against -1, the bias as it is where none is given). So many labels are drawn, weights and bias are learned from them as
`topics tune` does, and the other labels are judged. Each number of labels is drawn 20 times, always the same ones.
"""

import argparse
import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

from monitor.config import load_topics
from monitor.matcher.labels import read_labels
from monitor.matcher.measure import Case, cases, figures, shuffled
from monitor.matcher.query import CompiledTopic, compile_topic
from monitor.matcher.tune import Model, present, proposed, verdict_by
from monitor.model import Grade

HERE = Path(__file__).resolve().parent
CSV, SVG = HERE / "learning-curve.csv", HERE / "learning-curve.svg"
COUNTS = (0, 20, 40, 80, 160)
DRAWS = 20
TOPIC = "nato-ukraine"


# ----------------------------------------------------------------------------------------------- measure
def measure(labels_file: Path, config: Path) -> None:
    topic = next(topic for topic in load_topics(config) if topic.id == TOPIC)
    start = without_weights(topic)
    with labels_file.open("rb") as lines:
        judged = [case for case in cases(start, read_labels(lines, name=labels_file.name)) if case.label.grade != Grade.PARTLY]
    day = datetime.now(UTC).date()
    with CSV.open("w", encoding="utf-8", newline="") as out:
        written = csv.writer(out, lineterminator="\n")
        written.writerow(["labels", "draw", "f1", "ap", "judged", "topic_version", "measured"])
        for count in COUNTS:
            for draw in range(DRAWS if count else 1):
                f1, ap, rest = one_draw(start, judged, count, draw)
                written.writerow([count, draw, f"{f1:.4f}", f"{ap:.4f}", rest, topic.version, day])


def without_weights(topic: CompiledTopic) -> CompiledTopic:
    groups = {name: replace(group, weight=float((group.weight > 0) - (group.weight < 0))) for name, group in topic.groups.items()}
    return compile_topic(
        topic.id,
        title=topic.title,
        rule=topic.rule_text,
        groups=groups,
        digest_at=topic.digest_at,
        alert_at=topic.alert_at,
        places=topic.places,
        near=[replace(pair, weight=1.0) for pair in topic.near],
    )


def one_draw(topic: CompiledTopic, judged: list[Case], count: int, draw: int) -> tuple[float, float, int]:
    """F1 and average precision on the labels that were not drawn."""
    order = shuffled(range(len(judged)), seed=draw)
    learned: Model = proposed(topic, [judged[place] for place in order[:count]]) if count else present(topic)
    rest = [judged[place] for place in order[count:]]
    found = figures([verdict_by(topic, learned, case, case.found) for case in rest])
    return found.f1 or 0.0, found.ap or 0.0, len(rest)


# -------------------------------------------------------------------------------------------------- draw
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 380, 64, 180, 20, 62
LOWEST = 0.4
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #222; }
.small { font-size: 12px; fill: #555; }
.axis, .tick { stroke: #777; fill: none; } .grid { stroke: #ddd; }
.ap { stroke: #0b5fa5; } .f1 { stroke: #b3541e; stroke-dasharray: 7 4; }
.line { fill: none; stroke-width: 2.5; } .whisker { stroke-width: 1.5; stroke-dasharray: none; }
.dot { stroke-width: 2; fill: #fff; stroke-dasharray: none; }
@media (prefers-color-scheme: dark) {
  text { fill: #eee; } .small { fill: #bbb; } .grid { stroke: #444; } .axis, .tick { stroke: #999; }
  .ap { stroke: #6db3f2; } .f1 { stroke: #f0a36b; } .dot { fill: #1c1d20; }
}
"""


def drawn() -> str:
    """The picture of what the CSV holds."""
    with CSV.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    counts = sorted({int(row["labels"]) for row in rows})
    total = int(rows[0]["judged"]) + int(rows[0]["labels"])
    draws = max(sum(int(row["labels"]) == count for row in rows) for count in counts)
    name = f"F1 and average precision by number of labels, {draws} draws of {total} labels"
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="curve-name">']
    parts += [f'<title id="curve-name">{name}</title>', f"<style>{STYLE}</style>", *axes(counts)]
    for measure_name, title in (("ap", "average precision"), ("f1", "F1")):
        parts += line(rows, counts, measure_name, title)
    said = f"{total} labelled texts, {draws} draws for each number; dots are means, bars hold the middle 80 %; measured {rows[0]['measured']}"
    parts += [f'<text class="small" x="16" y="{HEIGHT - 8}">{said}</text>', "</svg>"]
    return "\n".join(parts) + "\n"


def x(counts: list[int], count: int) -> float:
    return LEFT + 24 + counts.index(count) * (WIDTH - LEFT - RIGHT - 48) / (len(counts) - 1)


def y(value: float) -> float:
    return TOP + (1 - value) / (1 - LOWEST) * (HEIGHT - TOP - BOTTOM)


def axes(counts: list[int]) -> Iterator[str]:
    for step in range(round(LOWEST * 10), 11):
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(step / 10):.1f}" y2="{y(step / 10):.1f}"/>'
        yield f'<text x="{LEFT - 10}" y="{y(step / 10) + 4:.1f}" text-anchor="end">{step / 10:.1f}</text>'
    yield f'<path class="axis" d="M{LEFT} {TOP}V{y(LOWEST):.1f}H{WIDTH - RIGHT}"/>'
    for count in counts:
        yield f'<text x="{x(counts, count):.1f}" y="{y(LOWEST) + 18:.1f}" text-anchor="middle">{count}</text>'
    yield f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{y(LOWEST) + 36:.1f}" text-anchor="middle">labels given</text>'
    yield f'<text transform="translate(16 {(TOP + y(LOWEST)) / 2:.0f}) rotate(-90)" text-anchor="middle">on the other labels, 0 to 1</text>'


def line(rows: list[dict[str, str]], counts: list[int], measure_name: str, title: str) -> Iterator[str]:
    means = {}
    for count in counts:
        values = sorted(float(row[measure_name]) for row in rows if int(row["labels"]) == count)
        means[count] = mean(values)
        low, high = values[len(values) // 10], values[-1 - len(values) // 10]
        yield f'<line class="whisker {measure_name}" x1="{x(counts, count):.1f}" x2="{x(counts, count):.1f}" y1="{y(low):.1f}" y2="{y(high):.1f}"/>'
    path = "L".join(f"{x(counts, count):.1f} {y(value):.1f}" for count, value in means.items())
    yield f'<path class="line {measure_name}" d="M{path}"/>'
    for count, value in means.items():
        yield f'<circle class="dot {measure_name}" cx="{x(counts, count):.1f}" cy="{y(value):.1f}" r="4"/>'
    last = means[counts[-1]]
    yield f'<text x="{WIDTH - RIGHT + 6}" y="{y(last) + 4:.1f}">{title} {last:.2f}</text>'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", type=Path, metavar="LABELS.jsonl", help="labels as `monitor topics labels --export` writes them")
    parser.add_argument("--config", type=Path, default=HERE.parents[1] / "config.toml")
    args = parser.parse_args()
    if args.measure:
        measure(args.measure, args.config)
    SVG.write_text(drawn(), encoding="utf-8")


if __name__ == "__main__":
    main()
