"""The days and what can be told about them: plain pandas, nothing of a page."""

from pathlib import Path

import pandas as pd

ALL_DAYS = pd.read_csv(Path(__file__).parent / "data" / "seattle-weather.csv", parse_dates=["date"])


def matching(min_high, max_rain, max_wind):
    """Return the days that all three filters let through."""
    return ALL_DAYS[
        (ALL_DAYS["temp_max"] >= min_high)
        & (ALL_DAYS["precipitation"] <= max_rain)
        & (ALL_DAYS["wind"] <= max_wind)
    ]


def as_table(days):
    """Return days with the columns and headings that a reader wants to see."""
    return pd.DataFrame(
        {
            "Date": days["date"].dt.strftime("%Y-%m-%d"),
            "Weather": days["weather"],
            "High °C": days["temp_max"],
            "Low °C": days["temp_min"],
            "Rain mm": days["precipitation"],
            "Wind m/s": days["wind"],
        }
    ).reset_index(drop=True)


def summary(days):
    """Return the numbers above the charts, each with its difference from all days."""
    if days.empty:
        nothing = dict.fromkeys(("high", "rain", "wind", "dry"), "–")
        notes = dict.fromkeys(("high_note", "rain_note", "wind_note", "dry_note"), "")
        return (
            nothing | notes | {"days": "0", "total": f"{len(ALL_DAYS):,}", "dry_share": 0, "hint": _NO_DAYS}
        )
    dry, all_dry = _dry_share(days), _dry_share(ALL_DAYS)
    return {
        "days": f"{len(days):,}",
        "total": f"{len(ALL_DAYS):,}",
        "high": f"{days['temp_max'].mean():.1f} °C",
        "high_note": _difference(days["temp_max"].mean() - ALL_DAYS["temp_max"].mean(), "°C"),
        "rain": f"{days['precipitation'].mean():.1f} mm",
        "rain_note": _difference(days["precipitation"].mean() - ALL_DAYS["precipitation"].mean(), "mm"),
        "wind": f"{days['wind'].mean():.1f} m/s",
        "wind_note": _difference(days["wind"].mean() - ALL_DAYS["wind"].mean(), "m/s"),
        "dry": f"{dry:.0f} %",
        "dry_note": _difference(dry - all_dry, "points"),
        "dry_share": round(dry),
        "hint": "",
    }


def record_days():
    """Return the four most extreme days, by a name for each."""
    hottest = ALL_DAYS.loc[ALL_DAYS["temp_max"].idxmax()]
    coldest = ALL_DAYS.loc[ALL_DAYS["temp_min"].idxmin()]
    wettest = ALL_DAYS.loc[ALL_DAYS["precipitation"].idxmax()]
    windiest = ALL_DAYS.loc[ALL_DAYS["wind"].idxmax()]
    return {
        "hottest": _record("The hottest day", hottest, f"{hottest['temp_max']:.1f} °C"),
        "coldest": _record("The coldest night", coldest, f"{coldest['temp_min']:.1f} °C"),
        "wettest": _record("The wettest day", wettest, f"{wettest['precipitation']:.1f} mm"),
        "windiest": _record("The windiest day", windiest, f"{windiest['wind']:.1f} m/s"),
    }


def by_year():
    """Return one chapter of Markdown for each year."""
    chapters = {}
    for year, days in ALL_DAYS.groupby(ALL_DAYS["date"].dt.year):
        hottest = days.loc[days["temp_max"].idxmax()]
        chapters[year] = (
            f"### {year}\n\n"
            f"**{(days['weather'] == 'sun').sum()} days of sun** and {days['precipitation'].sum():,.0f} mm of rain. "
            f"The warmest day was {hottest['date']:%d %B} with {hottest['temp_max']:.1f} °C; "
            f"{(days['temp_min'] < 0).sum()} nights fell below freezing."
        )
    return chapters


_NO_DAYS = "!No day in four years was like that. Move a slider back a little."


def _dry_share(days):
    return 100 * (days["precipitation"] == 0).mean()


def _difference(value, unit):
    """Return a metric's note: the leading sign chooses its colour."""
    if abs(value) < 0.05:
        return "same as all days"
    return f"{value:+.1f} {unit} against all days"


def _record(title, day, value):
    return {
        "title": title,
        "value": value,
        "date": f"{day['date']:%d %B %Y}",
        "weather": day["weather"],
        "cheers": 0,
        "story": (
            f"On **{day['date']:%A, %d %B %Y}** Seattle saw {day['weather']}, between {day['temp_min']:.1f} and "
            f"{day['temp_max']:.1f} °C, {day['precipitation']:.1f} mm of rain and wind of {day['wind']:.1f} m/s."
        ),
    }
