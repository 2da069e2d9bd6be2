#!/usr/bin/env python3
"""Reads each mail of a folder as Python's parser does, and holds it to what was written: read.py FOLDER

The folder is what TestMailsAsTheyGo (shared/effects) leaves where SEATMEND_MAILS names one. Beside, a
sample of them is written as one mailbox, sample.mbox: for SpamAssassin, which is started once for all.
"""
import email
import email.policy
import json
import pathlib
import re
import sys

folder = pathlib.Path(sys.argv[1])
facts = json.loads((folder / "facts.json").read_text("utf-8"))
faults = []


def same(name, what, got, want):
    if got != want:
        faults.append(f"{name}: {what} is {got!r}, want {want!r}")


def lines(text):
    return [line.rstrip() for line in text.strip().splitlines()]


with open(folder / "sample.mbox", "wb") as box:
    for name, want in facts.items():
        raw = (folder / f"{name}.eml").read_bytes()
        m = email.message_from_bytes(raw, policy=email.policy.default)
        same(name, "defects", [str(d) for part in m.walk() for d in part.defects], [])
        same(name, "Subject", m["Subject"], want["subject"])
        same(name, "From", m["From"].addresses[0].display_name, "Fjördpartner licens")
        same(name, "To", str(m["To"].addresses[0]), "Åsa Þórsdóttir <asa@xn--rn-eka.example>")
        same(name, "Message-ID", m["Message-ID"], want["id"])
        same(name, "the thread", [m["In-Reply-To"], m["References"]], [want["thread"]] * 2)
        same(name, "List-Unsubscribe", (m["List-Unsubscribe"] or "").strip("<> "), want["stop"])
        kinds = ["text/plain", "text/html"] if want["html"] else ["text/plain"]
        same(name, "the parts", [p.get_content_type() for p in m.walk() if not p.is_multipart()], kinds)
        text, html = (m.get_body((kind,)).get_content() if f"text/{kind}" in kinds else "" for kind in ("plain", "html"))
        same(name, "the text", lines(text), lines(want["text"]))
        same(name, "the HTML", lines(html), lines(want["html"]))
        # What is said in numbers, days and addresses stands in both parts, whatever the language.
        shown = re.sub(r"<!--.*?-->|<(style|title)[^>]*>.*?</\1>|<div style=\"display:none.*?</div>|<[^>]*>|&#\d+;", " ", html, flags=re.S)
        said, shown = (sorted(set(re.findall(r"\d+", re.sub(r"https?://\S+", "", part)))) for part in (text, shown))
        same(name, "numbers of the HTML", shown, said if html else [])
        if want["sample"]:
            body = raw.replace(b"\r\n", b"\n")
            box.write(b"From licens@fjordpartner.example Mon Nov 23 10:00:00 2026\n" + body.replace(b"\nFrom ", b"\n>From ") + b"\n\n")

print("\n".join(faults[:40]) or f"{len(facts)} mails are read as they were written")
sys.exit(bool(faults) or not facts)
