import { testSimulation } from "../test-simulation.ts";
import { knownFaults } from "./faults.ts";
import { foundFaults } from "./found.ts";
import { registrations } from "./run.ts";
import { withDeed } from "./schedule.ts";

testSimulation(registrations, { knownFaults, foundFaults, withDeed });
