"""The two charts: Plotly figures without fonts and backgrounds of their own, so that they follow the page."""

import plotly.graph_objects as go

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

#: The kinds of weather in the order in which bars are stacked.
COLOURS = {"sun": "#e8a33d", "fog": "#98a2b3", "drizzle": "#7cb8d8", "rain": "#3f72c9", "snow": "#8a6fd1"}


def seasons_chart(days):
    """Return the usual range between a day's low and high, month by month."""
    by_month = days.groupby(days["date"].dt.month)[["temp_min", "temp_max"]].mean().reindex(range(1, 13))
    figure = _figure("Usual lows and highs", "°C")
    figure.add_scatter(
        x=MONTHS,
        y=by_month["temp_max"].round(1),
        name="High",
        line={"color": "#d9603b", "width": 3, "shape": "spline"},
    )
    figure.add_scatter(
        x=MONTHS,
        y=by_month["temp_min"].round(1),
        name="Low",
        line={"color": "#3f72c9", "width": 3, "shape": "spline"},
        fill="tonexty",
        fillcolor="rgba(217, 96, 59, 0.14)",
    )
    return figure


def skies_chart(days):
    """Return how many days of each kind every month had."""
    counts = days.groupby([days["date"].dt.month, "weather"]).size().unstack(fill_value=0)
    counts = counts.reindex(index=range(1, 13), columns=list(COLOURS), fill_value=0)
    figure = _figure("Days by weather", "days")
    for kind, colour in COLOURS.items():
        figure.add_bar(x=MONTHS, y=counts[kind], name=kind.capitalize(), marker={"color": colour})
    return figure.update_layout(barmode="stack", bargap=0.25)


def _figure(title, unit):
    return go.Figure(
        layout={
            "template": "none",
            "title": {"text": title, "x": 0, "xref": "paper"},
            "height": 340,
            "margin": {"l": 44, "r": 8, "t": 48, "b": 64},
            "paper_bgcolor": "rgba(0, 0, 0, 0)",
            "plot_bgcolor": "rgba(0, 0, 0, 0)",
            "xaxis": {"showgrid": False, "fixedrange": True},
            "yaxis": {"title": {"text": unit}, "zeroline": False, "fixedrange": True},
            "legend": {"orientation": "h", "y": -0.16, "x": 0},
            "hovermode": "x unified",
        }
    )
