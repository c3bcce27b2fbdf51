"""Verifies the DKIM signature of a mail, with another implementation than the gateway's.

    dkim_verify.py NAME RECORD < mail

NAME is where RECORD stands in DNS, with the dot at its end. Prints "right" or "wrong".
"""

import sys

import dkim

name, record = sys.argv[1].encode(), sys.argv[2].encode()
message = sys.stdin.buffer.read()
right = dkim.verify(message, dnsfunc=lambda asked, timeout=5: record if asked == name else None)
print("right" if right else "wrong")
