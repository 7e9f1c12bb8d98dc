import type { ProcessIdentity } from "../../src/base/process-identity.ts";
import { SessionFold } from "../../src/runtime/restore/journal/session.ts";
import type {
  ComponentProgress,
  JournalService,
  SessionPhase,
  SessionSettings,
} from "../../src/runtime/restore/journal/step.ts";
import { settingsWith } from "./fakes/session-bed.ts";
import { CLSID } from "./manifest.ts";

/** Makes a session as its journal would tell of it. */
export function sessionWith({
  server,
  components = [],
  services = [],
  phase = "open",
  settings = {},
  damage,
}: {
  readonly server: ProcessIdentity;
  readonly components?: readonly ComponentProgress[];
  readonly services?: readonly JournalService[];
  readonly phase?: SessionPhase;
  readonly settings?: Partial<SessionSettings>;
  readonly damage?: string;
}): SessionFold {
  const session = new SessionFold(
    {
      type: "opened",
      version: 2,
      sessionId: "one",
      clsid: CLSID,
      server,
      settings: settingsWith(settings),
    },
    "2026-01-01T00:00:00.000Z",
  );
  session.change({ type: "services", services });
  for (const one of components) session.change({ type: "component", ...one });
  session.change({ type: "phase", phase, ...(phase === "started" && { byServer: true }) });
  session.damage = damage;
  return session;
}
