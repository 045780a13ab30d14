"""Who visits, as far as a request tells: the network address, the network that limits count by, and the browser."""

from ipaddress import IPv6Address, ip_address, ip_network

from flask import Request

LONGEST_ADDRESS, LONGEST_AGENT = 64, 300
OWN_BITS = 64  # of IPv6: whoever has one address has all that begin so
FROM_OURS = frozenset({"same-origin", "none"})


def bare_address(said: str) -> str:
    """The address without the port that some proxies write behind it."""
    if said.startswith("["):
        said = said[1:].partition("]")[0]
    elif said.count(":") == 1:
        said = said.partition(":")[0]
    return said[:LONGEST_ADDRESS]


def network_of(address: str) -> str:
    """What limits count by: the address itself, of IPv6 the network that belongs to one customer."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ip_network((int(known), OWN_BITS), strict=False))


def browser_of(request: Request) -> str:
    """What the visitor's program calls itself, on one line."""
    return "".join(sign for sign in request.user_agent.string[:LONGEST_AGENT] if sign.isprintable())


def sent_by_another_site(request: Request) -> bool:
    """Whether a page that is not ours posted this; browsers say so, and no page can make them say otherwise."""
    return request.headers.get("Sec-Fetch-Site", "none") not in FROM_OURS
