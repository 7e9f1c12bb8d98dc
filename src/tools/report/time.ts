/** The shown part of a time: `2025-08-01 14:05`, `14:05:09.123`, or everything with the zone. */
export type TimePart = "minute" | "time" | "whole";

function pad(number: number, length = 2): string {
  return String(number).padStart(length, "0");
}

function zoneOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const sign = minutes < 0 ? "-" : "+";
  const size = Math.abs(minutes);
  return `UTC${sign}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

/** Formats a time in this machine's time zone, the same in every language. */
export function showTime(ms: number, part: TimePart): string {
  const date = new Date(ms);
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  const minute = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  const time = `${minute}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
  if (part === "minute") return `${day} ${minute}`;
  return part === "time" ? time : `${day} ${time} ${zoneOf(date)}`;
}
