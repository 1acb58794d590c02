// Beside a time at the venue: the viewer's own, where it differs.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const language = document.documentElement.lang || undefined;

function wallClock(instant, timeZone) {
  return new Intl.DateTimeFormat(language, {
    timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).format(instant);
}

export function showLocalTimes() {
  for (const time of document.querySelectorAll("time[data-viewer]")) {
    const instant = new Date(time.dateTime);
    const mine = wallClock(instant, zone);
    if (mine === wallClock(instant, time.dataset.zone)) continue;
    const note = document.createElement("span");
    note.className = "viewer-time";
    note.textContent = time.dataset.viewer.replace("{}", mine);
    time.after(note);
  }
}
