/** Returns a service's name in the form in which the service control manager compares names: without case. */
export function foldName(name: string): string {
  return name.toUpperCase();
}
