import { errorText, WsbError } from "../../../../src/base/errors.ts";
import { repairRegistration } from "../../../../src/tools/cli/commands/recover.ts";
import { register } from "../../../../src/tools/cli/commands/register.ts";
import type { UnregisterRequest } from "../../../../src/tools/cli/commands/unregister.ts";
import { judgeRegistration } from "../../../../src/tools/cli/shared/judge-registration.ts";
import type { Condition } from "../../../../src/tools/registration/condition.ts";
import { MANIFEST_FILE } from "../../../../src/runtime/manifest/manifest.ts";
import { WRITER_ID } from "../../../helpers/manifest.ts";
import type { Process } from "../../machine/processes.ts";
import {
  allOrNothing,
  editsAreNamed,
  editsStay,
  serviceRuns,
  statusIsTrue,
} from "../invariants.ts";
import type { CommandPlan } from "../schedule.ts";
import { NOT_REGISTERED, type Target } from "../truth.ts";
import { variants, type Variant } from "../variants.ts";
import type { RegistrationWorld } from "../world.ts";
import { openKit, recordNow, type Kit } from "./kit.ts";

/** How a command ends; nobody hears of one that dies or hangs. */
export type CommandEnd = Condition | "done" | "failed";

const manifest = MANIFEST_FILE;
const writer = { manifest, writerId: WRITER_ID };

function variantOf({ variant }: CommandPlan): Variant {
  const found = variants[variant];
  if (found === undefined) throw new RangeError(`There is no variant ${variant}.`);
  return found;
}

function targetOf(plan: CommandPlan): Target | undefined {
  if (plan.command === "unregister") return NOT_REGISTERED;
  if (plan.command !== "register") return undefined;
  const hasTask = plan.bootRecovery && variantOf(plan).task !== undefined;
  return { variant: plan.variant, hasTask };
}

/** Runs a command to its end. */
export async function runCommand(world: RegistrationWorld, plan: CommandPlan): Promise<CommandEnd> {
  const { processes, truth } = world;
  const process = processes.start(plan.command, -1);
  const target = targetOf(plan);
  world.note(`${process.name} begins ${JSON.stringify(plan)}`);
  if (target !== undefined) truth.begins(process, target);
  world.running.add(process);
  if (plan.command === "register" && plan.force) world.forced.add(process);
  process.exits.push(() => world.running.delete(process));
  const kit = openKit(world, process);
  const end = await perform(world, process, { plan, kit });
  if (process.state !== "runs") return new Promise(() => {});
  processes.end(process, `ends: ${end}`);
  world.checkWhenQuiet();
  return end;
}

interface Running {
  readonly plan: CommandPlan;
  readonly kit: Kit;
}

async function perform(
  world: RegistrationWorld,
  process: Process,
  { plan, kit }: Running,
): Promise<CommandEnd> {
  const { truth } = world;
  try {
    const end = await commands[plan.command](world, kit, plan);
    if (process.state === "runs") truth.ends(process, true);
    return end;
  } catch (error) {
    if (process.state !== "runs") return "failed";
    world.note(`${process.name} fails: ${errorText(error)}`);
    const target = targetOf(plan);
    const isUndone = !(error instanceof WsbError && error.code === "ERR_WSB_UNDO");
    if (!isUndone && target !== undefined) truth.mayBe(target);
    truth.ends(process, false);
    return "failed";
  }
}

/** What a command knows of its registration without a record. */
function expectedOf(command: CommandPlan): Pick<UnregisterRequest, "plan" | "parts"> {
  const { plan, document, service } = variantOf(command);
  const parts = {
    ...(document !== null && { document }),
    ...(service !== null && { service }),
  };
  return { plan, parts };
}

type Command = (world: RegistrationWorld, kit: Kit, plan: CommandPlan) => Promise<CommandEnd>;

const commands: Readonly<Record<CommandPlan["command"], Command>> = {
  async register(world, { binding, machine, screen, told }, command) {
    const edits = new Map(world.truth.edits);
    const { force, update, repair, bootRecovery } = command;
    const { plan, ...variant } = variantOf(command);
    const options = { manifest, activate: true, force, update, bootRecovery };
    const isRepair = repair && world.fault.canRepair;
    await register(
      {
        manifest: variant.manifest,
        installation: variant.installation,
        plan,
        binding,
        machine,
        options: { ...options, repair: isRepair },
        warnings: [],
      },
      screen,
    );
    world.check(
      editsAreNamed(world, { edits, to: { variant: command.variant, hasTask: true }, told }),
    );
    world.check(serviceRuns(world, { variant: command.variant, hasTask: true }));
    world.truth.overwritten(plan, world.registry);
    return "done";
  },

  async unregister(world, { binding, machine, screen, told }, command) {
    const edits = new Map(world.truth.edits);
    const repair = command.repair && world.fault.canRepair;
    const removal = {
      binding,
      machine,
      options: { ...writer, repair },
      ...expectedOf(command),
    };
    await world.fault.removeWriter(removal, screen);
    world.check(editsAreNamed(world, { edits, to: NOT_REGISTERED, told }));
    return "done";
  },

  async recover(_, { binding, machine, screen }) {
    await repairRegistration(binding, { machine, writerId: WRITER_ID }, screen);
    return "done";
  },

  async status(world, { binding, machine }, command) {
    await world.fault.beforeStatus(machine, WRITER_ID);
    const { condition } = await judgeRegistration({
      binding,
      open: () => machine,
      options: writer,
      ...expectedOf(command),
    });
    if (world.running.size === 1) {
      world.check(statusIsTrue(world, condition, recordNow(world)));
    }
    return condition;
  },
};

/** What holds while no command runs. */
export function checkQuiet(world: RegistrationWorld): void {
  const record = recordNow(world);
  world.check(allOrNothing(world, record));
  world.check(editsStay(world, record));
}
