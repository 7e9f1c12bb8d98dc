import * as chapters from "./chapters.mjs";
import { Cleanup } from "./cleanup.mjs";
import { Machine } from "./machine.mjs";
import { DemoError } from "./run.mjs";
import { Story } from "./story.mjs";
import { SERVICE, openWorkplace } from "./workplace.mjs";

const EXIT = { done: 0, failed: 1, elevation: 5 };

async function tellStory(demo) {
  const { story } = demo;
  const { tarball, identity } = await story.step(
    "Pack wsb-addin as it would be published, and scaffold “Contoso Ledger”",
    () => chapters.makeProject(demo),
  );
  const before = await story.step(
    "Install the packed kit with npm, and the application with its service",
    () => chapters.install(demo, tarball),
  );
  const scaffolded = { ...demo, identity };
  await story.step("Build the add-in and run its tests", () => chapters.buildAndTest(demo));
  const undo = await story.step("Register it: npm run register", () =>
    chapters.register(scaffolded),
  );
  await story.step("Prove the need of a writer: a backup that asks nobody", () =>
    chapters.backUpWithoutWriter(demo),
  );
  const recorded = await story.step(
    "Simulate a backup: freeze, shadow copy, thaw, and the add-in checks both components",
    () => chapters.simulateBackup(scaffolded),
  );
  await story.step(
    "Prove the need of the add-in: a restore without the add-in while the service runs",
    () => chapters.restoreWithoutAddin(demo),
  );
  await story.step("Restore with the add-in: both components, real files", () =>
    chapters.restore(scaffolded),
  );
  await story.step("Compare the restored files with the backup", () =>
    chapters.verify(demo, recorded),
  );
  await story.step("Unregister it and search for traces", () =>
    chapters.unregister(scaffolded, before, undo),
  );
}

/** Runs the remaining undo actions and reports the failed ones. */
async function leaveNothing({ story, cleanup }) {
  if (cleanup.pending.length === 0) return true;
  return story.step("Clean up", async () => {
    story.say(`Removing ${cleanup.pending.join(", ")},`);
    story.say("after the add-in's process has ended (it runs 5 s after its last client).");
    const failures = await cleanup.run();
    for (const { what, error } of failures) story.say(`Not removed: ${what}. ${error.message}`);
    return failures.length === 0;
  });
}

function explain(error, signal) {
  if (signal.aborted) return "Interrupted.";
  return error instanceof DemoError ? error.message : (error.stack ?? String(error));
}

/** @returns {Promise<boolean>} `true` when all steps succeeded. */
async function tellOrExplain(demo) {
  const { story, signal } = demo;
  try {
    const place = await openWorkplace(demo);
    await tellStory({ ...demo, place });
    return true;
  } catch (error) {
    story.verdict(explain(error, signal), "red");
    return false;
  }
}

/**
 * Runs all steps of the demo and cleans up.
 *
 * @param {AbortSignal} signal Stops the demo; the changes so far are undone.
 * @returns {Promise<number>} The exit code.
 */
export async function tell(signal) {
  const story = new Story();
  const cleanup = new Cleanup();
  let machine;
  try {
    machine = new Machine(signal);
  } catch (error) {
    story.verdict(explain(error, signal), "red");
    return EXIT.failed;
  }
  if (!machine.isElevated) {
    story.verdict(
      "The demo registers a COM class and a service. Run it from an elevated prompt.",
      "red",
    );
    return EXIT.elevation;
  }
  story.begin(`From the generator to a restored service, on ${machine.description}.`);
  const succeeded = await tellOrExplain({ story, cleanup, machine, signal });
  const lastStep = story.stepNumber;
  const isClean = await leaveNothing({ story, cleanup });
  if (succeeded && isClean) {
    story.verdict(
      `It works. The writer in TypeScript froze ${SERVICE} for the shadow copy. COM started the add-in out of process:\n${SERVICE} was stopped for the restore and started again. Its files are those of the freeze. No trace remains. ${story.elapsed}`,
      "green",
    );
    return EXIT.done;
  }
  if (story.stepNumber === 0) return EXIT.failed;
  const failedAt = succeeded ? story.stepNumber : lastStep;
  const left = isClean ? "Nothing is left behind." : "The leftovers are listed above.";
  story.verdict(`The demo failed at step ${failedAt}. ${left}`, "red");
  return EXIT.failed;
}
