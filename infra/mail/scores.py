#!/usr/bin/env python3
"""Reads what SpamAssassin says of mails, and fails where one has more than so many points: scores.py MOST"""
import re
import sys

mails = re.findall(r"^X-Spam-Status:.*?score=(-?[\d.]+).*?tests=(.*?) autolearn", sys.stdin.read(), re.S | re.M)
most = float(sys.argv[1])
high = [f"{score}: {re.sub(chr(92) + 's+', '', tests)}" for score, tests in mails if float(score) > most]
print("\n".join(high) or f"{len(mails)} mails have {max((float(s) for s, _ in mails), default=0)} points at most")
sys.exit(bool(high) or len(mails) < 60)
