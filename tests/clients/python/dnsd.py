"""A DNS server for tests, over UDP: knows what it is given, and that there is nothing else.

    dnsd.py PORT RECORDS

RECORDS is JSON: name to a list of TXT records. Prints "ready"; ends with standard input.
"""

import json
import socket
import sys
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


def quoted(text):
    return " ".join(f'"{text[place:place + 250]}"' for place in range(0, len(text), 250))


def answer(request, records):
    response = dns.message.make_response(request)
    response.flags |= dns.flags.RA | dns.flags.AA
    question = request.question[0]
    found = records.get(question.name.to_text().lower().rstrip("."))
    if found is None:
        response.set_rcode(dns.rcode.NXDOMAIN)
    elif question.rdtype == dns.rdatatype.TXT:
        response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", *map(quoted, found)))
    return response


def main(port, records):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", port))

    def serve():
        while True:
            packet, peer = server.recvfrom(4096)
            server.sendto(answer(dns.message.from_wire(packet), records).to_wire(max_size=4096), peer)

    threading.Thread(target=serve, daemon=True).start()
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]), json.loads(sys.argv[2]))
