"""Working hours of the referee: weekly hours, daily breaks, and the moments at which a shift begins or ends."""
import functools
import json

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
DAY = 86400


def clock(minutes):
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def text(calendar):
    """A calendar as a scenario writes it. Hours are [first day, last day, from, to] in minutes; to <= from ends the next day."""
    weekly = [f"{DAYS[a]}-{DAYS[b]} {clock(m)}-{clock(n)}" for a, b, m, n in calendar["weekly"]]
    out = {"weekly": weekly}
    if calendar.get("breaks"):
        out["breaks"] = [f"{clock(m)}-{clock(n)}" for m, n in calendar["breaks"]]
    return out


@functools.lru_cache(maxsize=1024)
def _hours(key, days):
    calendar = json.loads(key)
    on = []
    for day in range(-7, days + 1):  # the run starts on a Monday
        for first, last, begin, end in calendar["weekly"]:
            if first <= day % 7 <= last:
                on.append((day * DAY + begin * 60, day * DAY + (end if end > begin else end + 1440) * 60))
    on.sort()
    merged = []
    for begin, end in on:
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    for begin, end in calendar.get("breaks", []):
        for day in range(-7, days + 1):
            a, b = day * DAY + begin * 60, day * DAY + (end if end > begin else end + 1440) * 60
            merged = [piece for x, y in merged for piece in ((x, min(y, a)), (max(x, b), y)) if piece[0] < piece[1]]
    return merged


def hours(calendar, horizon):
    return _hours(json.dumps(calendar, sort_keys=True), int(horizon // DAY) + 2)


def switches(calendar, horizon):
    return sorted({t for piece in hours(calendar, horizon) for t in piece if 0 < t <= horizon})


def on_at(calendar, time):
    return any(begin <= time + 1e-9 and time + 1e-9 < end for begin, end in hours(calendar, time))
