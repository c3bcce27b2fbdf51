"""Hands a mail over, as mail programs do: Python's smtplib, signed with dkimpy where that is asked for.

    handover.py smtp|lmtp PORT

Standard input is JSON: from, to (a list), message (Base64), and where wanted ca (a PEM file: STARTTLS), sign (domain, selector,
key file) and change (text to replace behind the signature). What came of it is JSON on standard output: code and text of the last answer,
and the code for each recipient that was refused before; 0 where the server's certificate is another one.
"""

import base64
import json
import smtplib
import ssl
import sys

import dkim


def signed(message, sign):
    with open(sign["key"], "rb") as file:
        key = file.read()
    header = dkim.sign(message, sign["selector"].encode(), sign["domain"].encode(), key, include_headers=[b"from", b"subject"])
    return header + message


def hand_over(server, order, message):
    refused = {}
    try:
        if "ca" in order:
            server.starttls(context=ssl.create_default_context(cafile=order["ca"]))
        refused = server.sendmail(order["from"], order["to"], message)
        code, text = 250, b""
    except smtplib.SMTPRecipientsRefused as error:
        refused = error.recipients
        code, text = next(iter(refused.values()))
    except smtplib.SMTPResponseException as error:
        code, text = error.smtp_code, error.smtp_error
    except ssl.SSLCertVerificationError as error:
        code, text = 0, error.verify_message.encode()
    return {"code": code, "text": text.decode(), "refused": {name: answer[0] for name, answer in refused.items()}}


def main(protocol, port):
    order = json.load(sys.stdin)
    message = base64.b64decode(order["message"])
    if "sign" in order:
        message = signed(message, order["sign"])
    if "change" in order:
        before, behind = order["change"]
        message = message.replace(before.encode(), behind.encode())
    kind = smtplib.LMTP if protocol == "lmtp" else smtplib.SMTP
    with kind("127.0.0.1", port, local_hostname="mail.customer.test", timeout=60) as server:
        print(json.dumps(hand_over(server, order, message)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
