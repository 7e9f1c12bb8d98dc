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
    "Install the packed kit with npm, and the service it is for",
    () => chapters.install(demo, tarball),
  );
  const scaffolded = { ...demo, identity };
  await story.step("Build the add-in and run its tests", () => chapters.buildAndTest(demo));
  const undo = await story.step("Register it: npm run register", () =>
    chapters.register(scaffolded),
  );
  await story.step("A backup: the add-in checks both components on the shadow copy", () =>
    chapters.simulateBackup(demo),
  );
  await story.step("The proof: a restore without the add-in, over the running service", () =>
    chapters.restoreWithoutAddin(demo),
  );
  await story.step("The restore with the add-in: both components, real files", () =>
    chapters.restore(scaffolded),
  );
  await story.step("Look at what was restored", () => chapters.verify(demo));
  await story.step("Unregister it, and look for traces", () =>
    chapters.unregister(scaffolded, before, undo),
  );
}

/** Undoes what is left; tells what could not be. */
async function leaveNothing({ story, cleanup }) {
  if (cleanup.pending.length === 0) return true;
  return story.step("Leave nothing behind", async () => {
    story.say(`Removing ${cleanup.pending.join(", ")},`);
    story.say("as soon as the add-in's process has ended (it stays 5 s after its last client).");
    const failures = await cleanup.run();
    for (const { what, error } of failures) story.say(`Not removed: ${what}. ${error.message}`);
    return failures.length === 0;
  });
}

function explain(error, signal) {
  if (signal.aborted) return "Interrupted.";
  return error instanceof DemoError ? error.message : (error.stack ?? String(error));
}

/** @returns {Promise<boolean>} Whether the story came to its end. */
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
 * Runs the demo from the first step to the last trace removed.
 *
 * @param {AbortSignal} signal Ends the story where it is; what was done so far is undone.
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
      `It works. COM started the TypeScript add-in out of process; ${SERVICE} was stopped for the restore\nand ran again after it; its files are those of the backup; no trace is left. ${story.elapsed}`,
      "green",
    );
    return EXIT.done;
  }
  if (story.stepNumber === 0) return EXIT.failed;
  const failedAt = succeeded ? story.stepNumber : lastStep;
  const left = isClean ? "Nothing is left behind." : "What is left behind is named above.";
  story.verdict(`The demo failed at step ${failedAt}. ${left}`, "red");
  return EXIT.failed;
}
