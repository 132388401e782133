"""What every answer must and no page may hold, read from its headers and text.

A browser that is told so runs no script but those with the nonce of the answer; what is wrong is seen here
before a browser is asked (tests/browser/test_walk.py).
"""

import re

from django.http import HttpResponse

INLINE = {
    "a handler": re.compile(r"<[^>]+\son\w+\s*="),
    "a style": re.compile(r"<style\b|<[^>]+\sstyle\s*="),
    "an address of script": re.compile(r"(?:href|src|action)\s*=\s*[\"']?\s*javascript:", re.IGNORECASE),
    "another host": re.compile(r"(?:href|src|action|srcset|poster)\s*=\s*[\"']?\s*(?:https?:)?//"),
}
# What stands for a sealed value that was never opened: no person can do anything with it.
SEAL = re.compile(r"(?:<|&lt;)sealed(?:>|&gt;)")
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL)
# What a page is given to read is run by no browser.
DATA = 'type="application/json"'
NONCE = re.compile(r"script-src 'nonce-([^']+)'")
POLICY = ("default-src 'none'", "require-trusted-types-for 'script'", "trusted-types default inert")


def faults_of(response: HttpResponse) -> list[str]:
    """What the answer lacks, and what in its page would not run or would be heard of elsewhere."""
    kept = response.headers.get("Cache-Control", "")
    policy = response.headers.get("Content-Security-Policy", "")
    found = [] if "no-store" in kept and "private" in kept else [f"it may be kept: {kept}"]
    found += [f"a policy without {part}" for part in POLICY if part not in policy]
    if response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming:
        found += _of_page(response.content.decode(), policy)
    return found


def _of_page(page: str, policy: str) -> list[str]:
    found = [what for what, pattern in INLINE.items() if pattern.search(page)]
    if SEAL.search(page):
        found.append("a value that is still sealed")
    nonce = NONCE.search(policy)
    for attributes, text in SCRIPT.findall(page):
        if DATA in attributes:
            continue
        if not nonce or f'nonce="{nonce[1]}"' not in attributes:
            found.append(f"a script without its nonce: {attributes}")
        if text.strip():
            found.append(f"a script in the page: {text[:50]}")
    return found
