import { Definition, type OptionalField, type TypeOf } from "../../base/document/definition.ts";
import { fields, forms } from "../../base/document/fields.ts";
import { boolean, choice, list, string } from "../../base/document/kinds.ts";
import { guid } from "../../base/document/parts.ts";
import { INVALID, type Invalid, type Place } from "../../base/document/place.ts";
import { shared } from "../../base/document/schema.ts";
import { serviceNameRule } from "./rules.ts";
import type { Writer } from "./writer.ts";
import { writerSettings } from "./writer-settings.ts";
import {
  componentKey,
  componentNameRule,
  componentProblems,
  fileSetKey,
  filespecRule,
  folderRule,
  logicalPathRule,
  xmlTextRule,
} from "./writer-rules.ts";

/** A field that exists for another kind of writer only; its rule says which. */
function refused(rule: string): OptionalField<undefined> {
  return {
    isOptional: true,
    read: (value, place) => (value === undefined ? undefined : place.refuse(rule)),
    schema: () => ({ not: {}, description: rule }),
  };
}

const folder = shared(
  "folder",
  string
    .check(folderRule, {
      minLength: 1,
      maxLength: 32_767,
      pattern: '^(?:[A-Za-z]:\\\\|%[^%]+%)[^*?/<>|":\\u0000-\\u001F\\u007F-\\u009F]*$',
    })
    .about(
      "A folder on a local drive, without wildcards. It may contain environment variables of the machine, not of a user.",
      { examples: ["C:\\ProgramData\\Contoso\\Ledger", "%ProgramData%\\Contoso\\Ledger"] },
    ),
);

const filespec = shared(
  "filespec",
  string
    .check(filespecRule, {
      minLength: 1,
      maxLength: 256,
      pattern: '^[^\\\\/:<>|"\\u0000-\\u001F\\u007F-\\u009F]+$',
    })
    .about("A file name, or a pattern with * and ?.", { examples: ["*", "*.dat"] }),
);

const recursive = boolean.about("true includes the files in all subfolders.");

const fileSet = { path: folder, filespec, recursive };

const databaseFileSet = fields({ path: folder, filespec });

const componentName = shared(
  "componentName",
  string
    .check(componentNameRule, {
      minLength: 1,
      maxLength: 256,
      pattern: "^[^\\\\\\u0000-\\u001F\\u007F-\\u009F]+$",
    })
    .about("Name of a component; not localized."),
);

const logicalPath = shared(
  "logicalPath",
  string
    .check(logicalPathRule, {
      pattern:
        "^[^\\\\\\u0000-\\u001F\\u007F-\\u009F]+(?:\\\\[^\\\\\\u0000-\\u001F\\u007F-\\u009F]+)*$",
    })
    .about("Names of the groups that contain the component, with \\ between them."),
);

const dependency = fields({
  writerId: guid.about("Class id of the writer that has the component."),
  logicalPath: logicalPath.optional(),
  name: componentName,
});

const ofComponents = { of: "components", distinctBy: componentKey };
const ofFileSets = { of: "sets of files", distinctBy: fileSetKey };

const component = {
  name: componentName,
  logicalPath: logicalPath.optional(),
  caption: string
    .check(xmlTextRule, { pattern: "^[^\\u0000-\\u001F\\u007F-\\u009F]*$" })
    .about("Text for people.")
    .optional(),
  selectable: boolean.about("Whether people may select it for a backup; default true.").or(true),
  selectableForRestore: boolean
    .about("Whether people may select it for a restore; default true.")
    .or(true),
  dependencies: list(dependency, { of: "components", distinctBy: (one) => JSON.stringify(one) })
    .about("Components that are backed up and restored together with this one.")
    .or([]),
};

const onlyInService = (what: string): string =>
  `needs "kind": "service", because a declared writer cannot have ${what}`;

const declaredComponent = fields({
  ...component,
  files: list(
    fields({ ...fileSet, alternatePath: refused(onlyInService("an alternate path")) }),
    ofFileSets,
  )
    .about("Files of the component.")
    .or([]),
  databaseFiles: refused(onlyInService("databases")),
  logFiles: refused(onlyInService("databases")),
});

const serviceComponent = fields({
  ...component,
  files: list(
    fields({
      ...fileSet,
      alternatePath: folder
        .about("Folder from which a backup reads the files; they are restored to path.")
        .optional(),
    }),
    ofFileSets,
  )
    .about("Files of the component.")
    .or([]),
  databaseFiles: list(databaseFileSet, ofFileSets)
    .about("Files of a database without its logs; a component with these has no files.")
    .or([]),
  logFiles: list(databaseFileSet, ofFileSets).about("Logs of a database.").or([]),
});

const own = {
  restoreMethod: choice([
    "restoreIfNotThere",
    "restoreIfCanReplace",
    "stopRestoreStart",
    "restoreAtReboot",
    "restoreAtRebootIfCannotReplace",
  ])
    .about(
      "How backup programs restore the files; default restoreIfCanReplace. With stopRestoreStart, the backup program stops restoreService; it is for applications without an add-in.",
    )
    .or("restoreIfCanReplace"),
  restoreService: string
    .check(serviceNameRule)
    .about("Service that the backup program stops, for stopRestoreStart.")
    .optional(),
  exclude: list(fields(fileSet), ofFileSets).about("Files that a backup leaves out.").or([]),
};

const writerForms = forms("kind", {
  external: {},
  declared: {
    components: list(declaredComponent, { least: 1, ...ofComponents }).about(
      "What can be backed up and restored by itself.",
    ),
    backupSchema: list(choice(["copy"]), { of: "words", distinctBy: (word) => word })
      .about("Kinds of backup besides a full one; default copy, the only one of a declared writer.")
      .or(["copy"]),
    ...own,
  },
  service: {
    components: list(serviceComponent, { least: 1, ...ofComponents }).about(
      "What can be backed up and restored by itself.",
    ),
    backupSchema: list(choice(["copy", "differential", "incremental", "log"]), {
      of: "words",
      distinctBy: (word) => word,
    })
      .about("Kinds of backup besides a full one; default copy.")
      .or(["copy"]),
    ...writerSettings,
    ...own,
  },
});

function checkRestoreService(
  writer: Exclude<TypeOf<typeof writerForms>, { kind: "external" }>,
  place: Place,
): void {
  const stops = writer.restoreMethod === "stopRestoreStart";
  const field = place.field("restoreService");
  if (stops && writer.restoreService === undefined) {
    field.refuse(`is missing, and ${writer.restoreMethod} needs it`);
  }
  if (!stops && writer.restoreService !== undefined) {
    field.refuse(`must not be set, because ${writer.restoreMethod} stops no service`);
  }
}

/** The definition of `writer`, without the rules that need other fields of the manifest. */
export const writerDefinition: Definition<Writer> = writerForms.map((writer, place) => {
  const before = place.problems.length;
  if (writer.kind !== "external") checkRestoreService(writer, place);
  return place.problems.length === before ? writer : INVALID;
});

/** The fields of a manifest that a writer's rules need. */
interface WriterContext {
  readonly name: string;
  readonly writerId: string;
  readonly hasAddin: boolean;
}

function placeOf(parent: Place, name: string | number): Place {
  return typeof name === "number" ? parent.item(name) : parent.field(name);
}

/** Checks a writer against the other fields of its manifest, and reports each problem. */
export function checkWriter(
  writer: Writer,
  { name, writerId, hasAddin }: WriterContext,
  manifest: Place,
): undefined | Invalid {
  if (writer.kind === "external") return undefined;
  const before = manifest.problems.length;
  const place = manifest.field("writer");
  const nameRule = xmlTextRule(name);
  if (nameRule !== undefined) manifest.field("name").refuseValue(nameRule, name);
  if (hasAddin && writer.restoreMethod === "stopRestoreStart") {
    place
      .field("restoreMethod")
      .refuse(
        "must not be stopRestoreStart beside clsid: the add-in stops the services; list them in services",
      );
  }
  for (const { path, rule } of componentProblems(writer.components, writerId)) {
    path.reduce(placeOf, place.field("components")).refuse(rule);
  }
  return manifest.problems.length === before ? undefined : INVALID;
}
