"""Charts: matplotlib as a picture, plotly as its own JSON."""

from __future__ import annotations

import sys
from io import BytesIO
from typing import Any

import msgspec

from streamsync_django.core.files import Binary

from .naming import Finished, Simplify


def matplotlib_png(figure: Any) -> Binary:
    """Draw a figure as PNG; one that pyplot keeps is closed, because pyplot would keep it for ever."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png")
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and getattr(figure, "number", None) is not None:
        pyplot.close(figure)
    return Binary.of("image/png", buffer.getvalue())


def plotly_json(figure: Any) -> Finished:
    """Embed a plotly figure's own JSON as it is: taking it apart would only cost time."""
    return Finished(msgspec.Raw(figure.to_json().encode()))


BY_NAME: dict[str, Simplify] = {
    "matplotlib.Figure": matplotlib_png,
    "plotly.BaseFigure": plotly_json,
}
