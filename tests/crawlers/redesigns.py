"""Synthetic redesigns: one list of invented things, rendered by a template that a seed chooses."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

TOPICS = [
    "Recycled polymers",
    "Dairy logistics",
    "Photonic sensors",
    "Mould making",
    "Textile finishing",
    "Battery cells",
    "Cork panels",
    "Ceramic coatings",
    "Wind blades",
    "Olive presses",
    "Robot grippers",
    "Water reuse",
]
ACTIONS = ["pilot call", "voucher scheme", "innovation grant", "export mission", "joint programme", "feasibility fund"]
CITIES = ["Porto", "Lyon", "Ghent", "Turin", "Brno", "Malmö", "Linz", "Vigo"]
WORDS = ["card", "item", "entry", "teaser", "result", "row", "box", "tile", "post", "unit", "record", "listing"]
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]


@dataclass(frozen=True)
class Thing:
    number: int
    title: str
    due: date
    city: str
    summary: str

    @property
    def path(self) -> str:
        return f"/calls/{self.number}-{self.title.lower().replace(' ', '-')}"


def things(seed: int, count: int = 12) -> list[Thing]:
    random = Random(seed)
    made = []
    for number in range(count):
        title = f"{random.choice(TOPICS)} {random.choice(ACTIONS)} {2026 + number % 3}/{number + 1}"
        due = date(2027, 1, 10) + timedelta(days=random.randrange(300))
        summary = f"Support number {number + 1} for small companies around {random.choice(CITIES)} that work on {random.choice(TOPICS).lower()}."
        made.append(Thing(number=number + 100, title=title, due=due, city=random.choice(CITIES), summary=summary))
    return made


GOOD_TOML = """rows = "li.call"
[fields]
title = "h3 a"
url = "h3 a::attr(href)"
deadline = "span.due"
city = "span.city"
summary = "p"
"""


def good_page(shown: list[Thing]) -> bytes:
    rows = "".join(
        f'<li class="call"><h3><a href="{t.path}">{html.escape(t.title)}</a></h3><span class="due">{t.due.isoformat()}</span>'
        f'<span class="city">{t.city}</span><p>{html.escape(t.summary)}</p></li>'
        for t in shown
    )
    return f"<html><head><title>Calls</title></head><body><ul>{rows}</ul></body></html>".encode()


def redesigned(shown: list[Thing], seed: int) -> bytes:
    """The same things in another template. The seed decides tags, classes, nesting, order, date form and decoys."""
    random = Random(seed)
    row_tag = random.choice(["li", "div", "article", "tr", "section"])
    names = random.sample(WORDS, 6)
    hashed = random.random() < 0.2
    classes = [f"{name}-{random.randrange(16**6):06x}" if hashed else name for name in names]
    date_form = random.choice(["iso", "time", "words", "words", "european"])
    label = random.choice(["", "", "Deadline: ", "Closes: "])
    link_style = random.choice(["title", "title", "more", "around"])
    wrap = random.choice([0, 0, 1, 2])
    absolute = random.random() < 0.4
    summary_style = random.choice(["p", "p", "div", "cut" if random.random() < 0.5 else "p"])
    city_style = random.choice(["span", "span", "dd", "bare", "joined" if random.random() < 0.4 else "span"])
    second_date = random.random() < 0.3
    order = ["title", "due", "city", "summary"]
    if random.random() < 0.6:
        random.shuffle(order)

    def due(t: Thing) -> str:
        words = f"{t.due.day} {MONTHS[t.due.month - 1]} {t.due.year}"
        if date_form == "time":
            return f'<time datetime="{t.due.isoformat()}">{words}</time>'
        text = {"iso": t.due.isoformat(), "words": words, "european": f"{t.due.day:02d}.{t.due.month:02d}.{t.due.year}"}[date_form]
        return f'<span class="{classes[1]}">{label}{text}</span>'

    def row(t: Thing) -> str:
        href = f"https://calls.example.org{t.path}" if absolute else t.path
        title = html.escape(t.title)
        cell = "td" if row_tag == "tr" else "div"
        parts = {
            "title": f'<h2 class="{classes[2]}"><a href="{href}">{title}</a></h2>'
            if link_style == "title"
            else f'<h2 class="{classes[2]}">{title}</h2>',
            "due": due(t) + (f'<span class="{classes[5]}">Published 2026-11-0{1 + t.number % 8}</span>' if second_date else ""),
            "city": {
                "span": f'<span class="{classes[3]}">{t.city}</span>',
                "dd": f"<dl><dt>Place</dt><dd>{t.city}</dd></dl>",
                "bare": f"<b>{t.city}</b>",
                "joined": f'<span class="{classes[3]}">{t.city}, some country</span>',
            }[city_style],
            "summary": f'<div class="{classes[4]}">{html.escape(t.summary)}</div>'
            if summary_style == "div"
            else f"<p>{html.escape(t.summary[:40] + '…' if summary_style == 'cut' else t.summary)}</p>",
        }
        body = "".join(f"<{cell}>{parts[name]}</{cell}>" if row_tag == "tr" or wrap == 2 else parts[name] for name in order)
        if link_style == "more":
            more = f'<a class="more" href="{href}">Read more</a>'
            body += f"<td>{more}</td>" if row_tag == "tr" else more
        if link_style == "around" and row_tag != "tr":
            body = f'<a class="{classes[5]}" href="{href}">{body}</a>'
        elif link_style == "around":
            body += f'<td><a href="{href}">Open</a></td>'
        if wrap and row_tag != "tr":
            body = f'<div class="inner">{body}</div>'
        return f'<{row_tag} class="{classes[0]}">{body}</{row_tag}>'

    newcomers = things(seed + 50_000, 2) if random.random() < 0.5 else []
    kept = [t for t in shown if random.random() < 0.85] or shown
    rows = [
        row(Thing(number=t.number + 900, title="New: " + t.title, due=t.due, city=t.city, summary=t.summary)) for t in newcomers
    ]
    rows += [row(t) for t in kept]
    if random.random() < 0.3:
        rows.insert(
            2,
            f'<{row_tag} class="{classes[0]} promo"><a href="/newsletter">Subscribe to our newsletter</a></{row_tag}>'
            if row_tag != "tr"
            else "",
        )
    container = {"li": "ul", "tr": "table"}.get(row_tag, "div")
    decoys = ""
    if random.random() < 0.4:
        popular = "".join(f'<li><a href="{t.path}">{html.escape(t.title)}</a></li>' for t in kept[:3])
        decoys += f'<aside class="popular"><ul>{popular}</ul></aside>'
    menu = "".join(f'<li class="menu-item"><a href="/m{n}">Menu {n}</a></li>' for n in range(6))
    page = f'<header><nav><ul>{menu}</ul></nav></header>{decoys}<main><{container} class="list">{"".join(rows)}</{container}></main><footer><p>Contact</p></footer>'
    return f'<!doctype html><html><head><meta charset="utf-8"><title>Our calls</title></head><body>{page}</body></html>'.encode()
