const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const units = [
  [DAY, "d"],
  [HOUR, "h"],
  [MINUTE, "min"],
  [SECOND, "s"],
] as const;

/** Formats a duration in its two largest units: `950 ms`, `4.2 s`, `3 min 5 s`, `2 h 10 min`. */
export function showDuration(ms: number): string {
  const whole = Math.round(ms);
  if (whole < SECOND) return `${whole} ms`;
  if (whole < 10 * SECOND) return `${(whole / SECOND).toFixed(1).replace(/\.0$/u, "")} s`;
  let rest = Math.round(whole / SECOND) * SECOND;
  const parts: string[] = [];
  for (const [size, name] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

/** Formats a duration in its largest unit: `950 ms`, `4 s`, `60 min`. */
export function showRoughDuration(ms: number): string {
  const [size, name] = units.find(([unit]) => ms >= unit) ?? ([1, "ms"] as const);
  return `${Math.round(ms / size)} ${name}`;
}

function pad(number: number, length: number): string {
  return String(number).padStart(length, "0");
}

/**
 * Formats a multiple of `stepMs` exactly, so that neighbours differ: `1.05 s`, `10 min 5 s`,
 * `1:00:05`.
 */
export function showMultiple(ms: number, stepMs: number): string {
  if (ms >= SECOND && ms < MINUTE) return `${ms / SECOND} s`;
  const unit = ms < HOUR ? SECOND : ms < DAY ? MINUTE : HOUR;
  if (ms < SECOND || stepMs >= unit) return showDuration(ms);
  const days = ms < DAY ? "" : `${Math.floor(ms / DAY)} d `;
  const hours = Math.floor((ms % DAY) / HOUR);
  const minutes = pad(Math.floor((ms % HOUR) / MINUTE), 2);
  const seconds = pad(Math.floor((ms % MINUTE) / SECOND), 2);
  const rest = stepMs < SECOND ? `.${pad(ms % SECOND, 3)}` : "";
  return `${days}${hours}:${minutes}:${seconds}${rest}`;
}
