/** Folder of a shim's source in a project. */
export const SHIM_FOLDER = "native";
