// The generator changes projects for the command line, which loads its bundle only then. These types
// are all that the two share.

/** A part that can be added to a project; the generator knows which names exist. */
export type Part =
  | { readonly kind: "handler" | "dotnet" | "check" | "ci"; readonly name: string }
  | { readonly kind: "cloud" };

export interface ProjectRequest {
  /** Absolute path. */
  readonly projectFolder: string;
  /** Reports the changes without making them. */
  readonly isDryRun: boolean;
}

/** A change to an existing file of a project. */
export interface FileChange {
  /** Below the project's folder, with forward slashes. */
  readonly path: string;
  /** Unified. */
  readonly diff: string;
}

/** The changes that a command made to a project, or would make. */
export interface ProjectChanges {
  readonly created: readonly string[];
  readonly changed: readonly FileChange[];
  /** Sentences that tell the project's owner what remains to be done by hand. */
  readonly todo: readonly string[];
}

export interface UpgradeChanges extends ProjectChanges {
  /** Files of the shim's source that this version no longer has and that nobody has changed. */
  readonly removed: readonly string[];
  /** Files of the kit that their owner has changed or removed. They stay untouched. */
  readonly ownersFiles: readonly string[];
}

/** Changes existing projects: each call changes everything it reports or, when it rejects, nothing. */
export interface Generator {
  /**
   * Adds a part to a project.
   *
   * @throws {@link WsbError} `ERR_WSB_TARGET_EXISTS` when one of the part's files exists.
   */
  generate(request: ProjectRequest & { readonly part: Part }): Promise<ProjectChanges>;
  /** Updates the kit's files that nobody has changed. */
  upgrade(request: ProjectRequest): Promise<UpgradeChanges>;
}
