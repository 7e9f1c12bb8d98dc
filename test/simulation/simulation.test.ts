import { knownFaults } from "./faults.ts";
import { foundFaults } from "./found.ts";
import { restores } from "./run.ts";
import { withDeed } from "./schedule.ts";
import { testSimulation } from "./test-simulation.ts";

testSimulation(restores, { knownFaults, foundFaults, withDeed });
