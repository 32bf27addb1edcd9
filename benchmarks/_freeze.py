"""How long a page answers nobody while it does something."""

from __future__ import annotations


def longest(doing: str) -> str:
    """JavaScript that does this, and returns the longest freeze on the way, and what it gave."""
    return f"""async () => {{
      let last = performance.now(), longest = 0, going = true;
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {{
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
        if (going) channel.port2.postMessage(0);
      }};
      channel.port2.postMessage(0);
      const gave = await (async () => {{ {doing} }})();
      going = false;
      return [longest, gave];
    }}"""
