"""What an operator can do about a feed or page that cannot be had: one sentence for each reason.

docs/reference/reasons.md shows the same sentences, and tests/test_docs.py compares the two.
"""

import re

ADVICE = {
    # ------------------------------------------------------------------------------- we did not ask
    "bad-url": "Mend the address: it is too long, has characters that no address has, or a name or password in it.",
    "bad-scheme": "Mend the address: it has to begin with https:// or http://.",
    "bad-port": "Mend the address: we ask ports 80, 443, and those from 1024 on that belong to no other service.",
    "private-address": "Refused, because it leads into a private network; if it is yours, add its network to [network] allow_private.",
    "downgrade": "Refused, because it redirects from https to http; tell the publisher.",
    "too-many-redirects": "Open it in a browser and take the address where it ends.",
    "bad-redirect": "Tell the publisher: it redirects to no usable address.",
    "on-hold": "Nothing: the host asked us to come back later, and we do.",
    "not-recorded": "Record it again, with an empty --state.",
    "host-silent": "Nothing: its host did not answer for another page a moment ago, and is asked again later.",
    "robots": 'Nothing: its site forbids the page to programs; if the publisher allows it to you, write robots = "ignore" under [sites].',
    "robots-unavailable": "Nothing: its site cannot say which pages it forbids, so they wait; the feed's words stand in.",
    "crawl-delay": "Nothing: its site wants longer pauses between pages than alerts can wait for; the feed's words stand in.",
    # --------------------------------------------------------------------------------- no answer
    "dns": "Check the host's name for a typing error; if other feeds fail so too, check this machine's DNS.",
    "refused": "Nobody listens there: check the port, or ask the publisher whether the server is down.",
    "unreachable": "There is no way there: check this machine's network and firewall.",
    "timeout": "It is asked again later; if it always takes long, raise timeout for this feed.",
    "reset": "It is asked again later; if it stays so, the server or a firewall on the way turns us away: tell the publisher.",
    "protocol": "What answers there speaks no proper HTTP: check scheme and port of the address.",
    "tls": "Encryption with this server fails: tell the publisher.",
    "tls-expired": "The server's certificate has expired: tell the publisher.",
    "tls-name": "The server's certificate is for another name: check the host in the address, or tell the publisher.",
    "tls-untrusted": "No authority that this machine trusts vouches for the certificate; if it is your own, add it to the system's store or set SSL_CERT_FILE.",
    "tls-old": "The server speaks nothing newer than TLS 1.1, which nobody should: tell the publisher.",
    "proxy": "The proxy of [network] proxy does not answer or does not let us through: check its address and its login.",
    # ----------------------------------------------------------------------------- not the wanted answer
    "auth": "It wants a login: without one it cannot be watched.",
    "gone": "The publisher says that it will not come back: remove the feed, or find its new address.",
    "rate-limited": "Nothing at first; if it comes often, set a longer interval.min for this feed or a larger [network] per_host.gap.",
    "challenge": "A bot wall stands before it: set [network] contact, and ask the publisher to let us in.",
    "status-2xx": "The server answers, but sends no document: open it in a browser, and find the feed's new address.",
    "status-3xx": "The server sends us elsewhere in a way that cannot be followed: open it in a browser, and find the feed's new address.",
    "status-403": "The server forbids it: set [network] contact, and ask the publisher to let us in.",
    "status-404": "Nothing stands there any more: find the feed's new address on the publisher's site, or remove the feed.",
    "status-4xx": "The server does not like the question: open it in a browser, and find the feed's new address if it fails there too.",
    "status-5xx": "The server has trouble of its own and is asked again later; if it lasts for days, tell the publisher.",
    # ----------------------------------------------------------------------------- a body we cannot take
    "content-type": "Nothing: it is a document of another kind, such as PDF, whatever its label says.",
    "too-large": "If it is worth it, raise max_size for this feed.",
    "bomb": "Refused, because few bytes unpack to far too many; if the publisher is honest, tell them.",
    "bad-encoding": "Tell the publisher: its compression is broken, or of a kind that we did not ask for.",
    "truncated": "It is asked again later; if it stays so, tell the publisher that the body breaks off.",
    "time-limit": "Reading it took too long and was stopped: report it with the document.",
    "memory-limit": "Reading it wanted too much memory and was stopped: report it with the document.",
    "crash": "The process that read it died: report it with the document.",
    "internal": "A mistake in monitor itself: report it with the traceback in the log.",
    # ----------------------------------------------------------------------------- what is odd in a feed
    "empty-body": "Nothing stands in it; if it stays so, find the feed's new address.",
    "not-a-feed": "It is something else, a page perhaps: find the feed's address on the publisher's site.",
    "malformed-json": "Tell the publisher that the JSON is broken.",
    "malformed-xml": "Nothing: what could be read was taken; the publisher may like to hear that the XML is broken.",
    "encoding": "Nothing: the bytes do not fit their label, and were read as what they look like.",
    "bad-date": "Nothing: an entry has a date that nobody can read, and counts from when we saw it.",
    "bad-entry": "Nothing: an item of a JSON Feed is no object, and was left out.",
    "shared-guid": "Nothing: several entries have one id, and their addresses tell them apart.",
    "repeated-entry": "Nothing: an entry stands twice in the document, and counts once.",
    "too-many-entries": "Nothing: it holds more entries than we take, and the newest were taken.",
    "too-much-markup": "Nothing: it holds more tags than any newspaper prints, and what stood first was read.",
}

_STATUS = re.compile(r"status-([2-5])\d\d")


def advice(problem: str) -> str:
    """What to do about a feed's last problem, in one sentence; "" for what has no advice.

    problem: a reason alone ("timeout"), with its detail ("timeout (no whole answer within 30 s)"), or several
    ("bad-date, encoding"), of which the first that has advice counts.
    """
    for code in problem.partition(" (")[0].split(", "):
        if found := _of_code(code.strip()):
            return found
    return ""


def _of_code(code: str) -> str:
    code = code.removeprefix("parse-")  # a feed's parser that was stopped
    status = _STATUS.fullmatch(code)
    return ADVICE.get(code) or (ADVICE[f"status-{status[1]}xx"] if status else "")
