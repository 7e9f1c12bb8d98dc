import { knownFaults } from "./faults.ts";
import { backups } from "./run.ts";
import { withDeed } from "./schedule.ts";
import { testSimulation } from "../test-simulation.ts";

testSimulation(backups, { knownFaults, foundFaults: [], withDeed });
