#!/usr/bin/env python3
"""Asks filters about the same messages in their own protocols, and prints the rate and the processor time of each.

    fronts.py --messages FOLDER [--count 200] [--clients 1 4] NAME=PROTOCOL:HOST:PORT:PID ...

PROTOCOL is spamd, rspamd or milter. PID is the daemon's; its children and theirs are counted with it, also those that ended in between.
One connection a message, as spamc, rspamc and Postfix make them. Every message is asked once before it is counted.
"""
import argparse, os, socket, struct, sys, threading, time

TICK = os.sysconf("SC_CLK_TCK")


def read_to_end(link):
    parts = []
    while True:
        part = link.recv(65536)
        if not part:
            return b"".join(parts)
        parts.append(part)


def spamd(address, message):
    with socket.create_connection(address, 120) as link:
        link.sendall(b"SYMBOLS SPAMC/1.5\r\nContent-length: %d\r\n\r\n" % len(message) + message)
        link.shutdown(socket.SHUT_WR)
        answer = read_to_end(link)
    if b" 0 EX_OK" not in answer.split(b"\r\n", 1)[0]:
        raise RuntimeError(answer[:200])


def rspamd(address, message):
    with socket.create_connection(address, 120) as link:
        link.sendall(
            b"POST /checkv2 HTTP/1.1\r\nHost: filter\r\nConnection: close\r\nIP: 198.51.100.9\r\nHelo: mail.else.example\r\n"
            b"From: sender@else.example\r\nRcpt: boss@company.example\r\nContent-Length: %d\r\n\r\n" % len(message) + message)
        answer = read_to_end(link)
    if b" 200 " not in answer.split(b"\r\n", 1)[0]:
        raise RuntimeError(answer[:200])


def milter(address, message):
    """The dialogue Postfix has, with every step that the filter did not wave through in its answer to the options."""
    head, _, body = message.replace(b"\r\n", b"\n").partition(b"\n\n")
    with socket.create_connection(address, 120) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def send(code, data=b""):
            link.sendall(struct.pack("!I", len(data) + 1) + code + data)

        def exactly(count):
            part = b""
            while len(part) < count:
                more = link.recv(count - len(part))
                if not more:
                    raise RuntimeError("closed early")
                part += more
            return part

        def answer():
            size = struct.unpack("!I", exactly(4))[0]
            packet = exactly(size)
            return packet[:1], packet[1:]

        def step(code, data, silent):
            send(code, data)
            return None if protocol & silent else answer()[0]

        send(b"O", struct.pack("!III", 6, 0x1FF, 0x1FFFFF))
        protocol = struct.unpack("!III", answer()[1][:12])[2]
        steps = [
            (b"D", b"Cj\0mx.company.example\0", 0xFFFFFFFF, 0),
            (b"C", b"mail.else.example\0" + b"4" + struct.pack("!H", 40000) + b"198.51.100.9\0", 0x1000, 0x01),
            (b"H", b"mail.else.example\0", 0x2000, 0x02),
            (b"M", b"<sender@else.example>\0", 0x4000, 0x04),
            (b"R", b"<boss@company.example>\0", 0x8000, 0x08),
            (b"T", b"", 0x10000, 0x200),
        ]
        for code, data, silent, unwanted in steps:
            if protocol & unwanted:
                continue
            if code == b"D":
                send(code, data)
            elif step(code, data, silent) not in (None, b"c"):
                return
        fields = []
        for line in head.split(b"\n"):
            if line[:1] in (b" ", b"\t") and fields:
                fields[-1] += b"\n" + line
            else:
                fields.append(line)
        for field in fields:
            name, colon, value = field.partition(b":")
            if colon and step(b"L", name + b"\0" + value.lstrip(b" ") + b"\0", 0x80) not in (None, b"c"):
                return
        if not protocol & 0x40:
            step(b"N", b"", 0x40000)
        body = body.replace(b"\n", b"\r\n")
        for start in range(0, len(body), 65535):
            kind = step(b"B", body[start:start + 65535], 0x80000)
            if kind == b"s":
                break
            if kind not in (None, b"c"):
                return
        send(b"E")
        while True:
            kind, _ = answer()
            if kind in b"acdrty" and kind:
                break
        send(b"Q")


ASK = {"spamd": spamd, "rspamd": rspamd, "milter": milter}


def family(pid):
    """The process and all below it."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as stat:
                    children.setdefault(int(stat.read().rsplit(")", 1)[1].split()[1]), []).append(int(entry))
            except OSError:
                continue
    found, open_ = [], [pid]
    while open_:
        one = open_.pop()
        found.append(one)
        open_ += children.get(one, [])
    return found


def processor(pid):
    """Seconds of processor time of a process, its children, and what it has waited for."""
    total = 0
    for one in family(pid):
        try:
            with open(f"/proc/{one}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12]) + (int(fields[13]) + int(fields[14]) if one == pid else 0)
    return total / TICK


def measure(ask, address, pid, messages, clients):
    waiting, lock, failed = list(messages), threading.Lock(), []

    def client():
        while True:
            with lock:
                if not waiting:
                    return
                message = waiting.pop()
            try:
                ask(address, message)
            except Exception as fault:
                failed.append(fault)

    began, used = time.monotonic(), processor(pid)
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - began, processor(pid) - used, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--warm", type=int, default=0, help="ask only this many before counting; 0 is all")
    parser.add_argument("filters", nargs="+")
    options = parser.parse_args()
    files = sorted(os.path.join(folder, name) for folder, _, names in os.walk(options.messages) for name in names)
    files = files[::max(1, len(files) // options.count)][:options.count]
    messages = []
    for file in files:
        with open(file, "rb") as stream:
            messages.append(stream.read())
    print(f"{len(messages)} messages, {sum(map(len, messages)) // len(messages)} octets on average")
    print("| filter | clients | messages/s | CPU ms/message | failed |\n|---|---|---|---|---|")
    for described in options.filters:
        name, _, rest = described.partition("=")
        protocol, host, port, pid = rest.split(":")
        ask, address, pid = ASK[protocol], (host, int(port)), int(pid)
        for message in messages[:options.warm] if options.warm else messages:
            try:
                ask(address, message)
            except Exception as fault:
                print(f"{name}: {fault!r}", file=sys.stderr)
        for clients in options.clients:
            seconds, used, failed = measure(ask, address, pid, messages, clients)
            print(f"| {name} | {clients} | {len(messages) / seconds:.0f} | {used * 1000 / len(messages):.1f} | {len(failed)} |", flush=True)


main()
