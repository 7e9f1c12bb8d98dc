/** First argument of a server that is to be the guardian of a session. */
export const GUARDIAN_ARGUMENT = "--guardian";

/** First argument of a server that ends a restore session which broke off, and serves nothing. */
export const RECOVER_ARGUMENT = "--recover";
