/** The measured add-in; native/bench/plain-addin.hpp does the same without JavaScript. */
import { setTimeout as delay } from "node:timers/promises";

import { defineAddin, type Addin } from "wsb-addin";

const SLOW = "slow:";

const addin: Addin = defineAddin({
  preRestore({ componentName }, { signal }) {
    if (componentName?.startsWith(SLOW) !== true) return;
    return delay(Number(componentName.slice(SLOW.length)), undefined, { signal });
  },
  postRestore() {},
  orderComponents: ({ components }) => components.toReversed(),
  isRollForwardSupported: () => true,
  checkConsistency: (_, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    }),
});
export default addin;
