// What the link told while an examination ran, added to the path that it began with: a neighbour speaks when it likes.
import type { HeardOnLink } from '../../model/link-evidence.js';
import type { PathDescription } from '../../model/path.js';

/** The later word goes before the earlier one; a neighbour once heard stays known. */
export function addHeard(path: PathDescription, heard: HeardOnLink | null | undefined): PathDescription {
  if (heard === null || heard === undefined) return path;
  const neighbour = heard.neighbour ?? path.neighbour ?? null;
  const vlanIds = new Set([...(path.taggedVlanIds ?? []), ...heard.taggedVlanIds]);
  return { ...path, neighbour, taggedVlanIds: [...vlanIds].sort((a, b) => a - b) };
}
