/** A list of undo actions, run in reverse order after the demo, successful or not. */
export class Cleanup {
  #actions = [];

  /**
   * Adds an undo action.
   *
   * @param {string} what A description of the change for people.
   * @param {() => Promise<void>} action
   * @returns {() => Promise<void>} A function that runs the action now and removes it from the
   * list.
   */
  add(what, action) {
    const entry = { what, action };
    this.#actions.push(entry);
    return async () => {
      await action();
      this.#actions = this.#actions.filter((one) => one !== entry);
    };
  }

  /** Returns the descriptions of the remaining actions. */
  get pending() {
    return this.#actions.map(({ what }) => what).toReversed();
  }

  /**
   * Runs all remaining actions, even if one fails.
   *
   * @returns {Promise<{ what: string, error: Error }[]>} The failed actions.
   */
  async run() {
    const failures = [];
    for (const { what, action } of this.#actions.toReversed()) {
      try {
        await action();
      } catch (error) {
        failures.push({ what, error });
      }
    }
    this.#actions = [];
    return failures;
  }
}
