"""A mail server that takes mail and writes it down, for tests: aiosmtpd with manners.

    smtpd.py PORT FOLDER

FOLDER holds cert.pem and key.pem (STARTTLS is needed before anything else) and `password`, that of USER. What is taken becomes
a line of JSON on standard output: sender, recipients, the message in Base64. How it behaves stands in the recipient's
name: nobody, busy (the first time), huge, silent (takes the message and goes away without a word). Ends with standard input.
"""

import asyncio
import base64
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

USER = b"support@example.test"


class Manners:
    def __init__(self):
        self.busy = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "nobody":
            return f"550 5.1.1 <{address}>: no such user"
        if name == "busy" and address not in self.busy:
            self.busy.add(address)
            return "451 4.7.1 come again"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        names = {address.split("@")[0] for address in envelope.rcpt_tos}
        if "huge" in names:
            return "552 5.3.4 too big"
        taken = {
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "message": base64.b64encode(envelope.content).decode(),
        }
        print(json.dumps(taken), flush=True)
        if "silent" in names:
            server.transport.abort()
            return "421 gone"
        return "250 2.0.0 queued"


def authenticator(password):
    def check(server, session, envelope, mechanism, auth):
        known = isinstance(auth, LoginPassword) and auth.login == USER and auth.password == password
        return AuthResult(success=known, handled=known)

    return check


async def main(port, folder):
    with open(f"{folder}/password", "rb") as file:
        password = file.read().strip()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
    manners = Manners()

    def session():
        return SMTP(
            manners,
            hostname="mail.example.test",
            tls_context=tls,
            require_starttls=True,
            auth_required=True,
            authenticator=authenticator(password),
        )

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", port)
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
