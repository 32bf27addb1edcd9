"""A Matplotlib figure as a small SVG that a page can own: no metadata, short numbers, own ids."""

from __future__ import annotations

import base64
import io
import re
import xml.etree.ElementTree as ET
from typing import Any

import matplotlib as mpl
import matplotlib.image
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gdlib.live.errors import LiveError
from gdlib.live.theme import with_variables

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
ET.register_namespace("", SVG)
ET.register_namespace("xlink", XLINK)
_NUMBER = re.compile(r"-?\d+\.\d+")
_REFERENCE = re.compile(r"#([\w.-]+)")
_URL = re.compile(r"url\(#([\w.-]+)\)")


def save(fig: Figure) -> ET.Element:
    """Draw the figure and return its SVG."""
    buffer = io.StringIO()
    settings: dict[Any, Any] = {
        "svg.fonttype": "none",
        "svg.hashsalt": "gdlib",
        "path.simplify": True,
    }
    with mpl.rc_context(settings):
        metadata: dict[Any, Any] = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        fig.savefig(buffer, format="svg", metadata=metadata)
    return ET.fromstring(buffer.getvalue())


def group(root: ET.Element, gid: str) -> ET.Element:
    """Return the group that Matplotlib drew an artist into."""
    found = root.find(f".//{{{SVG}}}g[@id='{gid}']")
    if found is None:
        raise LiveError(f"bind: Matplotlib did not draw the artist {gid}; is it visible?")
    return found


def put_image(element: ET.Element, pixels: np.ndarray, axes: Axes) -> None:
    """Replace a drawn rectangle by an image of these pixels (first row on top)."""
    path = element.find(f"{{{SVG}}}path")
    assert path is not None
    numbers = np.array([float(v) for v in re.findall(r"-?[\d.]+", path.get("d", ""))])
    x, y = numbers.reshape(-1, 2).T
    buffer = io.BytesIO()
    metadata: dict[Any, Any] = {"Software": None}
    matplotlib.image.imsave(buffer, pixels, format="png", metadata=metadata)
    image = ET.Element(
        f"{{{SVG}}}image",
        {
            "x": f"{x.min():.2f}",
            "y": f"{y.min():.2f}",
            "width": f"{x.max() - x.min():.2f}",
            "height": f"{y.max() - y.min():.2f}",
            "preserveAspectRatio": "none",
            "href": "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode(),
        },
    )
    if clip := path.get("clip-path"):
        image.set("clip-path", clip)
    element.remove(path)
    element.append(image)


def trim(root: ET.Element, prefix: str, keep: set[str]) -> None:
    """Take metadata and unused ids away, and prefix the other ids.

    `keep` names the ids that are looked for later.
    """
    parents = {child: parent for parent in root.iter() for child in parent}
    for element in list(root.iter()):
        tag = element.tag.rpartition("}")[2]
        invisible = tag == "path" and element.get("style") in ("fill: none", "opacity: 0")
        if tag in ("metadata", "style") or invisible:
            parents[element].remove(element)
    referenced = {
        name
        for element in root.iter()
        for value in element.attrib.values()
        for name in _REFERENCE.findall(value if "url(#" in value or value[:1] == "#" else "")
    }
    short = {name: f"{prefix}-{i}" for i, name in enumerate(sorted(referenced - keep))}
    for element in root.iter():
        for key, given in list(element.attrib.items()):
            value = _URL.sub(lambda m: f"url(#{short.get(m[1], m[1])})", given)
            if key == "id":
                if value in short:
                    element.set(key, short[value])
                elif value not in keep:
                    del element.attrib[key]
            elif key.endswith("href") and value[:1] == "#":
                element.set(key, "#" + short.get(value[1:], value[1:]))
            elif key == "clip-path":
                element.set(key, value)
            elif key in ("d", "x", "y", "transform", "width", "height"):
                element.set(key, _shorten(" ".join(value.split())))
            elif key == "style":
                element.set(key, _style(value))
        if element.get("transform") == "":
            del element.attrib["transform"]
    _drop_empty_groups(root, keep)
    for name in ("width", "height"):
        root.attrib.pop(name)
    for element in root.iter():
        element.tail = None
        if element.text is not None and not element.text.strip():
            element.text = None


def text_of(root: ET.Element) -> str:
    """Return the SVG as text, with the colours of the page's theme."""
    return with_variables(ET.tostring(root, encoding="unicode"))


def _shorten(text: str) -> str:
    def two_decimals(match: re.Match[str]) -> str:
        return f"{float(match[0]):.2f}".rstrip("0").rstrip(".")

    text = _NUMBER.sub(two_decimals, text)
    text = re.sub(r"\s*([MLCQzZ])\s*", r"\1", text)
    # A rotation by zero is what Matplotlib writes for text that stands upright.
    return re.sub(r"rotate\(-?0 [^)]*\)", "", text)


def _style(style: str) -> str:
    style = re.sub(r"font-family: [^;]*;?", "", style)
    style = re.sub(r"font: ([^;']*?)px [^;]*", r"font-size: \1px", style)
    return re.sub(r"\s*([:;])\s*", r"\1", style).strip("; ")


def _drop_empty_groups(parent: ET.Element, keep: set[str]) -> None:
    for child in list(parent):
        _drop_empty_groups(child, keep)
        if child.tag != f"{{{SVG}}}g":
            continue
        if len(child) == 0 and child.get("id") not in keep:
            parent.remove(child)
        elif not child.attrib and len(child) == 1:
            parent[list(parent).index(child)] = child[0]
