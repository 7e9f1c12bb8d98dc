/** Undoes what the demo did, in reverse order, whether or not the demo came to its end. */
export class Cleanup {
  #actions = [];

  /**
   * Remembers how to undo something.
   *
   * @param {string} what What there is to undo, for a person.
   * @param {() => Promise<void>} action
   * @returns {() => Promise<void>} Undoes it now; afterwards it counts as done.
   */
  add(what, action) {
    const entry = { what, action };
    this.#actions.push(entry);
    return async () => {
      await action();
      this.#actions = this.#actions.filter((one) => one !== entry);
    };
  }

  /** What is still to be undone. */
  get pending() {
    return this.#actions.map(({ what }) => what).toReversed();
  }

  /**
   * Undoes everything that is left; one failure does not keep the others from being tried.
   *
   * @returns {Promise<{ what: string, error: Error }[]>} What could not be undone.
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
