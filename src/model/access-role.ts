// What somebody who has logged in may do: the words of the API and of the command line.

/** A viewer may look; an admin may also send packets and change things. */
export const ROLES = ['admin', 'viewer'] as const;
export type Role = (typeof ROLES)[number];
