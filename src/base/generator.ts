// The command line loads the generator's bundle only to change projects. The two share only these
// types.

/** A part that can be added to a project; the generator knows which names exist. */
export type Part =
  | { readonly kind: "handler" | "dotnet" | "check" | "ci"; readonly name: string }
  | {
      readonly kind: "writer";
      /** `declared` or `service`. */
      readonly name: string;
      /** The folder of the application's files, as Windows writes it. */
      readonly files?: string;
    }
  | { readonly kind: "cloud" };

export interface ProjectRequest {
  /** The absolute path of the project's folder. */
  readonly projectFolder: string;
  /** `true` to report the changes without making them. */
  readonly isDryRun: boolean;
}

/** A change to an existing file of a project. */
export interface FileChange {
  /** The path below the project's folder, with forward slashes. */
  readonly path: string;
  /** The change as a unified diff. */
  readonly diff: string;
}

/** The changes that a command made to a project or would make. */
export interface ProjectChanges {
  readonly created: readonly string[];
  readonly changed: readonly FileChange[];
  /** The remaining manual steps, as sentences. */
  readonly todo: readonly string[];
}

export interface UpgradeChanges extends ProjectChanges {
  /** The unchanged files of the shim's source that this version no longer has. */
  readonly removed: readonly string[];
  /** The kit's files that the owner has changed or removed. They are not updated. */
  readonly ownersFiles: readonly string[];
}

/**
 * A generator for existing projects. A call makes all reported changes or, when it rejects, none.
 */
export interface Generator {
  /**
   * Adds a part to a project.
   *
   * @throws {@link WsbError} `ERR_WSB_TARGET_EXISTS` when one of the part's files exists.
   */
  generate(request: ProjectRequest & { readonly part: Part }): Promise<ProjectChanges>;
  /** Updates the kit's unchanged files. */
  upgrade(request: ProjectRequest): Promise<UpgradeChanges>;
}
