/** The first argument of a server that COM starts; COM chooses its case. */
export const COM_ARGUMENT = "-Embedding";

/** The first argument of a server that its developer starts: it says when it serves. */
export const DEVELOPER_ARGUMENT = "--developer";

/** What a developer's server prints when COM finds it. */
export const SERVING = "The add-in serves.\n";

/** The first argument of a server that runs as the guardian of a session; the second is its class id. */
export const GUARDIAN_ARGUMENT = "--guardian";

/** The first argument of a server that runs one handler, which the next argument names. */
export const HANDLER_ARGUMENT = "--handler";

/** The first argument of a writer that the service manager starts; the second is the service's name. */
export const SERVICE_ARGUMENT = "--service";

/** The first argument of a server that only ends an interrupted session; the second is its class id. */
export const RECOVER_ARGUMENT = "--recover";
