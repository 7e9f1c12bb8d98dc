/** The first argument of a server that runs as the guardian of a session; the second is its class id. */
export const GUARDIAN_ARGUMENT = "--guardian";

/** The first argument of a server that runs one handler, which the next argument names. */
export const HANDLER_ARGUMENT = "--handler";

/** The first argument of a server that only ends an interrupted session; the second is its class id. */
export const RECOVER_ARGUMENT = "--recover";
