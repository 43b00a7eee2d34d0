"""Seattle weather: four years of days to filter, chart, replay and write about."""

import time

import charts
import weather

import streamsync_django as ss

EVERYTHING = {"min_high": -2, "max_rain": 60, "max_wind": 10}
MILD_DAYS = {"min_high": 12, "max_rain": 20, "max_wind": 6}


# Handlers: every function here whose name has no leading underscore


def update(state):
    """Bring everything that depends on the sliders up to date."""
    days = weather.matching(**state["filter"])
    state["days"] = weather.as_table(days)
    state["summary"] = weather.summary(days)
    state["seasons"] = charts.seasons_chart(days)
    state["skies"] = charts.skies_chart(days)


def show_all_days(state):
    state["filter"] = EVERYTHING
    update(state)
    state.add_notification("info", "No filters", f"All {len(weather.ALL_DAYS):,} days are back.")


def download_days(state):
    csv = weather.matching(**state["filter"]).to_csv(index=False)
    state.file_download(ss.pack_bytes(csv.encode(), mime_type="text/csv"), "seattle-weather.csv")


def cheer(state, context):
    """Count a cheer for the card whose button was clicked: `context` knows which one that is."""
    record = state["records"][context["recordId"]]
    record["cheers"] += 1
    state.add_notification("success", record["title"], f"{record['value']} on {record['date']}: noted.")


def tell(state, context):
    """Open the almanac at the day of a card."""
    record = state["records"][context["recordId"]]
    state["almanac"]["text"] = f"### {record['title']}\n\n{record['story']}"
    state.set_page("almanac")


def play_or_pause(state):
    playing = state["replay"]["playing"] == "yes"
    state["replay"]["playing"] = "no" if playing else "yes"
    state["replay"]["button"] = "Play" if playing else "Pause"


def next_day(state):
    """Move the replay on by one day: the timer calls this while it is active."""
    replay = state["replay"]
    number = (replay["number"] + 1) % len(weather.ALL_DAYS)
    replay["number"] = number
    replay["week"] = weather.as_table(weather.ALL_DAYS.iloc[max(0, number - 6) : number + 1][::-1])
    day = weather.ALL_DAYS.iloc[number]
    replay["date"] = f"{day['date']:%d %B %Y}"
    replay["high"] = f"{day['temp_max']:.1f} °C"
    replay["weather"] = day["weather"]


def write_almanac(state):
    """Write for four seconds: what is assigned is on the screen before the handler ends."""
    almanac = state["almanac"]
    almanac["writing"] = "yes"
    almanac["text"] = ""
    years = weather.by_year()
    for number, (year, chapter) in enumerate(years.items(), start=1):
        almanac["progress"] = f"%Writing {year}: chapter {number} of {len(years)}"
        time.sleep(1)
        almanac["text"] += chapter + "\n\n"
    almanac["text"] += f"*Written by {almanac['author'] or 'nobody in particular'}.*"
    almanac["progress"] = f"+Finished: {len(years)} chapters"
    almanac["writing"] = "no"


def download_almanac(state):
    text = state["almanac"]["text"]
    state.file_download(ss.pack_bytes(text.encode(), mime_type="text/markdown"), "almanac.md")


# What every new session starts from

initial_state = ss.init_state(
    {
        "filter": MILD_DAYS,
        "records": weather.record_days(),
        "replay": {"number": 5, "playing": "no", "button": "Play"},
        "almanac": {
            "author": "",
            "text": "Nothing is written yet.",
            "progress": "",
            "writing": "no",
        },
    }
)
update(initial_state)
next_day(initial_state)
