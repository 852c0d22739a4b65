// Times as the sitting member's own clock shows them. Slack's ts is seconds since 1970, as text.

const formats = new Map();

function format(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!formats.has(key)) {
    try {
      formats.set(
        key,
        new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...options }),
      );
    } catch {
      formats.set(
        key,
        new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", hourCycle: "h23", ...options }),
      );
    }
  }
  return formats.get(key);
}

const moment = (seconds) => new Date(Number(seconds) * 1000);

export const clockTime = (seconds, zone) =>
  format(zone, { hour: "2-digit", minute: "2-digit" }).format(moment(seconds));

export const dayAndTime = (seconds, zone) =>
  format(zone, {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).format(moment(seconds));

export const dayKey = (seconds, zone) =>
  format(zone, { year: "numeric", month: "2-digit", day: "2-digit" }).format(moment(seconds));

/** "Today", "Yesterday" or the date, as seen from the demo's clock. */
export function dayName(seconds, zone, now) {
  const key = dayKey(seconds, zone);
  if (key === dayKey(now, zone)) return "Today";
  if (key === dayKey(now - 86400, zone)) return "Yesterday";
  return format(zone, { weekday: "long", day: "numeric", month: "long" }).format(moment(seconds));
}

/** "Today at 09:12", "12 May at 09:12". */
export function whenSaid(seconds, zone, now) {
  const time = clockTime(seconds, zone);
  if (dayKey(seconds, zone) === dayKey(now, zone)) return `Today at ${time}`;
  return `${format(zone, { day: "numeric", month: "short" }).format(moment(seconds))} at ${time}`;
}

/** Slack's <!date^…^{date} at {time}> tokens. */
export function dateTokens(seconds, pattern, zone) {
  const long = format(zone, { day: "numeric", month: "long", year: "numeric" }).format(
    moment(seconds),
  );
  const short = format(zone, { day: "numeric", month: "short", year: "numeric" }).format(
    moment(seconds),
  );
  return pattern
    .replace(/\{date_short(_pretty)?\}/g, short)
    .replace(/\{date_num\}/g, dayKey(seconds, zone))
    .replace(/\{date(_long)?(_pretty)?\}/g, long)
    .replace(/\{time(_secs)?\}/g, clockTime(seconds, zone));
}

/** "Europe/Berlin" → "Berlin". */
export const city = (zone) => (zone || "UTC").split("/").pop().replaceAll("_", " ");
