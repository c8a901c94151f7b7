"""Ethernet frames as bytes: forging what a hostile guest may send, reading what a guest received."""
import socket
import struct

IPV4, ARP, IPV6, VLAN, LLDP = 0x0800, 0x0806, 0x86DD, 0x8100, 0x88CC
BROADCAST = "ff:ff:ff:ff:ff:ff"


def mac_bytes(mac):
    return bytes.fromhex(mac.replace(":", ""))


def ethernet(to, source, kind, payload):
    """A frame in hexadecimal digits, padded to Ethernet's 60 bytes."""
    return (mac_bytes(to) + mac_bytes(source) + struct.pack("!H", kind) + payload).ljust(60, b"\0").hex()


def internet_checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(source, to, protocol, payload):
    def header(checksum):
        return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, checksum,
                           socket.inet_aton(source), socket.inet_aton(to))
    return header(internet_checksum(header(0))) + payload


def udp(source, to, port, text=b"knock"):
    """An IPv4 packet with a UDP datagram; it may leave its checksum out."""
    return ipv4(source, to, socket.IPPROTO_UDP, struct.pack("!HHHH", 7777, port, 8 + len(text), 0) + text)


def tcp_syn(source, to, port):
    segment = struct.pack("!HHIIBBHHH", 7777, port, 1, 0, 0x50, 2, 1024, 0, 0)
    pseudo = socket.inet_aton(source) + socket.inet_aton(to) + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(segment))
    checksum = struct.pack("!H", internet_checksum(pseudo + segment))
    return ipv4(source, to, socket.IPPROTO_TCP, segment[:16] + checksum + segment[18:])


def arp_reply(address, mac, to):
    """"`address` is at `mac`", told to `to` unasked."""
    return struct.pack("!HHBBH6s4s6s4s", 1, IPV4, 6, 4, 2, mac_bytes(mac), socket.inet_aton(address),
                       b"\xff" * 6, socket.inet_aton(to))


def described(frame):
    """(source MAC, what it is and from whom) of a received frame in hexadecimal digits."""
    data = bytes.fromhex(frame)
    source, kind, body = data[6:12].hex(":"), struct.unpack("!H", data[12:14])[0], data[14:]
    if kind == ARP:
        return source, f"arp from {socket.inet_ntoa(body[14:18])}"
    if kind != IPV4:
        return source, f"ethertype {kind:04x}"
    protocol = {socket.IPPROTO_TCP: "tcp", socket.IPPROTO_UDP: "udp", socket.IPPROTO_ICMP: "icmp"}.get(body[9], body[9])
    return source, f"{protocol} from {socket.inet_ntoa(body[12:16])}"
