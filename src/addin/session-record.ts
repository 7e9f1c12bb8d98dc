import type { Log } from "../log.ts";
import type { RecordSession, SessionEvent } from "../restore/events.ts";

function sentence(event: SessionEvent): readonly ["info" | "warn" | "error", string] {
  switch (event.event) {
    case "sessionOpened":
      return ["info", `Restore session opened by ${event.clientImage} (${event.clientPid}).`];
    case "serviceStopping":
      return ["info", `Service ${event.service} is being stopped.`];
    case "serviceStopped":
      return ["info", `Service ${event.service} is stopped.`];
    case "serviceStarting":
      return ["info", `Service ${event.service} is being started.`];
    case "serviceStarted":
      return ["info", `Service ${event.service} is running again.`];
    case "serviceFailed":
      return ["error", event.text];
    case "serverLost":
      return ["warn", `The server (${event.serverPid}) ended during a restore session.`];
    case "sessionClosed":
      return event.leftStopped.length === 0
        ? ["info", `Restore session closed: ${event.outcome}.`]
        : ["error", `Left stopped: ${event.leftStopped.join(", ")}`];
    case "message":
      return [event.level, event.text];
  }
}

/** Puts what happens in a restore session into the log. */
export function recordIn(log: Log): RecordSession {
  return (event) => log(...sentence(event));
}
