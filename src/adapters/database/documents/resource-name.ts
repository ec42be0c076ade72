/** What everybody holds: the pseudo-role of the server, as findings name it. */
export const EVERYBODY_RESOURCE = 'role/PUBLIC';

/** The resource of a role. One that is really called `PUBLIC` keeps its quotes, so that it is not taken for everybody. */
export function roleResource(name: string): string {
  return /^"*PUBLIC"*$/.test(name) ? `role/"${name}"` : `role/${name}`;
}
